// Everything that is pinned, and what each platform needs: the one table to change for a new TensorFlow or platform.
// Linux x64 is what we can test; any other platform goes on with the WASM backend until it has a row here.

export const TENSORFLOW = {
  version: '2.18.0',
  /** Python package; only its libraries and C headers are used, so any Python 3 can unpack it. */
  package: 'tensorflow-cpu',
  wheels: {
    'linux-x64': {
      pythonVersion: '3.11',
      pipPlatform: 'manylinux2014_x86_64',
      sha256: '089e71746960ea581dca53401f84b3b99c8537313e337a9e5dbf97036a936f7e',
      downloadBytes: 241_300_000,
      unpackedBytes: 683_000_000,
      libc: 'glibc',
    },
  },
};

/** Members of the wheel that we keep, by prefix; the compiler needs no other header for tfjs-node's binding. */
export const WHEEL_MEMBERS = {
  libraries: ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'],
  headerPrefixes: [
    'tensorflow/c/',
    'tensorflow/core/platform/ctstring',
    'tsl/platform/ctstring',
    'xla/tsl/c/',
  ],
};

/** Names under which the linker (`-ltensorflow`) and tfjs-node look for the libraries. */
export const LIBRARY_LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

/** tfjs-node loads `lib/napi-v8`: the highest N-API version that it knows, which every Node since 16 has. */
export const NAPI_VERSION = 8;

/** Programs that the native engine needs, and the Debian package that brings each. */
export const NEEDED_TOOLS = [
  { name: 'python3', commands: ['python3'], debian: 'python3' },
  { name: 'make', commands: ['make'], debian: 'make' },
  { name: 'g++', commands: ['g++', 'c++', 'clang++'], debian: 'g++' },
];

export const PIP = { name: 'pip', debian: 'python3-pip' };

export const NODE_HEADERS = { name: "Node's headers (include/node)", debian: 'libnode-dev' };

/** For the estimate before a download: a plain home connection. */
const ASSUMED_BYTES_PER_SECOND = 6_000_000;

/** @returns the row of the wheel table for a platform such as "linux-x64", or undefined. */
export function wheelFor(platform) {
  return TENSORFLOW.wheels[platform];
}

export function platformName() {
  return `${process.platform}-${process.arch}`;
}

/** Seconds that providing libtensorflow takes on a plain connection. */
export function downloadEstimateSeconds(wheel) {
  return Math.ceil(wheel.downloadBytes / ASSUMED_BYTES_PER_SECOND) + 10;
}
