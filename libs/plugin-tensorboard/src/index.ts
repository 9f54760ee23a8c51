/** Event files for TensorBoard. */
import { definePlugin } from '@espalier/plugin-api';
import { tensorboard } from './tensorboard';

export default definePlugin({
  name: '@espalier/plugin-tensorboard',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'Event files that TensorBoard opens: loss, errors, kept shares, bytes, shared weights',
  observers: { tensorboard },
});
