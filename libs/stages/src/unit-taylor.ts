/** Scores of whole units for the criterion `taylor-unit`, from the gradients of a session's batches. */
import type { TrainingSession } from '@espalier/engine';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { addUnitTaylor, type UnitValues } from '@espalier/pruning';
import { asFloat32, requireTensor } from '@espalier/tensor';

/** [units] by kernel: the sum over batches of (sum of w * g over the unit's weights and its bias)^2. */
export async function unitTaylorOf(
  session: TrainingSession,
  options: { readonly batches: number },
): Promise<Map<string, Float32Array>> {
  const snapshot = session.read();
  const parameters = parametersOf(snapshot.network as unknown as NetworkSpec);
  const kernels = parameters
    .filter(({ prunable }) => prunable)
    .map(({ name, layer, shape }) => {
      const bias = parameters.find((each) => each.layer === layer && each.role === 'bias')?.name;
      const valueOf = (each: string): Float32Array => asFloat32(requireTensor(snapshot, each), each);
      const values: UnitValues = {
        kernel: valueOf(name),
        ...(bias !== undefined && { bias: valueOf(bias) }),
      };
      return { name, bias, values, sums: new Float32Array(shape.at(-1) ?? 1) };
    });
  await session.eachGradient(options, (gradients) => {
    for (const { name, bias, values, sums } of kernels) {
      const kernel = gradients.get(name) as Float32Array;
      addUnitTaylor(sums, values, { kernel, ...(bias !== undefined && { bias: gradients.get(bias) }) });
    }
  });
  return new Map(kernels.map(({ name, sums }) => [name, sums]));
}
