/**
 * Rectangular blocks of the kernel as a matrix (Narang et al. 2017): a dense kernel as it is, a convolution as [kh * kw * in, out].
 * At the lower and right edge blocks are smaller where the sizes do not divide.
 */
import type { GranularityDefinition, OptionsSchema } from '@espalier/plugin-api';
import type { Shape } from '@espalier/tensor';
import { kernelMatrix } from './kernel-rows';

const OPTIONS = {
  rows: { type: 'integer', default: 4, minimum: 1, maximum: 4096, description: 'Inputs of a block.' },
  columns: { type: 'integer', default: 4, minimum: 1, maximum: 4096, description: 'Outputs of a block.' },
} as const satisfies OptionsSchema;

export const block: GranularityDefinition<typeof OPTIONS> = {
  description: 'Blocks of rows x columns of the kernel as a matrix [inputs, outputs] go together.',
  options: OPTIONS,
  groupCount(shape, { rows, columns }) {
    const [inputs, outputs] = matrixOf(shape);
    return Math.ceil(inputs / rows) * Math.ceil(outputs / columns);
  },
  groupsOf(shape, { rows, columns }) {
    const [inputs, outputs] = matrixOf(shape);
    const blocksAcross = Math.ceil(outputs / columns);
    const groups = new Uint32Array(inputs * outputs);
    let i = 0;
    for (let input = 0; input < inputs; input++) {
      const first = Math.floor(input / rows) * blocksAcross;
      for (let output = 0; output < outputs; output++) groups[i++] = first + Math.floor(output / columns);
    }
    return groups;
  },
};

function matrixOf(shape: Shape): readonly [number, number] {
  const { positions, inputs, outputs } = kernelMatrix(shape, 'block');
  return [positions * inputs, outputs];
}
