/**
 * Collections: the nine regions, each in two licences, in which the world downloads addresses.
 *
 *     sources/us/ca/berkeley.json   is in global and us_west
 *     sources/no/countrywide.json   is in global and europe
 *
 * Names are the original's. Its lists of countries had holes (no Norway, no Serbia; Iceland in Asia); here
 * every country of the catalogue stands where the United Nations put it, with what the original had
 * otherwise kept. Africa and the territories of the US have no collection of their own: they are in global.
 *
 * Source: spec/machine.md 7.3; flaws 35 and 36; UN M49.
 */
import type { RunState } from './run.ts'

/** Every region, as `zips.collection` and index.json spell it. */
export const REGIONS = [
  'global',
  'us_northeast',
  'us_midwest',
  'us_south',
  'us_west',
  'europe',
  'asia',
  'south_america',
  'north_america',
] as const

/** One of the nine. */
export type Region = (typeof REGIONS)[number]

/** Empty: freely shareable. `sa`: who passes the data on has to do so under the same terms. */
export type LicenseAttr = '' | 'sa'

/** What the two are called where people read them. */
export const LICENSE_WORDS: Readonly<Record<LicenseAttr, string>> = {
  '': 'Freely Shareable',
  sa: 'Share-Alike Required',
}

/** A region under a licence. */
export interface Collection {
  readonly region: Region
  readonly license: LicenseAttr
}

/** All eighteen, in the order in which they are made: the small ones first, so that much is there early. */
export const COLLECTIONS: readonly Collection[] = [...REGIONS.slice(1), 'global' as const].flatMap((region) =>
  (['', 'sa'] as const).map((license) => ({ region, license })),
)

/** `openaddr-collected-europe-sa`: the name that the world's scripts know, without an ending. */
export function collectionName({ region, license }: Collection): string {
  return `openaddr-collected-${region}${license === '' ? '' : `-${license}`}`
}

const STATES: Readonly<Partial<Record<Region, string>>> = {
  us_northeast: 'ct me ma nh ri vt nj ny pa',
  us_midwest: 'il in mi oh wi ia ks mn mo ne nd sd',
  us_south: 'de fl ga md nc sc va dc wv al ky ms ar la ok tx tn',
  us_west: 'az co id mt nv nm ut wy ak ca hi or wa',
}

/** With what people write instead of the code of ISO 3166: `uk`, `el`, `xk`. Oceania has always been in asia. */
const COUNTRIES: Readonly<Partial<Record<Region, string>>> = {
  europe:
    'ad al at ax ba be bg by ch cy cz de dk ee el es fi fo fr gb gg gi gr hr hu ie im is it je li lt lu lv mc md ' +
    'me mk mt nl no pl pt ro rs ru se si sj sk sm ua uk va xk',
  asia:
    'ae af am az bd bh bn bt cc cn cx ge hk id il in io iq ir jo jp kg kh kp kr kw kz la lb lk mm mn mo mv my np ' +
    'om ph pk ps qa sa sg sy th tj tl tm tr tw uz vn ye ' +
    'as au ck fj fm gu ki mh mp nc nf nr nu nz pf pg pn pw sb tk to tv vu wf ws',
  south_america: 'ar bo br cl co ec fk gf gy pe py sr uy ve',
  north_america:
    'ag ai aw bb bl bm bq bs bz ca cr cu cw dm do gd gl gp gt hn ht jm kn ky lc mf mq ms mx ni pa pm pr sv sx tc tt ' +
    'vc vg vi',
}

/** Regions by the first parts of a source path: `us/ca` or `no`. */
const BY_PLACE: ReadonlyMap<string, Region> = new Map([
  ...Object.entries(STATES).flatMap(([region, codes]) => places(region, codes, 'us/')),
  ...Object.entries(COUNTRIES).flatMap(([region, codes]) => places(region, codes, '')),
])

function places(region: string, codes: string, before: string): [string, Region][] {
  return codes.split(' ').map((code) => [`${before}${code}`, region as Region])
}

/**
 * The region besides global that a source is in; undefined where there is none.
 *
 * @param sourcePath  `sources/us/ca/berkeley.json`; older paths part by `-` or `.`, such as `us-ca-berkeley`
 */
export function regionOf(sourcePath: string): Region | undefined {
  const [country = '', state = ''] = sourcePath
    .replace(/^sources\//, '')
    .replace(/\.json$/, '')
    .toLowerCase()
    .split(/[/.-]/)
  return BY_PLACE.get(country === 'us' ? `us/${state}` : country)
}

/**
 * Under which of the two licences data is collected. What does not say counts as freely shareable, as it
 * always has; LICENSE.txt says of each such source that it is not known.
 */
export function licenseAttrOf(state: Pick<RunState, 'share-alike'>): LicenseAttr {
  return state['share-alike'] === 'true' ? 'sa' : ''
}

/** Whether a collection takes in a source. */
export function isCollected(
  { region, license }: Collection,
  source: { readonly sourcePath: string; readonly state: Pick<RunState, 'share-alike'> },
): boolean {
  if (licenseAttrOf(source.state) !== license) return false
  return region === 'global' || regionOf(source.sourcePath) === region
}
