// The floors: who may import whom. The one table; lint (lint-rules.mjs) and the workspace check (workspace.mjs) read
// it, and the `nx` tags in the package.json files, there for `nx graph`, are checked against it.

/** A lib may import libs from lower floors only. `1-tensor` lies below the rest of floor 1. */
export const LIB_FLOORS = {
  base: '0',
  threads: '0',
  tensor: '1-tensor',
  models: '1',
  'plugin-api': '1',
  pruning: '2',
  encoding: '2',
  protocol: '2',
  datasets: '2',
  store: '2',
  'plugin-nm': '2',
  'plugin-channels': '2',
  'plugin-splicing': '2',
  'plugin-hashed': '2',
  'plugin-int8': '2',
  'plugin-tensorboard': '2',
  recipe: '3',
  transport: '3',
  engine: '3',
  inference: '3',
  stages: '4',
  'plugin-host': '4',
  'service-kit': '4',
};

/** From the ground up. */
const FLOOR_ORDER = ['0', '1-tensor', '1', '2', '3', '4', '5'];

/** Everything in services/ and tools/ is on the top floor: it may import any lib, and no neighbour. */
const TOP_FLOOR = '5';

/** Third-party packages that a single lib wraps; everybody else goes through it. */
export const SOLE_IMPORTERS = [
  { pattern: /^ws$/, name: 'ws', lib: 'transport' },
  { pattern: /^@tensorflow\//, name: '@tensorflow/*', lib: 'engine' },
];

/** @returns the floor of a project such as {kind: 'libs', name: 'tensor'}; undefined for a lib without a row. */
export function floorOf({ kind, name }) {
  return kind === 'libs' ? LIB_FLOORS[name] : TOP_FLOOR;
}

/** @returns why `from` may not import the workspace package `name`, or undefined where it may. */
export function importProblem(from, name) {
  const fromFloor = floorOf(from);
  const toFloor = LIB_FLOORS[name];
  if (fromFloor === undefined) return `${from.name} has no row in tools/check/floors.mjs; give it a floor`;
  if (toFloor === undefined) {
    return `@espalier/${name} is no lib: a service or tool is started as a process, never imported`;
  }
  if (FLOOR_ORDER.indexOf(toFloor) < FLOOR_ORDER.indexOf(fromFloor)) return undefined;
  return `${from.name} is on floor ${fromFloor} and may not import @espalier/${name}, which is on floor ${toFloor}`;
}
