/**
 * The desk: where bytes are put together, the texts that hashes are made of and the lines of the output.
 *
 * What every row has in common stands at its beginning, once, and is copied from there within the same
 * memory: 0.03 µs for 60 bytes, where another array takes three times as long.
 */

export interface Desk {
  bytes: Buffer
  /** Where the next byte goes. */
  at: number
}

/** A text that stands on the desk. */
export interface Constant {
  readonly start: number
  readonly end: number
}

/** Copying fewer bytes than these one by one is quicker than a call. */
const LOOP_BYTES_MAX = 12

const DESK_BYTES = 1024 * 1024

export function openDesk(): Desk {
  return { bytes: Buffer.allocUnsafe(DESK_BYTES), at: 0 }
}

/** Put a text that will be copied often; before any row. */
export function putConstant(desk: Desk, text: string): Constant {
  const start = desk.at
  putText(desk, text)
  return { start, end: desk.at }
}

/** See that so many bytes fit. */
export function makeSpace(desk: Desk, length: number): void {
  if (desk.at + length <= desk.bytes.length) return
  const bytes = Buffer.allocUnsafe(Math.max(2 * desk.bytes.length, desk.at + length))
  desk.bytes.copy(bytes, 0, 0, desk.at)
  desk.bytes = bytes
}

/** Put what stands elsewhere on the desk. */
export function copyHere(desk: Desk, start: number, end: number): void {
  const length = end - start
  makeSpace(desk, length)
  const { bytes, at } = desk
  desk.at = at + length
  if (length > LOOP_BYTES_MAX) bytes.copyWithin(at, start, end)
  else for (let from = start, to = at; from < end; from++, to++) bytes[to] = bytes[from]!
}

/** Put bytes from elsewhere. */
export function putBytes(desk: Desk, source: Uint8Array, start: number, end: number): void {
  const length = end - start
  makeSpace(desk, length)
  const { bytes, at } = desk
  desk.at = at + length
  if (length > 2 * LOOP_BYTES_MAX) bytes.set(source.subarray(start, end), at)
  else for (let from = start, to = at; from < end; from++, to++) bytes[to] = source[from]!
}

/** Put a text of ASCII. */
export function putText(desk: Desk, text: string): void {
  const { length } = text
  makeSpace(desk, length)
  const { bytes, at } = desk
  desk.at = at + length
  if (length > LOOP_BYTES_MAX) bytes.write(text, at, 'latin1')
  else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i)
}

/** Put one byte. */
export function putByte(desk: Desk, byte: number): void {
  makeSpace(desk, 1)
  desk.bytes[desk.at++] = byte
}
