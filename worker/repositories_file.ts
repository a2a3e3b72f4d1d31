/** The configuration of repositories: JSON in the environment itself, or in a file that it names. */
import { readFileSync } from 'node:fs'
import { readRepositories, type Repositories } from '../shared/repositories.ts'

/**
 * Read REPOSITORIES.
 *
 * @param value  an object as JSON, or the path of a file that holds one; undefined configures nothing
 * @param faults  what is wrong is added here
 */
export function repositoriesFrom(value: string | undefined, faults: string[]): Repositories {
  if (value === undefined) return undefined
  try {
    return readRepositories(value.startsWith('{') ? value : readFileSync(value, 'utf8'))
  } catch (error) {
    faults.push(`REPOSITORIES: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
