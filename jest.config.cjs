'use strict';

// One configuration for the whole workspace. `npx jest libs/tensor` runs the tests of one lib; the slow
// end-to-end tests stand apart in test/ and run by `npx jest --selectProjects pipeline`, those in a browser by
// `npx jest --selectProjects browser`, those of the plugin in Python by `npm test -- --only python`.

// `--selectProjects` takes every word behind it for a project: a path there would be none, and everything would run.
const selected = process.argv.findIndex((word) => word.startsWith('--selectProjects'));
for (let at = selected + 1; selected > 0 && at < process.argv.length && process.argv[at][0] !== '-'; at++) {
  if (/[/.]/.test(process.argv[at])) {
    throw new Error(`put paths first: npx jest ${process.argv[at]} --selectProjects ...`);
  }
}

/** Settings that both projects share. Tests run from source: the condition @espalier/source picks src/index.ts. */
const shared = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/test/jest-environment/host-arrays-environment.cjs',
  testEnvironmentOptions: { customExportConditions: ['@espalier/source', 'node', 'require', 'default'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json', 'node'],
  // A global of the context in which jest runs a module is looked up anew at each use, which slows loops over numbers down several
  // times; what is named here is handed to each module instead.
  sandboxInjectedGlobals: [
    ...['Math', 'Number', 'BigInt', 'Object', 'Array', 'Map', 'Set', 'DataView'],
    ...[
      'Int8Array',
      'Uint8Array',
      'Uint8ClampedArray',
      'Int16Array',
      'Uint16Array',
      'Int32Array',
      'Uint32Array',
    ],
    ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
  ],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/runs/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/runs/'],
};

module.exports = {
  // One more than the machine that guards main has cores: many a test waits for processes.
  maxWorkers: 3,
  // A busy machine must not fail a test: this only ends one that hangs.
  testTimeout: 300_000,
  testSequencer: '<rootDir>/tools/check/slow-first.cjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['libs', 'services', 'tools'].map((folder) => `<rootDir>/${folder}/**/*.spec.ts`),
    },
    {
      ...shared,
      displayName: 'pipeline',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      testPathIgnorePatterns: [
        ...shared.testPathIgnorePatterns,
        '<rootDir>/test/browser/',
        '<rootDir>/test/dashboard/',
        '<rootDir>/test/python/',
      ],
    },
    { ...shared, displayName: 'python', testMatch: ['<rootDir>/test/python/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['browser', 'dashboard'].map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
    },
  ],
};
