/**
 * The commands, each in a file of its own that is loaded only when it is called: `espalier --help` must not load
 * TensorFlow. `require` rather than `import()`: the packages are CommonJS and are loaded by one hook (bin/source.cjs).
 */
import type { CommandModule } from './command';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): CommandModule;
}

/* eslint-disable @typescript-eslint/no-require-imports -- see above */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'train, prune, retrain and encode a network as a recipe says',
    load: () => (require('./commands/run') as typeof import('./commands/run')).runCommand,
  },
  {
    name: 'serve',
    summary: 'keep the hub and its services up for runs, dashboards and other nodes',
    load: () => (require('./commands/serve') as typeof import('./commands/serve')).serveCommand,
  },
  {
    name: 'service',
    summary: 'run one service by itself: trainer, pruner, retrainer, encoder or coordinator',
    load: () => (require('./commands/service') as typeof import('./commands/service')).serviceCommand,
  },
  {
    name: 'watch',
    summary: 'follow a run, live in the terminal',
    load: () => (require('./commands/watch') as typeof import('./commands/watch')).watchCommand,
  },
  {
    name: 'runs',
    summary: 'list runs; remove or pin one',
    load: () => (require('./commands/runs') as typeof import('./commands/runs')).runsCommand,
  },
  {
    name: 'undo',
    summary: 'take a run back to an earlier round and go on from there',
    load: () => (require('./commands/undo') as typeof import('./commands/undo')).undoCommand,
  },
  {
    name: 'swap',
    summary: 'another criterion in a run that goes on, from its next round',
    load: () => (require('./commands/swap') as typeof import('./commands/swap')).swapCommand,
  },
  {
    name: 'gc',
    summary: 'free the disk of what no run needs any more',
    load: () => (require('./commands/gc') as typeof import('./commands/gc')).gcCommand,
  },
  {
    name: 'inspect',
    summary: 'show what is in an .espalier file: layers, bits, bytes, checksums',
    load: () => (require('./commands/inspect') as typeof import('./commands/inspect')).inspectCommand,
  },
  {
    name: 'decode',
    summary: 'write the network of an .espalier file as safetensors',
    load: () => (require('./commands/decode') as typeof import('./commands/decode')).decodeCommand,
  },
  {
    name: 'eval',
    summary: 'test the network of an .espalier file on a data set',
    load: () => (require('./commands/eval') as typeof import('./commands/eval')).evalCommand,
  },
  {
    name: 'predict',
    summary: 'let the network of an .espalier file name one image',
    load: () => (require('./commands/predict') as typeof import('./commands/predict')).predictCommand,
  },
  {
    name: 'bench',
    summary:
      'measure an .espalier file beside the dense network; or run a bench behind the figures in the README',
    load: () => (require('./commands/bench') as typeof import('./commands/bench')).benchCommand,
  },
  {
    name: 'sensitivity',
    summary: 'how much each layer can lose: curves, and qualities derived from them',
    load: () =>
      (require('./commands/sensitivity') as typeof import('./commands/sensitivity')).sensitivityCommand,
  },
  {
    name: 'plugins',
    summary: 'list what a recipe may name; make a plugin of your own, and check it',
    load: () => (require('./commands/plugins') as typeof import('./commands/plugins')).pluginsCommand,
  },
  {
    name: 'doctor',
    summary: 'look at the engine, Node, tools and disk, and say what is wrong',
    load: () => (require('./commands/doctor') as typeof import('./commands/doctor')).doctorCommand,
  },
];
/* eslint-enable @typescript-eslint/no-require-imports */
