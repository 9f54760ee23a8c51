/** `shrink`: dead units out, constants folded into the next biases; the tensors really get smaller (HAN15 section 3.5). */
import type { JsonValue } from '@espalier/base';
import type { NetworkSpec } from '@espalier/models';
import { foldAndShrink } from '@espalier/pruning';
import type { Snapshot } from '@espalier/tensor';
import type { StageContext } from '../context';
import type { StageResult } from '../stage';
import { joinMasks, splitMasks } from './masks';
import { withoutSlots } from './retrain';

export async function runShrink(start: Snapshot, context: StageContext): Promise<StageResult> {
  const { tensors, masks } = splitMasks(withoutSlots(start));
  const small = foldAndShrink(start.network as unknown as NetworkSpec, tensors, masks);
  const { id: digest } = await context.store.putSnapshot({
    network: small.network as unknown as JsonValue,
    tensors: joinMasks(small),
    info: {},
  });
  const removedUnits = Object.fromEntries(
    [...small.removed].map(([layer, { unread, folded }]) => [
      layer,
      { unread: unread.length, folded: folded.length },
    ]),
  );
  return {
    outputs: { snapshot: { kind: 'snapshot', digest } },
    metrics: { removedUnits },
  };
}
