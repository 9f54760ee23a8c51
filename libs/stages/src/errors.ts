import { defineErrors, type ErrorTable } from '@espalier/base';

export const stagesErrorTable = {
  STAGE_CANCELLED: {
    message: '{stage} was stopped; run it again to go on from its last checkpoint.',
    retryable: true,
  },
  STAGE_INPUT: {
    message: '{stage} needs the input "{role}", but was given {given}; this is a defect of the planner.',
  },
  STAGE_UNKNOWN: { message: 'no stage is called "{kind}"; there are {known}.' },
  STAGE_INIT_MISSING: {
    message:
      'the weights in {source} have no tensor "{name}" for {parameter}; name it under init.names. The file has {present}.',
  },
  STAGE_INIT_SHAPE: {
    message: 'tensor "{name}" of the given weights has shape {actual}, but {parameter} has {expected}.',
  },
  STAGE_PLUGIN_MISSING: {
    message:
      'the stage needs "{contribution}" of the plugin "{name}" {version} (digest {digest}), which is not loaded here; {suggestion}',
  },
  PLUGIN_FAILED: {
    message:
      'the {kind} "{name}" of the plugin "{plugin}" {version} failed for good ({problem}); mend it, or swap it (espalier swap), and resume the run.',
  },
  STAGE_REGROWTH: {
    message:
      'the regrowth "{regrowth}" took weights of "{layer}" away that the pruning keeps; it may only bring some back.',
  },
  STAGE_SWAP: { message: 'the criterion of the run cannot be swapped any more: {problem}.' },
  STAGE_QUANTIZER: {
    message:
      'the quantizer "{quantizer}" answered "{layer}" {shape} wrongly: {problem}; it is a defect of its plugin.',
  },
  STAGE_QUANTIZER_CODES: {
    message:
      'the quantizer "{quantizer}" gives "{layer}" no one codebook, so there are no centroids to train; leave share.retrain out, or quantize by tensor and symmetrically.',
  },
  STAGE_CODEC: {
    message:
      'the codec "{codec}" does not give "{layer}" {shape} back: {problem}; it is a defect of its plugin.',
  },
  STAGE_BUDGET: {
    message:
      'the budget needs the held-out error of {stage}, which has none; hold samples out (data.heldOut) or leave the budget out.',
  },
  STAGE_UNDO_ROUND: { message: 'the run has no finished round {round} to go back to; it has {rounds}.' },
  STAGE_ARTIFACT_DIFFERS: {
    message:
      'tensor "{name}" decodes from the artifact to other values than were encoded; this is a defect of the coder, please report it.',
  },
} as const satisfies ErrorTable;

export const stagesError = defineErrors(stagesErrorTable);
