export { startPruner, type PrunerOptions } from './start-pruner';
