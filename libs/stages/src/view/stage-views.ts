/** How the layers look at the end of a stage: read from what it stored, a layer at a time, so that no stage holds more for it. */
import type { JsonValue } from '@espalier/base';
import type { BlobStore } from '@espalier/store';
import {
  Mask,
  TENSOR_SUFFIXES,
  asFloat32,
  tensorFromBytes,
  type SnapshotManifest,
  type Tensor,
} from '@espalier/tensor';
import type { CriterionConfig } from '../config';
import { isKernelName, type LayerCount } from '../kept';
import { referenceIn } from '../plugins';
import type { StageKind, StageResult, StageSpec } from '../stage';
import { layerView, type SharedLayer, type ViewedLayer } from './layer-view';
import { keptPoints, layerOfKernel, type StageWatcher } from './watcher';

/** Step 0 of the stage: no figure of a training is there, and those of the stage after a pruning are beside it. */
const AT_ITS_STEP = 0;

/** Those that leave other weights than they found, or other values of them. */
const SHOWN: readonly StageKind[] = ['train', 'pruneUnits', 'prune', 'retrain', 'shrink', 'share', 'encode'];
const PRUNING: readonly StageKind[] = ['pruneUnits', 'prune'];
/** The curve of what is kept begins with the network as it is trained first, most often at 100 %. */
const COUNTED: readonly StageKind[] = ['train', ...PRUNING];

/** Tells how a finished stage's layers look, and what a pruning has kept, or there was before any. Throws STORE_MISSING. */
export async function showFinished(
  spec: StageSpec,
  { outputs, metrics }: StageResult,
  { store, watcher }: { readonly store: BlobStore; readonly watcher: StageWatcher },
): Promise<void> {
  if (!SHOWN.includes(spec.kind)) return;
  const layers = (metrics['layers'] ?? []) as unknown as readonly (LayerCount & { threshold?: number })[];
  if (COUNTED.includes(spec.kind)) keptPoints(layers, AT_ITS_STEP, watcher);
  // A file says the same as the snapshot that it was made of.
  const shown = outputs['snapshot'] ?? spec.inputs['start'];
  if (!shown || shown.kind !== 'snapshot') return;
  const manifest = await store.getManifest(shown.digest);
  const isByMagnitude = spec.kind === 'prune' && byMagnitude(spec.config);
  for (const { name } of manifest.tensors) {
    if (!isKernelName(name)) continue;
    const threshold = isByMagnitude ? layers.find((layer) => layer.name === name)?.threshold : undefined;
    const layer = await storedLayer(name, manifest, store);
    watcher.view(layerView({ ...layer, name: layerOfKernel(name), ...(threshold && { threshold }) }));
  }
}

/** Are the scores of that pruning magnitudes of weights, so that a threshold is one? */
export function byMagnitude(config: JsonValue): boolean {
  const { criterion, granularity } = config as unknown as Partial<CriterionConfig>;
  if (criterion === undefined || granularity === undefined) return false;
  const [scores, groups] = [referenceIn(criterion), referenceIn(granularity)];
  return !scores.plugin && scores.name === 'magnitude' && !groups.plugin && groups.name === 'weight';
}

/** A kernel's weights, or, where it has them, its codes. Not checked against their digests: this process has just stored or used them. */
async function storedLayer(
  name: string,
  { tensors }: SnapshotManifest,
  store: BlobStore,
): Promise<ViewedLayer> {
  const read = async (suffix: string): Promise<Tensor | undefined> => {
    const entry = tensors.find((each) => each.name === name + suffix);
    return entry && tensorFromBytes(entry.dtype, entry.shape, await store.get(entry.digest), entry.name);
  };
  const { codes, codebook, signs, mask } = TENSOR_SUFFIXES;
  const [given, values] = [await read(codes), await read(codebook)];
  if (given && values) {
    const negative = await read(signs);
    const shared: SharedLayer = {
      codes: given.data as Uint16Array,
      codebook: asFloat32(values, name),
      ...(negative && { negative: Mask.fromTensor(negative, name) }),
    };
    return { name, shape: given.shape, shared };
  }
  const [kernel, kept] = [await read(''), await read(mask)];
  const { shape } = kernel as Tensor;
  return {
    name,
    shape,
    weights: asFloat32(kernel as Tensor, name),
    ...(kept && { mask: Mask.fromTensor(kept, name) }),
  };
}
