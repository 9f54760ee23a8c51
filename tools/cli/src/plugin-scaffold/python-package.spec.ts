import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRIBUTION_KINDS } from '@espalier/plugin-api';
import { pluginNames } from './package-name';
import { pythonPackage } from './python-package';
import { writeNewFolder } from './write-files';

const KINDS = Object.values(CONTRIBUTION_KINDS).filter((kind) => kind !== 'observer');

/** In place of what its process needs to call a host, which its own tests do not. */
const STAND_INS = {
  'msgpack.py': '',
  'websockets/__init__.py': '',
  'websockets/exceptions.py': 'class ConnectionClosed(Exception): pass\n',
  'websockets/sync/__init__.py': '',
  'websockets/sync/client.py': 'connect = unix_connect = None\n',
};

describe('a plugin in Python that was just made', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-python-'));
    writeNewFolder(join(folder, 'stand-ins'), STAND_INS);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(KINDS)('passes its own tests: %s', (kind) => {
    const cwd = join(folder, kind);
    writeNewFolder(cwd, pythonPackage(pluginNames('mine'), kind));
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PYTHONPATH: join(folder, 'stand-ins'),
    };
    const run = spawnSync('python3', ['-m', 'unittest'], { cwd, env, encoding: 'utf8' });
    // unittest is content with no tests at all.
    expect({ status: run.status, words: run.stderr }).toEqual({
      status: 0,
      words: expect.stringMatching(/Ran [1-9]\d* tests?[^]*OK/) as string,
    });
  });

  it('is started as its description says, under its name', () => {
    const files = pythonPackage(pluginNames('@me/mine'), 'criterion');
    expect(JSON.parse(files['espalier-plugin.json'])).toEqual({
      name: '@me/espalier-plugin-mine',
      version: '1.0.0',
      start: ['python3', 'plugin.py'],
    });
    expect(files['plugin.py']).toContain('"name": "@me/espalier-plugin-mine"');
    expect(files['wire.py']).toContain('def serve(');
  });

  it('is no observer: events do not come over its wire', () => {
    expect(() => pythonPackage(pluginNames('mine'), 'observer')).toThrow(
      'CLI_OPTION: option --kind got "observer"',
    );
  });
});
