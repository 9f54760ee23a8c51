/** The topic `progress`: how far the stage in work is. Pure. */
import type { ProgressView } from '@espalier/protocol';
import type { Fields } from '../../run-events';
import { defined, number } from './run-figures';

export function progressView(run: string, fields: Fields, at: number): ProgressView {
  return defined({
    run,
    stage: String(fields['title'] ?? ''),
    key: String(fields['key'] ?? ''),
    step: number(fields['step']) ?? 0,
    steps: number(fields['steps']) ?? 0,
    epoch: number(fields['epoch']),
    epochs: number(fields['epochs']),
    loss: number(fields['loss']),
    learningRate: number(fields['learningRate']),
    error: number(fields['heldOutError']) ?? number(fields['error']),
    keptShare: number(fields['keptShare']),
    secondsLeft: number(fields['secondsLeft']),
    at,
  });
}
