import { pruningError } from '../errors';

/** `progress` itself; throws PRUNING_PROGRESS unless it is a share from 0 to 1. */
export function requireProgress(progress: number): number {
  if (!(progress >= 0 && progress <= 1)) throw pruningError('PRUNING_PROGRESS', { actual: String(progress) });
  return progress;
}
