'use strict';

// jest runs each test file in a vm context that has its own ArrayBuffer, Float32Array and so on. Code outside the
// context (Node's fs and crypto, msgpackr, the TensorFlow addon) makes and checks for the host's, so that
// `bytes instanceof Uint8Array` is false in tests only. This environment gives the context the host's constructors.

const { TestEnvironment } = require('jest-environment-node');

// Inside the context process.env is a copy, which native code does not see: TensorFlow's settings are made here.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';

const HOST_CONSTRUCTORS = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
];

class HostArraysEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of HOST_CONSTRUCTORS) this.global[name] = globalThis[name];
  }
}

module.exports = HostArraysEnvironment;
