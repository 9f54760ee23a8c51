import { defineErrors, type ErrorTable } from '@espalier/base';

export const engineErrorTable = {
  ENGINE_MISSING: {
    message:
      'the {backend} engine was asked for, but it does not load: {problem}. Run "npm run setup", or see "espalier doctor".',
  },
  ENGINE_LOADED: {
    message:
      'this process already runs the engine as "{loaded}"; it cannot become "{asked}" any more: TensorFlow reads its settings once. Start another process.',
  },
  ENGINE_WASM_CONV: {
    message:
      'network "{network}" trains the convolution "{layer}", which the WASM engine cannot do (it has no Conv2DBackpropFilter). Set up the native engine (Python 3 with pip, make, g++; then "npm run setup"), or freeze that layer.',
  },
  ENGINE_GRAPH: { message: 'operation {operation} does not take {inputs}: {problem}.' },
  ENGINE_NETWORK: { message: 'network "{network}" cannot be run: layer "{layer}" {problem}.' },
  ENGINE_OPTION: { message: 'session option {option} is {value}: {problem}.' },
  ENGINE_DATA: { message: 'the data for "{split}" does not fit network "{network}": {problem}.' },
  ENGINE_SNAPSHOT: {
    message: 'the snapshot does not fit network "{network}": tensor "{tensor}" {problem}.',
  },
  ENGINE_DIVERGED: {
    message:
      'the loss became {loss} at step {step} (learning rate {learningRate}); the session is spent. Go back to a checkpoint, and lower the learning rate or look at the data.',
  },
  ENGINE_SPENT: { message: 'the session {reason}; open a new one.' },
  ENGINE_RUN: { message: 'TensorFlow failed in "{call}": {problem}.' },
} as const satisfies ErrorTable;

export const engineError = defineErrors(engineErrorTable);
