import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginHashedErrorTable = {
  PLUGIN_HASHED_BUCKETS: {
    message:
      'the tensor "{name}" would have {buckets} buckets, but weights are trained with at most {most}; lower the option "share" or "buckets".',
  },
  PLUGIN_HASHED_BYTES: {
    message:
      'the hashed bytes of "{name}" are damaged: {problem}; take the file from where it was made again.',
  },
} as const satisfies ErrorTable;

export const pluginHashedError = defineErrors(pluginHashedErrorTable);
