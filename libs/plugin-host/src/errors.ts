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
    message:
      'the plugin "{plugin}" contributes a "{kind}", which this host does not know; it knows {known}. Use a version of Espalier that knows it, or of the plugin that does without.',
  },
  PLUGIN_MANIFEST: {
    message: 'the manifest of the plugin "{plugin}" is not valid: {problem}; its author must mend it.',
  },
  PLUGIN_NO_CONTRIBUTION: {
    message: 'the plugin "{plugin}" has no {kind} "{name}"; {suggestion}',
  },
  PLUGIN_CANARY: {
    message:
      'the {kind} "{name}" of the plugin "{plugin}" does not answer a small known tensor as it must: {problem}; it is not let in. Its author must mend it: espalier plugins check FOLDER says more; until then use the version before, or another criterion.',
  },
  PLUGIN_THREW: {
    message: 'the {kind} "{name}" of the plugin "{plugin}" failed: {reason}',
  },
  PLUGIN_ANSWER_SHAPE: {
    message: 'the {kind} "{name}" of the plugin "{plugin}" answered {actual}; expected: {expected}.',
  },
  PLUGIN_ANSWER_VALUE: {
    message:
      'the {kind} "{name}" of the plugin "{plugin}" answered {value} at {index}; {expected} are allowed.',
  },
  PLUGIN_PROTOCOL: {
    message:
      'the plugin "{plugin}" speaks protocol {spoken}, this host {protocol}; use versions of the plugin and of Espalier that have one in common.',
  },
  PLUGIN_START: {
    message:
      'the plugin "{plugin}" did not say hello within {timeoutMs} ms; it ended with {how} and its last words were: {words}. Install or mend what they name; espalier plugins check FOLDER tries it again.',
  },
  PLUGIN_CRASHED: {
    message:
      'the process of the plugin "{plugin}" ended in the middle of its work ({how}); its last words were: {words}',
    retryable: true,
  },
  PLUGIN_TIMEOUT: {
    message:
      'the {kind} "{name}" of the plugin "{plugin}" has not answered within {timeoutMs} ms; its process was ended. Give it more time, or less to do.',
  },
  PLUGIN_MEMORY: {
    message:
      'the plugin "{plugin}" needs more than its {limitBytes} bytes of memory; its process was ended. Raise its limit if it may have more.',
  },
  PLUGIN_PROCESSES: {
    message:
      'the plugin "{plugin}" started more than its {limit} processes and threads; all of them were ended. Raise its limit if it may have more.',
  },
  PLUGIN_OPEN_FILES: {
    message: 'the plugin "{plugin}" has all of its {limit} files open and needs more: {reason}',
  },
  PLUGIN_FLOOD: {
    message:
      'the plugin "{plugin}" sent more than {limit} messages a second that answer nothing; its connection was cut. It must publish less, or together.',
  },
  PLUGIN_FORGED: {
    message: 'the plugin "{plugin}" spoke under another name, "{actual}"; its connection was cut.',
  },
  PLUGIN_UNKNOWN_CALL: {
    message: 'the plugin "{plugin}" answered the call {call}, which there is not; its connection was cut.',
  },
  PLUGIN_BREACH: {
    message: 'the plugin "{plugin}" does not keep to the protocol: {problem}; its connection was cut.',
  },
  PLUGIN_GIVEN_UP: {
    message:
      'the plugin "{plugin}" was given up after {count} failures in a row, the last: {reason}; use the recipe\'s fallback, or mend it and go on.',
  },
  PLUGIN_NOT_ATTACHED: {
    message:
      'no plugin came within {timeoutMs} ms; start it by hand with the address and the token that were given.',
  },
  PLUGIN_BY_HAND: {
    message:
      'the plugin "{plugin}" is one that a person starts, and nothing waits for it here; let the stages of a run use it, in a service that may start it.',
  },
  PLUGIN_ATTACHED: {
    message:
      'what came as the plugin "{plugin}" does not say what its espalier-plugin.json says (digests {actual} and {expected}); make both the same, or start the right one.',
  },
  PLUGIN_PROGRAM: {
    message:
      'the plugin "{plugin}" is started by "{program}", which is not found on this machine; install it, or name its path among the programs of the host.',
  },
  PLUGIN_CLOSED: { message: 'the plugin "{plugin}" was removed; load it again.' },
} as const satisfies ErrorTable;

export const pluginHostError = defineErrors(pluginHostErrorTable);
