import { defineErrors, type ErrorTable } from '@espalier/base';

export const datasetsErrorTable = {
  DATA_FILE: {
    message: 'cannot read the data file "{file}": {problem}; check the path in the recipe\'s data section.',
  },
  DATA_IDX_GZIP: {
    message: 'the data file "{file}" begins as gzip but does not unpack: {problem}; fetch or pack it again.',
  },
  DATA_IDX_MAGIC: {
    message:
      'the data file "{file}" should begin with the IDX magic {expected}, but begins with {actual}; give an IDX file, plain or gzipped.',
  },
  DATA_IDX_DIMS: {
    message:
      'the data file "{file}" should hold {expected}, but declares {actual}; are images and labels swapped?',
  },
  DATA_IDX_TRUNCATED: {
    message:
      'the data file "{file}" declares {shape} and so should have {expected} bytes, but has {actual}; it was cut or is not IDX.',
  },
  DATA_IDX_COUNT: {
    message:
      'the image file "{images}" has {imageCount} samples, but the label file "{labels}" has {labelCount}; the two must belong together.',
  },
  DATA_IDX_LABEL: {
    message:
      'the label file "{file}" has label {label} at index {index}, but labels go from 0 to {last}; set data.classes to the number of classes.',
  },
  DATA_SHAPE: {
    message:
      'the test images of "{name}" are {test}, but the training images are {train}; both must have one shape.',
  },
  DATA_HELD_OUT: {
    message:
      'cannot hold out {heldOut} of {count} training samples; set data.heldOut so that at least one is left to train with (0 holds out none).',
  },
  DATA_MANIFEST: {
    message:
      'the manifest of the data set is broken: {problem}; it must be written by a version that this one can read.',
  },
  DATA_BLOB: {
    message:
      'the {part} of data set "{name}" should have {expected} bytes, but blob {digest} has {actual}; fetch it again from its owner.',
    retryable: true,
  },
  DATA_THREAD: {
    message: 'the thread that distorts images ahead failed: {reason}; open the session again.',
  },
} as const satisfies ErrorTable;

export const dataError = defineErrors(datasetsErrorTable);
