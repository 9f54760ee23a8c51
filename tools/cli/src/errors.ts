import { defineErrors, type ErrorTable } from '@espalier/base';

export const cliErrorTable = {
  CLI_OPTION: { message: 'option {option} got "{value}", but needs {expected}.' },
  CLI_FILE: { message: 'cannot {action} "{file}": {problem}; check the path.' },
  CLI_RUN_UNKNOWN: {
    message:
      'there is no run "{run}" in "{folder}"; it has {present}. `espalier runs` lists them, --runs names another folder.',
  },
  CLI_RESUME_WITH: {
    message:
      '--resume {run} goes on by the recipe that the run was begun with, so {given} cannot be given beside it; leave it out, or change the rest of the run with `espalier undo {run} --to ROUND --set KEY=VALUE`.',
  },
  CLI_UNDO_TRAIN: {
    message:
      'an undo keeps what "train" made, but {sets} would train another network; start a run of its own with `espalier run`.',
  },
  CLI_FOLDER_BUSY: {
    message:
      '"{folder}" is in use: process {pid} works there ({doing}); wait for it, or name another folder with --runs.',
  },
  CLI_RUN_PINNED: { message: 'run "{run}" is pinned; unpin it first, or say --force.' },
  CLI_IMAGE: { message: 'cannot take "{image}" as an image: {problem}.' },
  CLI_DATA: { message: 'cannot take "{data}" as a data set: {problem}.' },
  CLI_WHOLE_NUMBERS: {
    message:
      'cannot compute "{file}" in whole numbers: {problem}; write it with the codec "int8" of @espalier/plugin-int8, by channel and symmetric (its defaults, as recipes/plugin-int8.yaml does), or leave out --whole-numbers.',
  },
  CLI_DISK: {
    message:
      'the run needs about {needed} under "{folder}", but {free} are free; make room (`espalier gc`), or name another folder with --runs.',
  },
  CLI_EVALUATION: {
    message: 'the file "{file}" could not be tested in a process of its own ({how}): {problem}',
  },
  CLI_HUB: { message: 'the hub at {hub} said {status} to {request}: {problem}.', retryable: true },
  CLI_HUB_AWAY: {
    message: 'the hub at {hub} does not answer ({problem}); is it running, and is the address right?',
    retryable: true,
  },
  CLI_NO_TRAINER: {
    message:
      'no trainer has come to the hub within {seconds} s ({present} services are there); start one: espalier service trainer --hub URL.',
    retryable: true,
  },
  CLI_RUN_FAILED: { message: 'the run failed: {problem}' },
  CLI_RUN_PAUSED: {
    message: 'the run is paused: {problem} Then go on with: espalier run --resume {run}',
  },
  CLI_STOPPED: { message: 'stopped; go on with: espalier run --resume {run}' },
  CLI_BENCH_UNKNOWN: {
    message: '"{name}" is neither a file nor a bench; the benches are {present}.',
  },
  CLI_SERVICE_UNKNOWN: { message: 'there is no service "{name}"; there are {present}.' },
  CLI_FOLDER_FILLED: {
    message: 'the folder "{folder}" is not empty, and nothing is written over; name another with --dir.',
  },
  CLI_TOKEN: { message: 'no token: {problem}; give --token-file FILE, or set ESPALIER_TOKEN.' },
} as const satisfies ErrorTable;

export const cliError = defineErrors(cliErrorTable);
