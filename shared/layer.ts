/**
 * Layers: the four kinds of things that a source may describe.
 *
 * The order of the properties is the order in every output line, `hash` first: files are compared
 * byte by byte, here and by those who read them.
 *
 * Source: the reference's output schemas; openaddresses/schema/layers/*.json.
 */

/** Every layer, with the properties of its features in the order in which they are written. */
export const LAYERS = {
  addresses: ['hash', 'number', 'street', 'unit', 'city', 'district', 'region', 'postcode', 'id', 'accuracy'],
  parcels: ['hash', 'pid'],
  // The catalogue's schema has an `id` for buildings; the output never had one.
  buildings: ['hash', 'height', 'levels'],
  centerlines: [
    'hash',
    'id',
    'name',
    'oneway',
    'speed',
    'classification',
    'surface',
    'addr_from_left',
    'addr_to_left',
    'addr_from_right',
    'addr_to_right',
    'zip_left',
    'zip_right',
  ],
} as const satisfies Record<string, readonly string[]>

/** `addresses`, `parcels`, `buildings` or `centerlines`. */
export type LayerName = keyof typeof LAYERS

/** Whether a word from a wire is one of the four layers. */
export function isLayerName(word: string): word is LayerName {
  return Object.hasOwn(LAYERS, word)
}

/** The properties of a layer that a conform can map: all but the hash, in output order. */
export function attributesOf(layer: LayerName): readonly string[] {
  return LAYERS[layer].slice(1)
}
