import { defineErrors, type ErrorTable } from '@espalier/base';

export const inferenceErrorTable = {
  INFERENCE_INPUT: {
    message:
      'the network "{network}" takes {batch} samples of {shape} ({expected} values), but {actual} values came.',
  },
  INFERENCE_BATCH: { message: 'the batch must be a whole number from 1, but it is {batch}.' },
  INFERENCE_TENSOR: {
    message: 'the tensor "{name}" must be float32 of shape {expected}, but {actual}; give the whole network.',
  },
  INFERENCE_KERNEL: {
    message: 'layer "{layer}" has no kernel "{kernel}"; it has {present}.',
  },
  INFERENCE_MEMORY: {
    message:
      'the network needs {bytes} bytes of WebAssembly memory, which ends at {limit}; use a smaller batch, or kernels: "reference".',
  },
  INFERENCE_DISPOSED: { message: 'the model of "{network}" was disposed of; create it again.' },
} as const satisfies ErrorTable;

export const inferenceError = defineErrors(inferenceErrorTable);

/** In Node alone: a page need not load them. */
export const threadErrorTable = {
  INFERENCE_THREADS: {
    message: 'threads must be "measure" or a whole number from 1 to {most}, but it is {threads}.',
  },
  INFERENCE_THREAD: {
    message: 'a thread of the model of "{network}" failed: {reason}; create it again, or with threads: 1.',
  },
} as const satisfies ErrorTable;

/** In Node alone, too. */
export const integerErrorTable = {
  INFERENCE_INTEGER: {
    message: 'layer "{layer}" cannot be computed in whole numbers: {problem}; use createModel.',
  },
  INFERENCE_CALIBRATION: {
    message:
      'the samples that activations are calibrated on must be whole inputs of {size} values, at least one, but they have {actual} values.',
  },
} as const satisfies ErrorTable;

export const integerError = /* @__PURE__ */ defineErrors(integerErrorTable);

export const threadError = /* @__PURE__ */ defineErrors(threadErrorTable);
