/** What products are made of now: the current run of each data source of the default branch, with its files. */
import { type CurrentRun, readCurrent } from '../shared/db/current.ts'
import { readRunFiles, type RunFiles } from '../shared/db/run_files.ts'
import type { ISql } from '../shared/db/sql.ts'
import { licenseOfState } from '../shared/license.ts'
import { type ManifestSource, manifestTerms } from '../shared/manifest.ts'
import type { Storage } from './io/storage.ts'
import { OUT_GEOJSON_GZ } from './outputs/geojson.ts'
import type { ProductSource } from './products/product_source.ts'

/** The layer that collections and tiles are of. */
const LAYER = 'addresses'

/** A repository of sources. */
export interface Repository {
  readonly owner: string
  readonly repository: string
}

/** A current run and what it left. */
interface Current {
  readonly run: CurrentRun
  readonly files: RunFiles | undefined
}

/** The address sources that products are made of, by path. */
export async function readAddressSources(sql: ISql, repository: Repository): Promise<ProductSource[]> {
  const all = await readAll(sql, repository)
  return all.filter(({ run }) => run.layer === LAYER).map(productSource)
}

/** Every data source, for the manifest. */
export async function readManifestSources(
  sql: ISql,
  repository: Repository,
  storage: Storage,
): Promise<ManifestSource[]> {
  return (await readAll(sql, repository)).map((current) => manifestSource(current, storage))
}

async function readAll(sql: ISql, { owner, repository }: Repository): Promise<Current[]> {
  const runs = await readCurrent(sql, owner, repository)
  const files = await readRunFiles(
    sql,
    runs.map(({ filesRunId }) => filesRunId),
  )
  return runs.map((run) => ({ run, files: files.get(run.filesRunId) }))
}

function productSource({ run, files }: Current): ProductSource {
  const data = files?.artifacts.find(({ name }) => name === OUT_GEOJSON_GZ)
  return {
    sourcePath: run.sourcePath,
    layer: run.layer,
    name: run.name,
    website: run.state.website,
    license: licenseOfState(run.state),
    dataDate: files?.settledAt ?? run.settledAt,
    runId: run.filesRunId,
    rows: run.rows ?? 0,
    key: `runs/${run.filesRunId}/${OUT_GEOJSON_GZ}`,
    bytes: data?.bytes ?? null,
    sha256: data?.sha256 ?? null,
  }
}

function manifestSource({ run, files }: Current, storage: Storage): ManifestSource {
  return {
    source: run.sourcePath,
    layer: run.layer,
    name: run.name,
    run: run.filesRunId,
    rows: run.rows,
    data_date: (files?.settledAt ?? run.settledAt).toISOString(),
    website: run.state.website,
    ...manifestTerms(licenseOfState(run.state)),
    files: (files?.artifacts ?? [])
      // A log and a picture are files of a run, but nothing that is published as data.
      .filter(({ name }) => /\.(?:gz|zip|parquet|fgb|pmtiles)$/.test(name) && !name.startsWith('cache'))
      .map(({ name, bytes, rows, sha256 }) => ({
        name,
        url: storage.url(`runs/${run.filesRunId}/${name}`),
        bytes,
        sha256: sha256 ?? null,
        rows: rows ?? null,
      })),
  }
}
