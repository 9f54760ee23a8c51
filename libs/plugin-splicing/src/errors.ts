import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginSplicingErrorTable = {
  PLUGIN_SPLICING_LATENT: {
    message:
      'the regrowth "splicing" needs the weights behind the mask of "{layer}", but none came; it is to be used where they are trained, in prune.during.',
  },
  PLUGIN_SPLICING_THRESHOLDS: {
    message:
      'the option "lower" of the regrowth "splicing" is {lower} and "upper" is {upper}; lower must not be above upper.',
  },
} as const satisfies ErrorTable;

export const pluginSplicingError = defineErrors(pluginSplicingErrorTable);
