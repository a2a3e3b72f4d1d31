/**
 * The mirror of the catalogue: every way in which its sources are fetched, packed, encoded and projected.
 *
 * Each line is one combination and one entry of the catalogue that has it; a test derives the list from the
 * catalogue itself, where that is at hand. Codes, numbers and places are our own.
 */

/** One combination, and a real entry that has it. */
export interface Combination {
  readonly protocol: string
  readonly compression: string
  readonly format: string
  readonly encoding: string
  readonly srs: string
  readonly csvsplit: string
  readonly headers: string
  /** Path of a source file of the catalogue. */
  readonly like: string
}

/** What stands in a line of the table where a source says nothing. */
export const NOTHING = '-'

/** protocol, compression, format, encoding, srs, csvsplit, headers; like which entry. */
const LINES = `
esri - geojson - - - - ae/az/drm-ar.json
esri - geojson - EPSG:28467 - - ua/63/city_of_kharkiv.json
esri - shapefile - - - - ca/bc/summerland.json
ftp zip shapefile - - - - us/ia/benton.json
ftp zip shapefile-polygon - - - - us/va/clarke.json
http - csv - - - - ar/c/city_of_buenos_aires.json
http - csv - - - 2 us/ca/city_of_palo_alto.json
http - csv - - ; - sk/countrywide.json
http - csv - EPSG:2284 - 1 us/va/city_of_norfolk.json
http - csv - EPSG:31256 - - at/city_of_vienna.json
http - csv - EPSG:4326 - - de/mv/city_of_rostock.json
http - csv - EPSG:4326 ; - it/21/torino.json
http - csv ISO-8859-1 EPSG:3067 ; -1 fi/ahvenanmaa-fi.json
http - csv UTF-8 EPSG:4326 ; - de/nw/city_of_wesel.json
http - csv iso-8859-3 - - - ca/qc/repentigny.json
http - csv latin-1 EPSG:10288 ; -1 de/he/city_of_frankfurtammain.json
http - geojson - - - - au/qld/city_of_moreton_bay.json
http - geojson - EPSG:4167 - - nz/countrywide.json
http - geojson - EPSG:4326 - - au/nsw/city_of_sydney.json
http - geojson UTF-8 - - - it/32/south-tyrol-de.json
http - geojson utf-8 - - - ch/zurich.json
http - shapefile - - - - ca/bc/city_of_delta.json
http gzip csv - - ; - fr/01/statewide.json
http gzip geojson - - - - fr/01/statewide.json
http zip csv - - - - at/countrywide.json
http zip csv - EPSG:2180 - - pl/dolnoslaskie.json
http zip csv - EPSG:25829 - - es/25829.json
http zip csv - EPSG:25830 - - es/25830.json
http zip csv - EPSG:25830 ; - es/nc/statewide.json
http zip csv - EPSG:25831 - - es/25831.json
http zip csv - EPSG:25832 - - de/he/statewide.json
http zip csv - EPSG:25832 ; - de/bw/statewide.json
http zip csv - EPSG:25832 ; -1 de/nw/statewide.json
http zip csv - EPSG:25833 - - de/mv/statewide.json
http zip csv - EPSG:25833 ; - de/bb/statewide.json
http zip csv - EPSG:25833 ; -1 de/berlin.json
http zip csv - EPSG:28356 - - au/qld/brisbane_city_council.json
http zip csv - EPSG:32624 - - gl/countrywide.json
http zip csv - EPSG:32628 - - es/32628.json
http zip csv - EPSG:32632 - - it/21/statewide.json
http zip csv - EPSG:32642 - - kz/countrywide.json
http zip csv - EPSG:3347 - - ca/countrywide.json
http zip csv - EPSG:3825 - - tw/kin/regionwide.json
http zip csv - EPSG:3826 - - tw/cha/regionwide.json
http zip csv - EPSG:4258 - - cz/countrywide.json
http zip csv - EPSG:4283 - - au/countrywide.json
http zip csv - EPSG:4283 | - au/qld/statewide.json
http zip csv - EPSG:4326 - - br/sp/sao-paulo-city.json
http zip csv - EPSG:4617 - - ca/qc/province.json
http zip csv CP949 EPSG:5179 | -1 kr/11/provincewide.json
http zip csv EUCKR EPSG:2097 - 2 kr/seoul/chongnogu-new.json
http zip csv ISO-8859-1 EPSG:3301 ; - ee/countrywide.json
http zip csv SHIFT_JISX0213 EPSG:4612 - - jp/aichi.json
http zip csv UTF-8 - - - rs/countrywide.json
http zip csv UTF-8 EPSG:3794 - - si/countrywide.json
http zip csv latin1 EPSG:2056 ; - ch/basel-land.json
http zip csv utf-8 - - - ch/glarus.json
http zip csv utf-8 EPSG:4326 - - be/bru/bosa-region-brussels-fr.json
http zip csv utf-8-sig EPSG:2056 ; - ch/countrywide.json
http zip gdb - - - - au/nsw/statewide.json
http zip gdb - EPSG:25833 - - no/03/statewide.json
http zip geojson - - - - au/countrywide.json
http zip geojson CP1251 - - - by/brest/regionwide.json
http zip geojson utf-8 - - - br/pe/recife.json
http zip shapefile - - - - at/31254.json
http zip shapefile - EPSG:2056 - - ch/geneva.json
http zip shapefile - EPSG:25832 - - de/bw/statewide.json
http zip shapefile - EPSG:26591 - - it/34/verona.json
http zip shapefile - EPSG:28348 - - au/christmas_island.json
http zip shapefile - EPSG:3003 - - it/52/firenze.json
http zip shapefile - EPSG:3004 - - it/34/venice.json
http zip shapefile - EPSG:3359 - - us/nc/anson.json
http zip shapefile - EPSG:3738 - - us/wy/fremont.json
http zip shapefile - EPSG:3857 - - de/nw/city_of_wuppertal.json
http zip shapefile - EPSG:4326 - - it/21/biella.json
http zip shapefile ISO-8859-1 EPSG:2056 - - ch/basel-stadt.json
http zip shapefile UTF-8 - - - us/or/city_of_corvallis.json
http zip shapefile latin-1 - - - br/pr/curitiba.json
http zip shapefile utf-8 - - - de/hb/statewide.json
http zip shapefile utf-8 EPSG:2056 - - ch/bern.json
http zip shapefile-polygon - - - - ca/mb/brandon.json
http zip xml - - - - de/nw/kreis_viersen.json
http zip xml - EPSG:25832 - - de/hh/statewide.json
http zip xml UTF-8 - - - hr/countrywide.json
`

