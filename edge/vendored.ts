/**
 * Files of other people's libraries that pages of ours ask for: the map viewer, as its package ships it.
 *
 * They are served from node_modules by name, under /static/ like our own, so that no page asks anybody else for anything,
 * and nothing has to be built. Whoever leaves a package out of an image leaves out the map and nothing else.
 */
import type { FileDoor } from './app.ts'

/** Names below /static/, and where each file is in node_modules. */
export const VENDORED: Readonly<Record<string, string>> = {
  'maplibre-gl.mjs': 'maplibre-gl/dist/maplibre-gl.mjs',
  // The library looks for its worker beside itself.
  'maplibre-gl-worker.mjs': 'maplibre-gl/dist/maplibre-gl-worker.mjs',
  'maplibre-gl.css': 'maplibre-gl/dist/maplibre-gl.css',
  'pmtiles.js': 'pmtiles/dist/pmtiles.js',
}

/**
 * A door to the files of the site, those of others among them.
 *
 * @param own  answers for ours
 * @param packages  answers for files of node_modules
 */
export function withVendored(own: FileDoor, packages: FileDoor): FileDoor {
  return (name, request) => {
    const key = Object.hasOwn(VENDORED, name) ? VENDORED[name] : undefined
    return key === undefined ? own(name, request) : packages(key, request)
  }
}
