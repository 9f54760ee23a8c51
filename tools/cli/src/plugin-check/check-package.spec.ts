import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePackage } from '../plugin-scaffold/node-package';
import { pluginNames } from '../plugin-scaffold/package-name';
import { writeNewFolder } from '../plugin-scaffold/write-files';
import { checkPackage, type PackageReport } from './check-package';

describe('checkPackage', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A schedule whose `completion` has this body. */
  async function schedule(body: string, patience = 60): Promise<PackageReport> {
    const files = nodePackage(pluginNames('mine'), 'schedule', 'javascript');
    const at = join(folder, 'plugin');
    writeNewFolder(at, {
      ...files,
      'index.js': `module.exports = { name: 'espalier-plugin-mine', version: '1.0.0', host: '^1.0.0',
        schedules: { mine: { completion: (progress) => { ${body} } } } };`,
    });
    return checkPackage(at, { seed: 1, patience });
  }
  const failed = ({ checks }: PackageReport): string[] =>
    checks.filter(({ passed }) => !passed).map(({ name }) => name);

  it('passes a plugin that was just made, in TypeScript that nobody compiled, and says its digest', async () => {
    writeNewFolder(join(folder, 'ts'), nodePackage(pluginNames('mine'), 'schedule', 'typescript'));
    const report = await checkPackage(join(folder, 'ts'), { seed: 1, patience: 120 });
    expect(failed(report)).toEqual([]);
    expect(report).toMatchObject({ name: 'espalier-plugin-mine', version: '1.0.0', passed: true });
    expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says which check ended the process, and makes the others all the same', async () => {
    const report = await schedule('if (progress === 0.5) process.exit(3); return progress;');
    expect(failed(report)).toEqual([
      'is a finite number from 0 to 1',
      'never falls',
      'depends on progress and options alone',
      'admits it in a process of its own: manifest, versions, kinds, options, a known tensor',
    ]);
    expect(report.checks.find(({ passed }) => !passed)?.problem).toBe('its process ended with exit code 3');
    expect(report.checks.find(({ name }) => name.startsWith('is exactly 0'))?.passed).toBe(true);
  });

  it('ends a loop that does not end', async () => {
    const report = await schedule('while (progress > 0.997 && progress < 1); return progress;', 8);
    expect(failed(report)).toEqual([
      'is a finite number from 0 to 1',
      'never falls',
      'depends on progress and options alone',
    ]);
    expect(report.checks.find(({ passed }) => !passed)?.problem).toContain('nothing was heard of it for 8 s');
  });

  it('says why a module does not load', async () => {
    writeNewFolder(join(folder, 'broken'), nodePackage(pluginNames('mine'), 'schedule', 'javascript'));
    writeFileSync(join(folder, 'broken/index.js'), `require('no-such-package');`);
    const report = await checkPackage(join(folder, 'broken'), { seed: 1, patience: 60 });
    expect(report.passed).toBe(false);
    expect(report.checks[0]).toMatchObject({ name: 'can be loaded', passed: false });
    expect(report.checks[0].problem).toContain(`Cannot find module 'no-such-package'`);
  });
});
