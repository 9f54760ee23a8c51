/** The weights that training starts from where there is no snapshot. */
import { Random } from '@espalier/base';
import {
  consumersOf,
  parametersOf,
  type LayerSpec,
  type NetworkSpec,
  type ParameterSpec,
} from '@espalier/models';
import { sizeOf } from '@espalier/tensor';

/**
 * Fresh parameters by name: kernels normal with variance 2 / fan-in before a relu (He et al. 2015), otherwise uniform
 * with variance 2 / (fan-in + fan-out) (Glorot & Bengio 2010); biases 0; batch norm the identity. Each tensor has a
 * stream of its own, so that a changed layer leaves the others as they are.
 */
export function initialValues(network: NetworkSpec, seed: number): Map<string, Float32Array> {
  const random = new Random(seed);
  const consumers = consumersOf(network);
  return new Map(
    parametersOf(network).map((spec) => {
      const own = random.fork(`initial-${spec.name}`);
      return [spec.name, parameterValues(spec, own, leadsToRelu(spec.layer, consumers))];
    }),
  );
}

function parameterValues({ role, shape }: ParameterSpec, random: Random, beforeRelu: boolean): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (role === 'gamma' || role === 'movingVariance') return values.fill(1);
  if (role !== 'kernel') return values;
  /* [in, out] or [kh, kw, in / groups, out] */
  const field = sizeOf(shape.slice(0, -2));
  const fanIn = field * shape[shape.length - 2];
  const fanOut = field * shape[shape.length - 1];
  const deviation = Math.sqrt(2 / fanIn);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  for (let i = 0; i < values.length; i++) {
    values[i] = beforeRelu ? random.normal() * deviation : (2 * random.uniform() - 1) * limit;
  }
  return values;
}

/** Is the next thing that is not linear or a normalisation a relu? */
function leadsToRelu(layer: string, consumers: ReadonlyMap<string, readonly LayerSpec[]>): boolean {
  return (consumers.get(layer) ?? []).some(
    ({ type, name }) =>
      type === 'relu' || (['batchNorm', 'add', 'concat'].includes(type) && leadsToRelu(name, consumers)),
  );
}
