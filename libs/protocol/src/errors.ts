import { defineErrors, type ErrorTable } from '@espalier/base';

export const protocolErrorTable = {
  PROTOCOL_TOO_LARGE: {
    message:
      'a {what} has {actual} bytes, but at most {limit} are allowed; send less, or in several messages.',
  },
  PROTOCOL_FRAME: {
    message:
      'a message is not readable at byte {offset}: {problem}; the sender does not speak this protocol.',
  },
  PROTOCOL_VERSION: {
    message:
      'a message has protocol version {actual}, but this end speaks {expected}; run the same version of Espalier on both ends.',
  },
  PROTOCOL_KIND: {
    message:
      'there is no message of kind "{kind}"; the other end may be newer: run the same version on both ends.',
  },
  PROTOCOL_BODY: { message: 'a "{kind}" message is not valid at {path}: {problem}.' },
  PROTOCOL_CHUNK: {
    message:
      'a chunk of {digest} at byte {offset} should have digest {expected}, but its bytes give {actual}; it is asked for again.',
    retryable: true,
  },
} as const satisfies ErrorTable;

export const protocolError = defineErrors(protocolErrorTable);
