import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginInt8ErrorTable = {
  PLUGIN_INT8_BYTES: {
    message: 'the int8 bytes of "{name}" are damaged: {problem}; take the file from where it was made again.',
  },
} as const satisfies ErrorTable;

export const pluginInt8Error = defineErrors(pluginInt8ErrorTable);
