import { defineErrors, type ErrorTable } from '@espalier/base';

export const benchErrorTable = {
  BENCH_OPTION: { message: 'option {option} got "{value}", but needs {expected}.' },
  BENCH_CHILD: {
    message: '"{command}" ended with {how}; what it said stands above. Run it by itself to look closer.',
  },
  BENCH_FILE: {
    message: 'the results file "{file}" is not readable: {problem}; remove it, or give another with --out.',
  },
  BENCH_TABLE: {
    message: '{file} has a marker for the table "{name}", which nobody writes; there are {present}.',
  },
  BENCH_MARKER: { message: '{file} opens the table "{name}" and does not close it; add {expected}.' },
  BENCH_WEIGHTS: {
    message:
      '"{name}" came back with {actual} weights that are not 0, but {expected} were to be kept; the largest that it lost is {largestLost}, the least that it kept {leastKept}.',
  },
  BENCH_DATA: {
    message:
      "{name} is not here and cannot be fetched: {problem}; install Debian's package {package}, or run this where apt-get reaches Debian's packages.",
  },
  BENCH_DECODED: {
    message:
      '{program} decodes {tensors} of "{file}" to other weights than {first}: the decoder must not depend on the program.',
  },
  BENCH_TENSORBOARD: {
    message:
      'TensorBoard {version} reads other values in {file} than it should; `--json` shows which it reads, and the tests of the plugin which were written.',
  },
  BENCH_DRIFT: {
    message: 'the tables of {files} are not what docs/results says; run: npm run docs:tables',
  },
} as const satisfies ErrorTable;

export const benchError = defineErrors(benchErrorTable);
