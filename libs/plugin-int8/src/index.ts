/** Linear quantisation to 8 bits, as integer kernels take it. */
import { definePlugin } from '@espalier/plugin-api';
import { int8 } from './int8';
import { int8Codec } from './int8-codec';

export default definePlugin({
  name: '@espalier/plugin-int8',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'Weights as 8-bit integers, by tensor or by channel, symmetric or affine',
  codecs: { int8: int8Codec },
  quantizers: { int8 },
});

export { activationRange, type ActivationRange } from './activation-range';
export { quantizeToInt8, weightsOf, type Int8Options } from './int8';
