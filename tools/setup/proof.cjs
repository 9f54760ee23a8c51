'use strict';

// One tiny training step on the native engine, in a process of its own: if a library is missing, an addon was built
// for something else or the CPU lacks an instruction, it is this process that dies. Prints one line of JSON.

const util = require('node:util');

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'; // read when the addon loads, so before the import below

// tfjs-node 4.22 calls two functions that Node 23 removed, and that Node 22 warns of: they are put in place before
// it is loaded, whether Node has them or not.
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;

const warn = console.warn;
console.warn = () => undefined; // tfjs-node greets with advice about its own installation
// eslint-disable-next-line espalier/floors -- set-up runs before any lib can be loaded
const tf = require('@tensorflow/tfjs-node');
console.warn = warn;

/** Fits y = x w for w [4, 4] by one step of gradient descent; the loss must be finite and must have fallen. */
function trainOneStep() {
  const x = tf.eye(4).mul(2); /* [4, 4] */
  const y = tf.ones([4, 4]); /* [4, 4] */
  const w = tf.variable(tf.zeros([4, 4])); /* [in 4, out 4] */
  const loss = () => tf.losses.meanSquaredError(y, tf.matMul(x, w));
  const before = loss().dataSync()[0];
  tf.train.sgd(0.5).minimize(loss);
  return { before, after: loss().dataSync()[0] };
}

const { before, after } = trainOneStep();
if (tf.getBackend() !== 'tensorflow')
  throw new Error(`the backend is "${tf.getBackend()}", not "tensorflow"`);
if (!(after < before)) throw new Error(`one training step took the loss from ${before} to ${after}`);
process.stdout.write(
  JSON.stringify({ backend: tf.getBackend(), tensorflow: tf.backend().binding.TF_Version, before, after }) +
    '\n',
);
