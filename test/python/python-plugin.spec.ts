/** A plugin that shares no line with us but the protocol's page. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@espalier/base';
import { openPluginHost, type LoadedPlugin, type PluginHost } from '@espalier/plugin-host';

const FOLDER = join(__dirname, '../../libs/plugin-python-example');
const PYTHON = process.env['ESPALIER_PLUGIN_PYTHON'] ?? 'python3';

const layer = (weights: Float32Array, shape = [weights.length]) => ({
  name: 'fc1/kernel',
  shape,
  weights,
  random: new Random(1),
});

describe('the example plugin in Python', () => {
  let host: PluginHost;
  let plugin: LoadedPlugin;
  beforeAll(async () => {
    host = await openPluginHost({ allow: ['espalier-plugin-python-example'], programs: { python3: PYTHON } });
    plugin = await host.load({ from: FOLDER });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  it('passes its own tests', () => {
    const { status, stderr } = spawnSync(PYTHON, ['-B', '-m', 'unittest', 'discover', 'tests'], {
      cwd: FOLDER,
      encoding: 'utf8',
    });
    expect(`${status} ${stderr}`).toMatch(/^0 [^]*OK/);
  });

  it('is admitted with its manifest', () => {
    expect(plugin.ref).toMatchObject({ name: 'espalier-plugin-python-example', version: '1.0.0' });
    expect(plugin.manifest.contributions).toMatchObject([
      { kind: 'criterion', name: 'lamp', needs: ['weights'] },
    ]);
  });

  it('scores, with options', async () => {
    expect([...(await plugin.criterion('lamp').score(layer(Float32Array.of(1, -2, 3))))]).toEqual([
      ...Float32Array.of(1 / 14, 4 / 13, 1),
    ]);
    const byUnit = plugin.criterion('lamp', { perUnit: true });
    expect([...(await byUnit.score(layer(Float32Array.of(1, 2, 3, 4), [2, 2])))]).toEqual([
      ...Float32Array.of(1 / 10, 4 / 20, 1, 1),
    ]);
  });

  it('takes tensors that need many messages, and more than one window of credit', async () => {
    // Twice 9.6 MB: each end has to grant anew. Few values, so that Python sorts them soon.
    const weights = Float32Array.from({ length: 2_400_000 }, (_, i) => (i % 2 === 0 ? 0 : 1));
    const scores = await plugin.criterion('lamp').score(layer(weights));
    const again = await plugin.criterion('lamp').score(layer(weights));
    expect(scores.at(-1)).toBe(1);
    expect(scores.every((score, i) => (score === 0) === (i % 2 === 0))).toBe(true);
    expect(Buffer.from(again.buffer).equals(Buffer.from(scores.buffer))).toBe(true);
  });

  it('is refused by name, before any tensor moves, where it was made for other hosts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'espalier-python-'));
    try {
      cpSync(FOLDER, folder, { recursive: true });
      const main = join(folder, 'espalier_plugin_example/__main__.py');
      const text = readFileSync(main, 'utf8');
      // Whoever asks this one for scores gets none: the refusal below would be another.
      const changed = text
        .replace('"host": "^1.0.0"', '"host": "^9.0.0"')
        .replace('    shape = call_input["shape"]', '    raise ValueError("it was asked")');
      expect(changed).toContain('^9.0.0');
      expect(changed).toContain('it was asked');
      writeFileSync(main, changed);
      const refused = host.load({ from: folder });
      await expect(refused).rejects.toMatchObject({ code: 'PLUGIN_HOST_VERSION' });
      await expect(refused).rejects.toThrow('was made for hosts ^9.0.0');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is one process from the first call to the last', () => {
    expect(plugin.statistics).toMatchObject({ restarts: 0, failed: 0, unanswered: 0 });
  });
});