/** Every combination that the catalogue has. */
export const COMBINATIONS: readonly Combination[] = LINES.trim()
  .split('\n')
  .map((line) => {
    const [
      protocol = '',
      compression = '',
      format = '',
      encoding = '',
      srs = '',
      csvsplit = '',
      headers = '',
      like = '',
    ] = line.split(' ')
    return { protocol, compression, format, encoding, srs, csvsplit, headers, like }
  })

/** The line of a combination, without its entry. */
export function lineOf({
  protocol,
  compression,
  format,
  encoding,
  srs,
  csvsplit,
  headers,
}: Combination): string {
  return [protocol, compression, format, encoding, srs, csvsplit, headers].join(' ')
}

/** A point on Earth in EPSG:4326, and the same in another coordinate system, x to the east. */
export type Place = readonly [lon: number, lat: number, x: number, y: number]

/** One place in each coordinate system that a source names, as PROJ 9.1 projects it (Debian 12, ogr2ogr). */
export const PLACES: Readonly<Record<string, Place>> = {
  'EPSG:4326': [4.35, 50.85, 4.35, 50.85],
  'EPSG:2056': [7.44, 46.95, 2600104.10949961, 1199879.62823766],
  'EPSG:2097': [127.02, 37.57, 201952.586334322, 451968.269979744],
  'EPSG:2180': [17.03, 51.11, 362140.120198856, 362203.158238667],
  'EPSG:2227': [-122.27, 37.8, 6050301.41062161, 2118595.92658928],
  'EPSG:2284': [-76.28, 36.85, 12132430.998558, 3476583.12793065],
  'EPSG:3003': [11.25, 43.77, 1681119.59472407, 4848803.92117546],
  'EPSG:3004': [12.33, 45.43, 2311149.24617869, 5034205.43049877],
  'EPSG:3067': [19.94, 60.1, 107899.82232644, 6683529.77306799],
  'EPSG:3301': [24.75, 59.43, 542567.813303515, 6588254.19912075],
  'EPSG:3347': [-75.7, 45.4, 7471636.52532525, 1188239.54578797],
  'EPSG:3359': [-80.1, 35.0, 1670594.99232769, 456751.571008695],
  'EPSG:3738': [-108.4, 42.9, 2062278.69690254, 874685.673865845],
  'EPSG:3794': [14.5, 46.05, 461307.139403885, 101254.901891653],
  'EPSG:3825': [118.3, 24.44, 179023.947895989, 2703932.66272944],
  'EPSG:3826': [120.54, 24.08, 203227.503597042, 2663959.55077946],
  'EPSG:3857': [7.18, 51.25, 799273.943895704, 6665635.53917408],
  'EPSG:4167': [174.78, -41.28, 174.78, -41.28],
  'EPSG:4258': [14.42, 50.09, 14.42, 50.09],
  'EPSG:4283': [149.1, -35.3, 149.1, -35.3],
  'EPSG:4612': [137.1, 35.1, 137.1, 35.1],
  'EPSG:4617': [-71.2, 46.8, -71.1999992432878, 46.7999905516719],
  'EPSG:5179': [126.98, 37.56, 954073.800347119, 1951309.95913557],
  'EPSG:10288': [8.68, 50.11, 32477118.9256038, 5550910.14841728],
  'EPSG:25829': [-8.4, 43.36, 548618.580959368, 4800968.22950728],
  'EPSG:25830': [-3.7, 40.4, 440598.078851381, 4472390.03101414],
  'EPSG:25831': [2.17, 41.38, 430597.863509947, 4581274.3766931],
  'EPSG:25832': [9.18, 48.78, 513223.539352672, 5403015.51803249],
  'EPSG:25833': [13.4, 52.5, 391390.731338828, 5817855.24069339],
  'EPSG:26591': [10.99, 45.43, 1655695.08833796, 5032665.33454663],
  'EPSG:28348': [105.6, -10.45, 565665.944612913, 8844770.87904934],
  'EPSG:28356': [153.02, -27.47, 501975.987616365, 6961506.03112237],
  'EPSG:28467': [36.23, 49.99, 301488.659015372, 5543514.80162149],
  'EPSG:31256': [16.37, 48.21, 2814.28140227474, 341289.388933733],
  'EPSG:32624': [-46.0, 60.9, 120708.749130835, 6771931.13565268],
  'EPSG:32628': [-15.4, 28.1, 460707.17856096, 3108344.56727827],
  'EPSG:32632': [7.68, 45.07, 396090.572041773, 4991574.04148491],
  'EPSG:32642': [71.4, 51.1, 668034.428959608, 5663684.95600784],
}

/** A street in each encoding: the text, and its bytes as Python encodes them. */
export const STREETS: Readonly<Record<string, readonly [text: string, hex: string]>> = {
  euckr: ['종로구 세종대로', 'c1beb7ceb1b820bcbcc1beb4ebb7ce'],
  cp949: ['펲 세종대로', 'bc8420bcbcc1beb4ebb7ce'],
  shift_jisx0213: ['名古屋市中区三の丸', '96bc8cc389ae8e7392868be68e4f82cc8adb'],
  'iso-8859-1': ['Västerallén', '56e473746572616c6ce96e'],
  'iso-8859-3': ['Ħamrun ġdid', 'a1616d72756e20f5646964'],
  cp1251: ['улица Ленина', 'f3ebe8f6e020cbe5ede8ede0'],
  'utf-8': ['Ulica Dąbrowskiego', '556c6963612044c48562726f77736b6965676f'],
  'utf-8-sig': ['Zürichstrasse', '5ac3bc7269636873747261737365'],
}
