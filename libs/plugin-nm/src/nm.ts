/**
 * N:M sparsity (Zhou et al. 2021; Mishra et al. 2021 for 2:4): of every m weights that follow each other along the inputs of one
 * output, n stay. Sets never run over from one output, or one position of a convolution's window, into the next.
 */
import type { GranularityDefinition, OptionsOf, OptionsSchema } from '@espalier/plugin-api';
import { sizeOf, type Shape } from '@espalier/tensor';
import { pluginNmError } from './errors';
import { kernelMatrix } from './kernel-rows';

const OPTIONS = {
  n: { type: 'integer', default: 2, minimum: 1, maximum: 255, description: 'Weights that stay of each set.' },
  m: { type: 'integer', default: 4, minimum: 2, maximum: 256, description: 'Weights of a set.' },
  along: {
    type: 'string',
    default: 'input',
    enum: ['input', 'window'],
    description:
      'What a set follows in a convolution: the input channels at one position, or all inputs of a filter (kh, kw, in), for layers of few channels.',
  },
} as const satisfies OptionsSchema;

type Options = OptionsOf<typeof OPTIONS>;

export const nm: GranularityDefinition<typeof OPTIONS> = {
  description: 'Each weight for itself, but exactly n of every m along the inputs stay.',
  options: OPTIONS,
  groupCount: (shape) => sizeOf(shape),
  groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i),
  pattern: (shape, options) => ({ setOf: setsOf(shape, options), keep: options.n }),
};

/** [size]: the set of each weight, numbered position by position, then by place among the inputs, then by output. */
function setsOf(shape: Shape, { n, m, along }: Options): Uint32Array {
  if (n >= m) throw pluginNmError('PLUGIN_NM_PATTERN', { n, m });
  const matrix = kernelMatrix(shape, 'nm');
  const isWindow = along === 'window';
  const positions = isWindow ? 1 : matrix.positions;
  const inputs = isWindow ? matrix.positions * matrix.inputs : matrix.inputs;
  const { outputs } = matrix;
  const setsDown = Math.ceil(inputs / m);
  const sets = new Uint32Array(positions * inputs * outputs);
  let i = 0;
  for (let position = 0; position < positions; position++) {
    for (let input = 0; input < inputs; input++) {
      const first = (position * setsDown + Math.floor(input / m)) * outputs;
      for (let output = 0; output < outputs; output++) sets[i++] = first + output;
    }
  }
  return sets;
}
