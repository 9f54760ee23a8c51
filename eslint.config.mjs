import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { espalierPlugin } from './tools/check/lint-rules.mjs';

const NODE_GLOBALS = Object.fromEntries(
  [
    ...[
      'process',
      'console',
      'Buffer',
      'performance',
      'structuredClone',
      'URL',
      'AbortController',
      'AbortSignal',
    ],
    ...[
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'queueMicrotask',
      'fetch',
    ],
    ...['TextEncoder', 'TextDecoder', 'WebAssembly'],
  ].map((name) => [name, 'readonly']),
);
const COMMONJS_GLOBALS = {
  require: 'readonly',
  module: 'writable',
  __dirname: 'readonly',
  __filename: 'readonly',
};
const BROWSER_GLOBALS = Object.fromEntries(
  ['window', 'document', 'location', 'navigator', 'WebSocket', 'requestAnimationFrame', 'localStorage'].map(
    (name) => [name, 'readonly'],
  ),
);

const RESTRICTED_SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'use a `const X = {...} as const` instead of an enum' },
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip)$/]',
    message: 'a test that is left out, or leaves the others out, is not committed',
  },
];
const MODULE_LEVEL_STATE = ['Program', 'Program > ExportNamedDeclaration'].map((place) => ({
  selector: `${place} > VariableDeclaration[kind='let']`,
  message: 'no mutable state at module level: pass it in, or keep it in an object with an owner',
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'runs/**',
      '.nx/**',
      '**/.espalier/**',
      '.bench/**',
      'coverage/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { espalier: espalierPlugin },
    rules: {
      'espalier/floors': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      'espalier/doors': 'error',
      'no-unused-vars': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX, ...MODULE_LEVEL_STATE],
    },
  },
  {
    // A spec may keep what its hooks set up at module level.
    files: ['**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX] },
  },
  {
    // AssemblyScript: a kernel's registers are the globals of its module, which is instantiated for each run.
    files: ['libs/*/assembly/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX] },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: NODE_GLOBALS } },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { ...NODE_GLOBALS, ...COMMONJS_GLOBALS } },
  },
  {
    files: ['services/dashboard/**/*.{js,mjs}'],
    languageOptions: { sourceType: 'module', globals: BROWSER_GLOBALS },
  },
);
