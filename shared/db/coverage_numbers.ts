/**
 * Coverage as numbers, on PostGIS: outlines and populations are loaded, and what good sources cover is measured against them.
 *
 * Countries and US states are the same thing twice, in tables with names of their own. All of this happens in one transaction,
 * so that a page never sees half of it.
 */
import type { ISql, Sql } from './sql.ts'

/** Countries of the world, or states of the USA. */
export type Family = 'countries' | 'states'

/** The tables of each. */
const TABLES = {
  countries: { outlines: 'ne_50m_admin_0_countries', parts: 'gpwv4_2015', results: 'areas', code: 'iso_a2' },
  states: { outlines: 'cb_2013_us_state_20m', parts: 'acs5yr_2015', results: 'us_states', code: 'usps_code' },
} as const

/** A source that says a point only is taken for a circle of this radius, as the original did. */
export const BUFFER_KM = 10

/** So many outlines, shapes or rows go to Postgres at once. */
const BATCH = 100

/** Corners of a piece: large shapes are cut up before they are laid over each other, which is much faster. */
const CORNERS_MAX = 256

/** Whether migration 0013 has run here: it needs PostGIS. */
export async function hasCoverageTables(sql: ISql): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`select to_regclass('public.areas') is not null as found`
  return row.found
}

/** Do something in one transaction, with the names of PostGIS within reach, wherever it was installed. */
export async function withPostgis<T>(sql: Sql, deed: (tx: ISql) => Promise<T>): Promise<T> {
  const result = await sql.begin(async (tx) => {
    await tx`
      select set_config('search_path', 'public, ' || extnamespace::regnamespace::text, true)
      from pg_extension where extname = 'postgis'`
    // Two at once would each replace what the other has.
    await tx`lock table areas, us_states in share row exclusive mode`
    return deed(tx)
  })
  return result as T
}

/** An outline to measure against. */
export interface NewOutline {
  readonly code: string
  readonly name: string
  /** GeoJSON. */
  readonly geometry: unknown
}

/** Load outlines, where those that are there are of another edition. False where they were not. Populations stay. */
export async function loadOutlines(
  tx: ISql,
  family: Family,
  { outlines, edition }: { readonly outlines: readonly NewOutline[]; readonly edition: string },
): Promise<boolean> {
  const { outlines: table, parts, code } = TABLES[family]
  const [known] = await tx<[{ same: boolean }]>`
    select coalesce(bool_and(edition = ${edition}) and count(*) = ${outlines.length}, false) as same from ${tx(table)}`
  if (known.same) return false

  await tx`
    create temp table kept on commit drop as
    select ${tx(code)} as code, box_id, population from ${tx(parts)} where population is not null`
  await tx`delete from ${tx(parts)}`
  await tx`delete from ${tx(table)}`
  for (const batch of batches(outlines)) {
    await tx`
      insert into ${tx(table)} (${tx(code)}, name, geom, edition)
      select o.code, o.name, st_multi(st_collectionextract(st_makevalid(st_setsrid(st_geomfromgeojson(o.geometry), 4326)), 3)),
        ${edition}
      from jsonb_to_recordset(${tx.json(batch as never)}) as o (code text, name text, geometry jsonb)`
  }
  await makeParts(tx, family)
  await tx`
    update ${tx(parts)} p set population = k.population
    from kept k where k.code = p.${tx(code)} and k.box_id = p.box_id`
  await tx`drop table kept`
  return true
}

/** What of each outline lies in which box, and how large it is. */
async function makeParts(tx: ISql, family: Family): Promise<void> {
  const { outlines, parts, code } = TABLES[family]
  await tx`
    create temp table pieces on commit drop as
    select ${tx(code)} as code, st_subdivide(geom, ${CORNERS_MAX}) as geom from ${tx(outlines)}`
  await tx`create index on pieces using gist (geom)`
  await tx`analyze pieces`
  await tx`
    insert into boxes (lon, lat, size, geom)
    select lon, lat, 1, box
    from generate_series(-180, 179) as lon, generate_series(-90, 89) as lat,
      st_makeenvelope(lon, lat, lon + 1, lat + 1, 4326) as box
    where exists (select from pieces where st_intersects(pieces.geom, box))
    on conflict do nothing`
  await tx`analyze boxes`
  await tx`
    insert into ${tx(parts)} (${tx(code)}, box_id, area)
    select p.code, b.id, sum(st_area(st_intersection(p.geom, b.geom)::geography)) / 1e6
    from pieces p join boxes b on st_intersects(p.geom, b.geom)
    group by p.code, b.id
    having sum(st_area(st_intersection(p.geom, b.geom)::geography)) > 0`
  await tx`drop table pieces`
}

/** People in a box of one degree, by its south-west corner. */
export interface Population {
  readonly code: string
  readonly lon: number
  readonly lat: number
  readonly population: number
}

/** Forget all populations: a file replaces the one before as a whole. */
export async function clearPopulations(tx: ISql, family: Family): Promise<void> {
  await tx`update ${tx(TABLES[family].parts)} set population = null where population is not null`
}

