/** Options of a command line, read once; what is wrong with them is one sentence. */
import { parseArgs } from 'node:util'

/** A command was called wrongly; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What options a command has: those with a value, and those without. */
type OptionTable = Readonly<
  Record<string, { readonly type: 'string'; readonly default?: string } | { readonly type: 'boolean' }>
>

/** The value of each option that was given, or that has a default. */
type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { type: 'boolean' }
    ? boolean
    : Table[Name] extends { default: string }
      ? string
      : string | undefined
}

/**
 * Read the options of a command that takes nothing else.
 *
 * @throws {UsageError} for an option that there is not, or a word too many
 */
export function readOptions<Table extends OptionTable>(
  argv: readonly string[],
  options: Table,
): OptionValues<Table> {
  try {
    const { values } = parseArgs({ args: [...argv], options })
    const flags = Object.entries(options).map(([name, { type }]) => [
      name,
      type === 'boolean' ? false : undefined,
    ])
    return { ...Object.fromEntries(flags), ...values } as OptionValues<Table>
  } catch (error) {
    // Node adds advice on how to pass it as an argument, which no command here takes.
    const [said] = (error as Error).message.split('. ')
    throw new UsageError(`${said?.replace(/^./, (first) => first.toLowerCase())}`)
  }
}

/**
 * A port as an option of `up`, left out when it was not given.
 *
 * @throws {UsageError} when it is none
 */
export function portOf<Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [N in Name]?: number } {
  if (text === undefined) return {}
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`expected a port from 0 to 65535, got "${text}"`)
  return { [name]: port } as { readonly [N in Name]?: number }
}
