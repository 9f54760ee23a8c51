import { defineErrors, type ErrorTable } from '@espalier/base';

export const networkErrorTable = {
  NETWORK_FORM: { message: 'a network: {where} must be {expected}, but it is {actual}.' },
  NETWORK_UNKNOWN_FIELD: { message: '{where} has no field "{field}"; {suggestion}' },
  NETWORK_UNKNOWN_TYPE: { message: 'layer "{layer}" has the unknown type "{actual}"; {suggestion}' },
  NETWORK_MISSING_FIELD: {
    message: 'layer "{layer}" ({type}) lacks the field "{field}", which must be {expected}.',
  },
  NETWORK_FIELD: {
    message: 'layer "{layer}" ({type}): "{field}" must be {expected}, but it is {actual}.',
  },
  NETWORK_LAYER_NAME: {
    message:
      'layer {index} has the name {actual}; a name is 1 to 64 letters, digits, "_", "-" or ".", and not "input".',
  },
  NETWORK_DUPLICATE_NAME: { message: 'two layers are called "{layer}"; give the second another name.' },
  NETWORK_UNKNOWN_INPUT: {
    message: 'layer "{layer}" reads from "{actual}", which is no layer before it; {suggestion}',
  },
  NETWORK_INPUT_COUNT: {
    message: 'layer "{layer}" ({type}) needs {expected}, but has {actual}; list them in "inputs".',
  },
  NETWORK_SHAPE: {
    message: 'layer "{layer}" ({type}) needs {expected}, but "{input}" gives {actual}; {advice}.',
  },
  NETWORK_UNUSED_LAYER: {
    message: 'nothing reads the output of layer "{layer}", and it is not the last; remove it or use it.',
  },
  NETWORK_UNKNOWN_NAME: { message: 'there is no network called "{name}"; {suggestion}' },
  NETWORK_UNKNOWN_LAYER: { message: 'the network "{network}" has no layer "{layer}"; {suggestion}' },
} as const satisfies ErrorTable;

export const networkError = defineErrors(networkErrorTable);
