import { defineErrors, type ErrorTable } from '@espalier/base';

export const pruningErrorTable = {
  PRUNING_UNKNOWN_NAME: { message: 'there is no {kind} called "{name}"; {suggestion}' },
  PRUNING_NEEDS: {
    message:
      'criterion "{criterion}" needs the {need} of "{layer}", which were not given; collect them before pruning.',
  },
  PRUNING_SIZE: {
    message:
      '"{layer}" has shape {shape} ({expected} elements), but its {what} have {actual}; give whole tensors.',
  },
  PRUNING_NOT_FINITE: {
    message:
      'criterion "{criterion}" scores element {index} of "{layer}" with {value}; scores must be finite: look at its weights and gradients.',
  },
  PRUNING_GROUPS: {
    message:
      'granularity "{granularity}", asked for the shape {shape}, {problem}; it is a defect of its plugin.',
  },
  PRUNING_DUPLICATE_LAYER: { message: '"{layer}" is listed twice; each tensor is pruned once a round.' },
  PRUNING_KEEP: { message: 'keep of {where} must be a share from 0 to 1, but it is {actual}.' },
  PRUNING_QUALITY: { message: 'quality of "{layer}" must be a number >= 0, but it is {actual}.' },
  PRUNING_QUALITY_CRITERION: {
    message:
      'quality compares |w| with the standard deviation and so needs the criterion "magnitude", but it is "{criterion}"; use keep.',
  },
  PRUNING_NO_AMOUNT: { message: 'nothing says how much of "{layer}" to prune; give it a quality or a keep.' },
  PRUNING_MIN_KEPT: { message: 'minKept must be a whole number >= 0, but it is {actual}.' },
  PRUNING_PROGRESS: { message: 'progress must be a share from 0 to 1, but it is {actual}.' },
  PRUNING_BUDGET: { message: 'the accuracy budget {field} must be a share from 0 to 1, but it is {actual}.' },
  PRUNING_HISTORY: {
    message: 'the history has no round 0, the dense network, whose error the budget starts from.',
  },
  PRUNING_UNITS_STAY: {
    message: 'units of "{layer}" cannot be taken out: "{by}" stands in the way, as {reason}.',
  },
  PRUNING_CURVE: { message: 'the sensitivity curve of "{layer}" {problem}; measure it again.' },
} as const satisfies ErrorTable;

export const pruningError = defineErrors(pruningErrorTable);
