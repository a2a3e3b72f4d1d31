/** Pairs of runs with the decision about the second: bounds, and rules of quality. */
import type { Box } from './run.ts'
import { type Case, finding, HOME } from './verdict_cases.ts'

const moved = (by: number): Box => [HOME[0] + by, HOME[1], HOME[2] + by, HOME[3]]

/** Bounds and rules. */
export const BOUNDS_CASES: readonly Case[] = [
  // Bounds.
  ['bounds that stay are accepted', { middle: null }, { middle: null }, 'accept'],
  ['bounds that grow by a tenth are accepted', {}, { bounds: [-122.52, 45.4, -122.3, 45.6] }, 'accept'],
  ['bounds that moved by a fifth are accepted', {}, { bounds: moved(0.04) }, 'accept'],
  ['bounds that moved by half are held', {}, { bounds: moved(0.1) }, 'hold', ['bounds-moved']],
  ['bounds in another country are held', {}, { bounds: [2.2, 48.8, 2.4, 48.9] }, 'hold', ['bounds-moved']],
  ['swapped bounds are held', {}, { bounds: [45.4, -122.5, 45.6, -122.3] }, 'hold', ['bounds-moved']],
  [
    'bounds that doubled twice are held',
    {},
    { bounds: [-122.7, 45.2, -122.3, 45.6] },
    'hold',
    ['bounds-moved'],
  ],
  [
    'bounds that shrank to a quarter are held',
    {},
    { bounds: [-122.4, 45.5, -122.3, 45.6] },
    'hold',
    ['bounds-moved'],
  ],
  [
    'one stray row is accepted: the middle stays',
    { middle: HOME },
    { bounds: [-122.5, 0, 0, 45.6], middle: HOME },
    'accept',
  ],
  [
    'a stray row that is gone is accepted',
    { bounds: [-122.5, 0, 0, 45.6], middle: HOME },
    { middle: HOME },
    'accept',
  ],
  [
    'a middle that moved is held, though the box has stayed',
    { middle: HOME },
    { middle: moved(0.2) },
    'hold',
    ['bounds-moved'],
  ],
  ['places that are all gone are held', {}, { bounds: null, middle: null }, 'hold', ['bounds-moved']],
  ['places that come are accepted', { bounds: null, middle: null }, {}, 'accept'],
  ['a hamlet may double', { bounds: [7, 50, 7.001, 50.001] }, { bounds: [7, 50, 7.002, 50.002] }, 'accept'],
  [
    'a hamlet may not move by 10 km',
    { bounds: [7, 50, 7.001, 50.001] },
    { bounds: [7.1, 50, 7.101, 50.001] },
    'hold',
    ['bounds-moved'],
  ],
  ['a single point that stays is accepted', { bounds: [7, 50, 7, 50] }, { bounds: [7, 50, 7, 50] }, 'accept'],
  [
    'bounds may move where nothing has to be shared',
    {},
    { bounds: moved(50) },
    'accept',
    [],
    { boundsSharedMin: 0 },
  ],
  ['the source may let its bounds move', {}, { bounds: moved(50), limits: { 'bounds-moved': 1 } }, 'accept'],
  [
    'bounds are compared with a run that counted nothing',
    { uncounted: true },
    { bounds: moved(1) },
    'hold',
    ['bounds-moved'],
  ],
  // Rules of quality.
  ['a warning is accepted', {}, { findings: [finding('mojibake', 'warning')] }, 'accept'],
  ['an info is accepted', {}, { findings: [finding('mojibake', 'info')] }, 'accept'],
  ['an error is held', {}, { findings: [finding('swapped-axes', 'error')] }, 'hold', ['quality-limit']],
  [
    'two errors are two reasons',
    {},
    { findings: [finding('a', 'error'), finding('b', 'error')] },
    'hold',
    ['quality-limit', 'quality-limit'],
  ],
  [
    'an error that was accepted before is accepted again',
    { findings: [finding('no-street', 'error')] },
    { findings: [finding('no-street', 'error')] },
    'accept',
  ],
  [
    'an accepted error that became worse is held',
    { findings: [finding('no-street', 'error', 0.6)] },
    { findings: [finding('no-street', 'error', 0.9)] },
    'hold',
    ['quality-limit'],
  ],
  [
    'an accepted error that became better is accepted',
    { findings: [finding('no-street', 'error', 0.9)] },
    { findings: [finding('no-street', 'error', 0.6)] },
    'accept',
  ],
  [
    'what was a warning and is an error is held',
    { findings: [finding('no-street', 'warning', 0.4)] },
    { findings: [finding('no-street', 'error', 0.6)] },
    'hold',
    ['quality-limit'],
  ],
  [
    'another error than the accepted one is held',
    { findings: [finding('no-street', 'error')] },
    { findings: [finding('no-number', 'error')] },
    'hold',
    ['quality-limit'],
  ],
  [
    'the same error of another attribute is held',
    { findings: [finding('repeated-value', 'error', 0.6, 'street')] },
    { findings: [finding('repeated-value', 'error', 0.6, 'number')] },
    'hold',
    ['quality-limit'],
  ],
  ['an error that went away is accepted', { findings: [finding('no-street', 'error')] }, {}, 'accept'],
  // Everything at once.
  [
    'rows, streets, bounds and a rule are four reasons',
    {},
    { rows: 100, filled: { street: 0 }, bounds: moved(9), findings: [finding('null-island', 'error')] },
    'hold',
    ['rows-fell', 'attribute-lost', 'bounds-moved', 'quality-limit'],
  ],
]
