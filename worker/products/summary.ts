/**
 * `summary/<path>-summary.csv`: how many addresses lie in each square of a tenth of a degree, for maps of
 * coverage. The square is named by its middle, and drawn as WKT.
 *
 *     count,lon,lat,area
 *     12,-122.25,37.85,"POLYGON((-122.3 37.8,-122.3 37.9,-122.2 37.9,-122.2 37.8,-122.3 37.8))"
 */

/** Squares in a row around the world. */
const COLUMNS = 3_600

export interface Summary {
  add(lon: number, lat: number): void
  csv(): string
}

/** A summary of nothing yet. */
export function summary(): Summary {
  const counts = new Map<number, number>()
  return {
    add(lon, lat) {
      const square = Math.floor((lat + 90) * 10) * COLUMNS + Math.floor((lon + 180) * 10)
      counts.set(square, (counts.get(square) ?? 0) + 1)
    },
    csv() {
      const lines = [...counts].sort((a, b) => a[0] - b[0]).map(line)
      return `count,lon,lat,area\r\n${lines.join('')}`
    },
  }
}

function line([square, count]: readonly [square: number, count: number]): string {
  const x = (square % COLUMNS) - 1_800
  const y = Math.floor(square / COLUMNS) - 900
  const degrees = (tenths: number) => Number((tenths / 10).toFixed(2))
  const [west, south, east, north] = [degrees(x), degrees(y), degrees(x + 1), degrees(y + 1)]
  const corners = `${west} ${south},${west} ${north},${east} ${north},${east} ${south},${west} ${south}`
  return `${count},${degrees(x + 0.5)},${degrees(y + 0.5)},"POLYGON((${corners}))"\r\n`
}
