import { defineErrors, type ErrorTable } from '@espalier/base';

export const tensorErrorTable = {
  TENSOR_SIZE: {
    message:
      'tensor "{name}" declares {shape} {dtype} ({expected} bytes) but carries {actual}; the sender must send whole tensors.',
  },
  TENSOR_DTYPE: { message: 'tensor "{name}" has dtype {actual}, but {expected} is needed here.' },
  TENSOR_NOT_FINITE: {
    message:
      'tensor "{name}" holds {value} at index {index}; training has diverged: lower the learning rate, or look at the data.',
  },
  TENSOR_MISSING: { message: 'the snapshot has no tensor "{name}"; it has {present}.' },
  TENSOR_DUPLICATE: { message: 'the snapshot lists tensor "{name}" twice; names must be unique.' },
  TENSOR_DIGEST: {
    message:
      'tensor "{name}" should have digest {expected}, but its bytes give {actual}; fetch it again from its owner.',
    retryable: true,
  },
  TENSOR_FORM: {
    message: 'the {form} form of a tensor is broken: {problem}; the sender must encode it again.',
  },
  TENSOR_SHAPE: { message: 'shape {shape} is not allowed: {problem}.' },
} as const satisfies ErrorTable;

export const tensorError = defineErrors(tensorErrorTable);
