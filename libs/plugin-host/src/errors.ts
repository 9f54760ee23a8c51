import { defineErrors, type ErrorTable } from '@espalier/base';

export const pluginHostErrorTable = {
  PLUGIN_NOT_FOUND: {
    message:
      'there is no plugin at "{from}" ({problem}); name a folder with a package.json or an espalier-plugin.json, or an installed package.',
  },
  PLUGIN_NOT_ALLOWED: {
    message:
      'the plugin "{plugin}" is not on the list of allowed plugins, so it is not started; read its code, then allow it by name.',
  },
  PLUGIN_DIGEST: {
    message:
      'the plugin "{plugin}" at {folder} has digest {actual}, but {expected} was expected: its files have changed; bring back that version, or resolve the recipe anew.',
  },
  PLUGIN_IDENTITY: {
    message:
      'the plugin should be {expected}, but it says that it is {actual}; make its package and its definition say the same, or name the right one.',
  },
  PLUGIN_HOST_VERSION: {
    message:
      'the plugin "{plugin}" {version} was made for hosts {range}, but this host has version {host}; use a version of the plugin that was made for this host.',
  },
  PLUGIN_KIND: {
    message: 'the plugin "{plugin}" contributes a "{kind}", which this host does not know; it knows {known}.',
  },
  PLUGIN_MANIFEST: {
    message: 'the manifest of the plugin "{plugin}" is not valid: {problem}; its author must mend it.',
  },
  PLUGIN_NO_CONTRIBUTION: {
    message: 'the plugin "{plugin}" has no {kind} "{name}"; {suggestion}',
  },
  PLUGIN_CANARY: {
    message:
      'the {kind} "{name}" of the plugin "{plugin}" does not answer a small known tensor as it must: {problem}; it is not let in.',
  },
  PLUGIN_THREW: {
    message: 'the {kind} "{name}" of the plugin "{plugin}" failed: {reason}',
  },
  PLUGIN_ANSWER_SHAPE: {
    message: 'the {kind} "{name}" of the plugin "{plugin}" answered {actual}, but {expected} was due.',
  },
  PLUGIN_ANSWER_VALUE: {
    message:
      'the {kind} "{name}" of the plugin "{plugin}" answered {value} at {index}; {expected} are allowed.',
  },
  PLUGIN_CLOSED: { message: 'the plugin "{plugin}" was removed; load it again.' },
} as const satisfies ErrorTable;

export const pluginHostError = defineErrors(pluginHostErrorTable);
