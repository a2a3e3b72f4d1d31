/** Answers to people as GitHub shows them. */

/** In every comment that Machine writes: whoever reads comments for commands leaves those alone. */
export const OWN_MARK = '<!-- machine:'

/** By this an answer is found again; it is not to be seen on GitHub's page. */
export function replyMark(id: string): string {
  return `${OWN_MARK}reply:${id} -->`
}

/** The text of the comment that answers somebody. */
export function answerText({ id, content }: { readonly id: string; readonly content: string }): string {
  return `${content}\n\n${replyMark(id)}`
}
