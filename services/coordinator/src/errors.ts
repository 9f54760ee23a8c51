import { defineErrors, type ErrorTable } from '@espalier/base';

export const coordinatorErrorTable = {
  COORDINATOR_NO_RUN: { message: 'there is no run "{run}"; GET /api/runs lists those that are here.' },
  COORDINATOR_RUN_STATE: { message: 'run {run} is {status}, so it cannot be {wish}; {hint}.' },
  COORDINATOR_REQUEST: { message: 'the request is not valid: {problem}.' },
  COORDINATOR_SETTINGS: {
    message: 'the coordinator cannot start: {problem}; see services/coordinator/README.md.',
  },
  COORDINATOR_ROUTE: {
    message: 'there is no {method} {path}; see services/coordinator/README.md for what there is.',
  },
  COORDINATOR_TOKEN: {
    message: 'the token is missing or unknown; send it as "Authorization: Bearer TOKEN".',
  },
  COORDINATOR_SCOPE: { message: 'this token may not {wish}; it needs the scope {scope}.' },
  COORDINATOR_ORIGIN: {
    message: 'pages of {origin} may not use this coordinator; add the origin to its allowed origins.',
  },
  COORDINATOR_NO_SCORER: {
    message:
      'no {service} is connected that could try the criterion "{criterion}", so the run keeps the one that it has; start one (espalier service {service}), or wait until it is back, and swap again.',
    retryable: true,
  },
  COORDINATOR_ADMISSION: {
    message:
      '{service} has not said whether it lets the criterion "{criterion}" in ({reason}), so the run keeps the one that it has; see the log of that service, and swap again.',
    retryable: true,
  },
  COORDINATOR_SWAP_NEEDS: {
    message:
      'the swap says that the criterion "{criterion}" needs {said}, but its plugin declares {actual}; give "needs" as the plugin has them ("espalier swap" does).',
  },
  COORDINATOR_SERVICE_LOST: {
    message: '{service} was lost while it worked on "{stage}" ({reason}); the stage is offered again.',
    retryable: true,
  },
  COORDINATOR_CLOSING: { message: 'the coordinator is closing; try again when it is back.', retryable: true },
  COORDINATOR_ENGINE: {
    message:
      'no service told which engine made the network (backend, version and threads; came {told}), so there is no report; run the same version everywhere.',
  },
  COORDINATOR_NO_ARTIFACT: {
    message: 'run {run} has no file {of}; {hint}.',
  },
  COORDINATOR_BUSY: {
    message:
      '{limit} files of rounds are already being made or passed on, which is as many as there may be; ask again when one of them is through.',
    retryable: true,
  },
  COORDINATOR_SERIES_LOG: {
    message:
      '{path} is no series log of version 1; run the version of Espalier that wrote it, or move the file away: only curves are in it.',
  },
  COORDINATOR_RESULT: {
    message:
      '{service} sent a result for "{stage}" that is not usable: {problem}; run the same version everywhere.',
  },
} as const satisfies ErrorTable;

export const coordinatorError = defineErrors(coordinatorErrorTable);
