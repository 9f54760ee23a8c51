import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginChannelsErrorTable = {
  PLUGIN_CHANNELS_GRADIENTS: {
    message:
      'the criterion "filter-taylor" needs the gradients of "{layer}", but none came; the host must deliver what a criterion declares.',
  },
} as const satisfies ErrorTable;

export const pluginChannelsError = defineErrors(pluginChannelsErrorTable);
