import { defineErrors, type ErrorTable } from '@espalier/base';

export const storeErrorTable = {
  STORE_DISK_FULL: {
    message:
      'no space left for {path} ({bytes} bytes); free some disk ("espalier gc" removes what no run needs), then start again.',
    retryable: true,
  },
  STORE_MISSING: {
    message: 'the store has no {what} {digest}; it was never put there, or has been collected.',
  },
  STORE_DIGEST: {
    message:
      '{path} should have digest {expected}, but its bytes give {actual}; it is damaged: remove it and fetch it again.',
    retryable: true,
  },
  STORE_TOO_LARGE: {
    message: '{what} {digest} has {actual} bytes, but at most {limit} are read at once; read it in pieces.',
  },
  STORE_MANIFEST: { message: 'the manifest {id} is not valid: {problem}; the sender must make it again.' },
  STORE_FORM: {
    message: 'the {form} form of {digest} is broken: {problem}; the sender must encode it again.',
  },
  STORE_LOG_BROKEN: {
    message:
      'record {line} of {path} is damaged, and there are records behind it, so this is no torn end: restore the file, or open it with "repair" to cut it there.',
  },
  STORE_LOG_VERSION: {
    message: '{path} has version {actual}, but this program reads up to {expected}; use a newer Espalier.',
  },
  STORE_LOG_CLOSED: { message: 'the log {path} is closed; nothing can be added.' },
  STORE_NAME: {
    message:
      '"{name}" cannot name a {what}; use 1..128 of A-Z a-z 0-9 . _ - that start with a letter or digit.',
  },
  STORE_RECORD: { message: 'the record {path} is not readable: {problem}; remove it, and it is made again.' },
} as const satisfies ErrorTable;

export const storeError = defineErrors(storeErrorTable);
