import { defineErrors, type ErrorTable } from '@espalier/base';

export const encodingErrorTable = {
  ENCODING_OPTION: {
    message: 'the encoding option "{option}" must be {expected}, but it is {actual}.',
  },
  ENCODING_CODES: {
    message:
      'tensor "{name}" uses code {code} at index {index}, but its codebook has {levels} levels (codes 0 to {levels}).',
  },
  ENCODING_SIZE: {
    message: 'tensor "{name}" of shape {shape} needs {expected} elements, but {actual} came.',
  },
  ENCODING_NOT_FINITE: {
    message: 'tensor "{name}" holds {value} at index {index}; only finite numbers can be encoded.',
  },
  ENCODING_STREAM: {
    message: 'the coded stream of {what} is broken: {problem}; take the file again from where it was made.',
  },
  ARTIFACT_MAGIC: {
    message:
      'this is no .espalier file: it should begin with the bytes {expected}, but begins with {actual}.',
  },
  ARTIFACT_VERSION: {
    message:
      'the file has artifact format version {actual}, this program reads up to {supported}; use a newer Espalier.',
  },
  ARTIFACT_TRUNCATED: {
    message: 'the artifact is cut: it needs {expected} bytes, but has {actual}; copy the whole file again.',
  },
  ARTIFACT_CHECKSUM: {
    message:
      'the artifact is damaged: its bytes give the checksum {actual}, but it carries {expected}; copy it again.',
  },
  ARTIFACT_HEADER: {
    message: 'the header of the artifact is broken: {problem}; encode the network again.',
  },
  ARTIFACT_TENSOR: {
    message: 'the tensor "{name}" in the artifact is broken: {problem}; encode the network again.',
  },
  ARTIFACT_LIMIT: {
    message:
      'the artifact declares {what} {actual}, which is beyond the limit of {limit}; raise it in the options if you trust the file.',
  },
  ARTIFACT_INPUT: {
    message: 'tensor "{name}" cannot be put into an artifact: {problem}.',
  },
  ARTIFACT_CODING: {
    message:
      'none of the allowed codings ({codings}) can carry tensor "{name}" of kind {kind}; allow {advice}.',
  },
  ARTIFACT_VERIFY: {
    message:
      'tensor "{name}" coded as {coding} does not decode to what was encoded; this is a fault in Espalier, please report it.',
  },
  ARTIFACT_DECODER: {
    message: 'the tensor "{name}" was coded by {codec}; {advice}.',
  },
  SAFETENSORS_FORM: {
    message: 'this is no valid safetensors file: {problem}; export it again.',
  },
  SAFETENSORS_DTYPE: {
    message:
      'the safetensors tensor "{name}" has dtype {actual}, which cannot be read here; convert it to {expected}.',
  },
} as const satisfies ErrorTable;

export const encodingError = defineErrors(encodingErrorTable);
