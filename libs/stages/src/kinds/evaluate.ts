/** `evaluate`: the test error of the network that the artifact's bytes decode to, and of nothing else. */
import type { JsonValue } from '@espalier/base';
import type { DataSet } from '@espalier/datasets';
import { decodeWeights, type DecodedByPlugins } from '@espalier/encoding';
import { evaluateWeights } from '@espalier/engine';
import type { Tensor } from '@espalier/tensor';
import { collectUnused } from '../collect-unused';
import { pluginsOf, type StageContext } from '../context';
import { countKept } from '../kept';
import { loadDataSet } from '../load-data';
import { decodePluginTensors } from '../plugin-tensors';
import { guard } from '../scoring';
import type { StageResult, StageSpec } from '../stage';

export interface ArtifactEvaluation {
  readonly count: number;
  /** Share of the samples that are answered wrongly. */
  readonly error: number;
  readonly top5Error: number;
  readonly loss: number;
  /** Elements that are not zero, by parameter tensor. */
  readonly kept: Readonly<Record<string, number>>;
}

export async function runEvaluate(
  spec: StageSpec,
  artifact: Uint8Array,
  context: StageContext,
): Promise<StageResult> {
  const data = await loadDataSet(context.store, spec.data as string);
  const plugins = pluginsOf(context);
  const byPlugins = await decodePluginTensors(artifact, async (reference) => {
    const codec = await guard('codec', reference, () => plugins.codec(reference));
    return { decode: (input) => guard('codec', reference, async () => codec.decode(input)) };
  });
  const metrics = (await evaluateArtifact(artifact, data, byPlugins)) as unknown as {
    readonly [key: string]: JsonValue;
  };
  return { outputs: {}, metrics };
}

/**
 * Decodes an artifact and tests it on all of `data.test`. Throws ARTIFACT_*.
 * @param byPlugins what `decodePluginTensors` gives, for a file that has tensors of plugins
 */
export async function evaluateArtifact(
  bytes: Uint8Array,
  data: DataSet,
  byPlugins?: DecodedByPlugins,
): Promise<ArtifactEvaluation> {
  const { network, tensors } = decodeWeights(bytes, undefined, byPlugins);
  const kept: Record<string, number> = {};
  async function* counted(): AsyncGenerator<readonly [string, Tensor]> {
    for (const [name, value] of tensors) {
      kept[name] = countKept(value.data);
      // What the decoder needed goes before the engine makes room for the tensor, and the tensor before the next one.
      await letGo();
      yield [name, value];
      await letGo();
    }
  }
  const { count, error, top5Error, loss } = await evaluateWeights({
    network,
    tensors: counted(),
    samples: data.test,
  });
  return { count, error, top5Error, loss, kept };
}

/** Frees what is not used; heartbeats go out. */
async function letGo(): Promise<void> {
  collectUnused();
  await new Promise((resolve) => setImmediate(resolve));
}
