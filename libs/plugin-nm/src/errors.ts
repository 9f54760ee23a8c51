import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginNmErrorTable = {
  PLUGIN_NM_PATTERN: {
    message:
      'a pattern keeps {n} of every {m} weights, which removes nothing; the option "n" must be below "m", as in 2 of 4.',
  },
  PLUGIN_NM_SHAPE: {
    message:
      'the granularity "{granularity}" goes over kernels, dense [in, out] or conv [kh, kw, in, out], but it was given shape [{shape}].',
  },
} as const satisfies ErrorTable;

export const pluginNmError = defineErrors(pluginNmErrorTable);
