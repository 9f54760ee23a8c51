import { defineErrors, type ErrorTable } from '@espalier/base';

export const serviceErrorTable = {
  SERVICE_CONFIG: {
    message: 'the service {name} cannot start: {problem}; it reads its settings as JSON from {variable}.',
  },
  SERVICE_CRASHED: {
    message:
      'the process {name} ended {count} times in a row before it was ready, the last time with {exit}; its last words: {words}',
  },
  SERVICE_LEASE_BUSY: {
    message: '{service} already works on {running}, and takes one stage at a time; it is offered again.',
    retryable: true,
  },
  SERVICE_KIND: { message: '{service} does not run stages of the kind "{kind}"; it runs {kinds}.' },
  SERVICE_SPEC: {
    message: 'the offered stage is not readable: {problem}; run the same version on both ends.',
  },
  SERVICE_STAGE_FAILED: {
    message:
      'a stage failed by an error without a code, which is a defect: {problem}; the log of the service has its stack.',
  },
  SERVICE_ADMITS_NONE: {
    message:
      '{service} scores nothing, so it cannot try the criterion "{criterion}"; ask the service that does.',
  },
  SERVICE_ADMISSION: {
    message:
      'the criterion "{criterion}" could not be tried, by an error without a code, which is a defect: {problem}.',
  },
  SERVICE_STOPPED: {
    message:
      '{service} was asked to leave while it worked on "{stage}"; the stage goes on elsewhere, or here later.',
    retryable: true,
  },
  SERVICE_INPUT_MISSING: {
    message: 'none of {count} sources has {what} {digest}, which the stage "{stage}" starts from.',
    retryable: true,
  },
} as const satisfies ErrorTable;

export const serviceError = defineErrors(serviceErrorTable);
