import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginErrorTable = {
  PLUGIN_DEFINITION: {
    message: 'the plugin "{plugin}" is not well defined: {problem}.',
  },
  PLUGIN_CONTRIBUTION: {
    message: 'the plugin "{plugin}" has no {kind} called "{name}"; {suggestion}',
  },
  PLUGIN_UNKNOWN_OPTION: {
    message: 'the {of} has no option "{option}"; {suggestion}',
  },
  PLUGIN_OPTION: {
    message: 'the option "{option}" of the {of} must be {expected}, but it is {actual}.',
  },
  PLUGIN_NONCONFORMING: {
    message: 'it should hold of the {of} that it {name}, but: {problem}. {advice}',
  },
} as const satisfies ErrorTable;

export const pluginError = defineErrors(pluginErrorTable);
