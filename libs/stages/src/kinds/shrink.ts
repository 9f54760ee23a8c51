/** `shrink`: dead units out, constants folded into the next biases; the tensors really get smaller (HAN15 section 3.5). */
import type { JsonValue } from '@espalier/base';
import type { NetworkSpec } from '@espalier/models';
import { foldAndShrink } from '@espalier/pruning';
import { Mask, TENSOR_SUFFIXES, type Snapshot, type Tensor } from '@espalier/tensor';
import type { StageContext } from '../context';
import type { StageResult } from '../stage';
import { withoutSlots } from './retrain';

export async function runShrink(start: Snapshot, context: StageContext): Promise<StageResult> {
  const { tensors, masks } = splitMasks(withoutSlots(start));
  const small = foldAndShrink(start.network as unknown as NetworkSpec, tensors, masks);
  const joined = new Map<string, Tensor>(small.tensors);
  for (const [name, mask] of small.masks) joined.set(name + TENSOR_SUFFIXES.mask, mask.toTensor());
  const { id: digest } = await context.store.putSnapshot({
    network: small.network as unknown as JsonValue,
    tensors: joined,
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

function splitMasks(snapshot: Snapshot): { tensors: Map<string, Tensor>; masks: Map<string, Mask> } {
  const tensors = new Map<string, Tensor>();
  const masks = new Map<string, Mask>();
  for (const [name, value] of snapshot.tensors) {
    if (name.endsWith(TENSOR_SUFFIXES.mask)) {
      masks.set(name.slice(0, -TENSOR_SUFFIXES.mask.length), Mask.fromTensor(value, name));
    } else tensors.set(name, value);
  }
  return { tensors, masks };
}
