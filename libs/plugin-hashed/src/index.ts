/** HashedNets (Chen et al. 2015): a hash of its position says which of a few values a weight has, so no index is stored. */
import { definePlugin } from '@espalier/plugin-api';
import { hashedCodec } from './hashed-codec';
import { hashedQuantizer } from './hashed-quantizer';

export default definePlugin({
  name: '@espalier/plugin-hashed',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'HashedNets: weights share values by a hash of their position, with a hashed sign',
  codecs: { hashed: hashedCodec },
  quantizers: { hashed: hashedQuantizer },
});
