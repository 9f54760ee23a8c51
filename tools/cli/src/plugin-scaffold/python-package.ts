/** The files of a plugin in Python, by path: a process of its own that speaks the protocol of plugins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOST_VERSION, type ContributionKind } from '@espalier/plugin-api';
import { cliError } from '../errors';
import { ROOT } from '../installation';
import { indented, type Files } from './node-package';
import type { PluginNames } from './package-name';
import { PYTHON_CODE, type PythonCode, type PythonKind } from './python-code';
import { scaffoldReadme } from './scaffold-readme';

/** The wire is the same for every plugin in Python: it is taken from the one that comes with Espalier. */
const WIRE = join(ROOT, 'libs/plugin-python-example/espalier_plugin_example/wire.py');
const REQUIREMENTS = 'msgpack>=1.0\nwebsockets>=15\n';

/** @throws CLI_OPTION for a kind that there is no wire for */
export function pythonPackage(names: PluginNames, kind: ContributionKind): Files {
  if (kind === 'observer') {
    const expected = `one of ${Object.keys(PYTHON_CODE).join(', ')} with --lang python`;
    throw cliError('CLI_OPTION', { option: '--kind', value: kind, expected });
  }
  const code = PYTHON_CODE[kind];
  const start = { name: names.packageName, version: '1.0.0', start: ['python3', 'plugin.py'] };
  return {
    'espalier-plugin.json': `${JSON.stringify(start, undefined, 2)}\n`,
    'plugin.py': plugin(names, kind, code),
    'wire.py': readFileSync(WIRE, 'utf8'),
    'test_plugin.py': test(code),
    'requirements.txt': REQUIREMENTS,
    'README.md': scaffoldReadme(names, { kind, language: 'python' }),
    '.gitignore': '.venv/\n__pycache__/\n',
  };
}

function plugin({ packageName, contribution }: PluginNames, kind: PythonKind, code: PythonCode): string {
  const maths = ['isfinite', 'prod'].filter((name) => code.handle.includes(`${name}`));
  const imports = [
    ...(/\barray\(/.test(code.handle) ? ['from array import array'] : []),
    ...(maths.length > 0 ? [`from math import ${maths.join(', ')}`] : []),
  ];
  return [
    `"""The ${kind} "${contribution}" for Espalier."""`,
    '',
    ...imports,
    ...(imports.length > 0 ? [''] : []),
    'from wire import serve',
    '',
    `NAME = "${contribution}"`,
    'MANIFEST = {',
    `    "name": "${packageName}",`,
    '    "version": "1.0.0",',
    `    "host": "^${HOST_VERSION}",`,
    `    "contributions": [{"kind": "${kind}", "name": NAME, ${code.manifest}}],`,
    '}',
    '',
    '',
    'def handle(method, name, call_input, options, tensors):',
    '    """A call: what is no tensor, and tensors by role as arrays. Returns the same, tensors as (role, dtype, shape, array)."""',
    indented(code.handle, 4),
    '',
    '',
    'if __name__ == "__main__":',
    '    serve(MANIFEST, handle)',
    '',
  ].join('\n');
}

function test({ tested, test: body }: PythonCode): string {
  return [
    '"""`python3 -m unittest` in this folder."""',
    '',
    'import unittest',
    ...(/\barray\(/.test(body) ? ['from array import array'] : []),
    '',
    'from plugin import NAME, handle',
    '',
    '',
    'class Plugin(unittest.TestCase):',
    `    def test_${tested}(self):`,
    indented(body, 8),
    '',
    '',
    'if __name__ == "__main__":',
    '    unittest.main()',
    '',
  ].join('\n');
}
