/** Fine and coarse patterns that hardware and kernels can use: N of M, and blocks. */
import { definePlugin } from '@espalier/plugin-api';
import { block } from './block';
import { nm } from './nm';

export default definePlugin({
  name: '@espalier/plugin-nm',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'N:M patterns along the inputs, and rectangular blocks',
  granularities: { nm, block },
});