/** Add populations; those of one place add up. Gives how many rows have no land of that code in their box. */
export async function addPopulations(tx: ISql, family: Family, rows: readonly Population[]): Promise<number> {
  const { parts, code } = TABLES[family]
  const [row] = await tx<[{ lost: number }]>`
    with given as (
      select g.code, b.id as box_id, sum(g.population) as population, count(*) as rows
      from jsonb_to_recordset(${tx.json(rows as never)}) as g (code text, lon float8, lat float8, population float8)
      left join boxes b on b.lon = g.lon and b.lat = g.lat and b.size = 1
      group by g.code, b.id
    ), kept as (
      update ${tx(parts)} p set population = coalesce(p.population, 0) + g.population
      from given g
      where p.${tx(code)} = g.code and p.box_id = g.box_id
      returning g.rows
    )
    select ((select sum(rows) from given) - (select coalesce(sum(rows), 0) from kept))::int as lost`
  return row.lost
}

/** A place that a good source covers. */
export interface Covered {
  readonly code: string
  /** GeoJSON; null when all of it is covered. */
  readonly geometry: unknown
  readonly addresses: number
}

/** What is known afterwards of a country or state. */
export interface CoverageNumbers {
  readonly code: string
  readonly name: string
  readonly addresses: number
  readonly areaShare: number
  /** Null where no population is known. */
  readonly populationShare: number | null
}

/** Measure what is covered, and replace what was known before. In the order of the codes. */
export async function measureCoverage(
  tx: ISql,
  family: Family,
  { covered, at }: { readonly covered: readonly Covered[]; readonly at: Date },
): Promise<CoverageNumbers[]> {
  await tx`create temp table rendered (code text, geom geometry, addresses float8) on commit drop`
  for (const batch of batches(covered)) {
    await tx`
      insert into rendered (code, geom, addresses)
      select c.code,
        case
          when st_dimension(g) < 2 then st_buffer(g::geography, ${BUFFER_KM * 1000})::geometry
          else st_collectionextract(g, 3)
        end, c.addresses
      from jsonb_to_recordset(${tx.json(batch as never)}) as c (code text, geometry jsonb, addresses float8)
      cross join lateral (select st_makevalid(st_setsrid(st_geomfromgeojson(c.geometry), 4326)) as g) as made`
  }
  await layOver(tx, family)
  const numbers = await replaceResults(tx, family, at)
  await tx`drop table rendered, covered, land, met, shares`
  return numbers
}

/** For each part of an outline, how much of it is covered. */
async function layOver(tx: ISql, family: Family): Promise<void> {
  const { outlines, parts, code } = TABLES[family]
  await tx`
    create temp table covered on commit drop as
    select r.code, bool_or(r.geom is null) as whole, sum(r.addresses) as addresses,
      case when bool_or(r.geom is null) then null else st_unaryunion(st_collect(r.geom)) end as geom
    from rendered r
    group by r.code`
  // Tables of their own, with an index: laid over each other in one statement, they are compared each with each.
  await tx`
    create temp table land on commit drop as
    select o.${tx(code)} as code, st_subdivide(o.geom, ${CORNERS_MAX}) as geom
    from ${tx(outlines)} o
    join covered c on c.code = o.${tx(code)}
    where not c.whole`
  await tx`create index on land using gist (geom)`
  await tx`analyze land`
  await tx`
    create temp table met on commit drop as
    select l.code, st_intersection(l.geom, c.geom) as geom
    from (select code, st_subdivide(geom, ${CORNERS_MAX}) as geom from covered where not whole) as c
    join land l on l.code = c.code and st_intersects(l.geom, c.geom)`
  await tx`analyze met`
  await tx`
    create temp table shares on commit drop as
    with reached as (
      select m.code, b.id as box_id, sum(st_area(st_intersection(m.geom, b.geom)::geography)) / 1e6 as area
      from met m join boxes b on st_intersects(m.geom, b.geom)
      group by m.code, b.id
    )
    select p.${tx(code)} as code, p.box_id, p.area, p.population,
      case when c.whole then 1 else least(1, coalesce(r.area, 0) / p.area) end as share
    from ${tx(parts)} p
    join covered c on c.code = p.${tx(code)}
    left join reached r on r.code = c.code and r.box_id = p.box_id`
}

async function replaceResults(tx: ISql, family: Family, at: Date): Promise<CoverageNumbers[]> {
  const { outlines, parts, results, code } = TABLES[family]
  await tx`delete from ${tx(results)}`
  return tx<CoverageNumbers[]>`
    with totals as (
      select ${tx(code)} as code, sum(area) as area, sum(population) as population from ${tx(parts)} group by 1
    ), reached as (
      select code, sum(area * share) as area, sum(population * share) as population from shares group by code
    )
    insert into ${tx(results)} (${tx(code)}, name, addr_count, buffer_km, geom, area_total, area_pct, pop_total, pop_pct, made_at)
    select o.${tx(code)}, o.name, coalesce(c.addresses, 0), ${BUFFER_KM}, case when c.whole then o.geom else c.geom end,
      coalesce(t.area, 0), least(1, coalesce(r.area / nullif(t.area, 0), 0)), t.population,
      case when t.population is not null then least(1, coalesce(r.population / nullif(t.population, 0), 0)) end, ${at}
    from ${tx(outlines)} o
    left join totals t on t.code = o.${tx(code)}
    left join covered c on c.code = o.${tx(code)}
    left join reached r on r.code = o.${tx(code)}
    order by 1
    returning ${tx(code)} as code, name, addr_count::float8 as addresses, area_pct as "areaShare", pop_pct as "populationShare"`
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH)
}
