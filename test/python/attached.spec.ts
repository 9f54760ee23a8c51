/** The same plugin, started by a person for a run of real processes: with the address and the token that the pruner says. */
import { canonicalJson, type JsonValue } from '@espalier/base';
import { readRunLog } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL_MNIST, writeSmallMnist } from '../small-mnist';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'tools/cli/bin/espalier.cjs');
const PYTHON = process.env['ESPALIER_PLUGIN_PYTHON'] ?? 'python3';
/** What somebody has where the services run: no code of the plugin. */
const DESCRIBED = join(ROOT, 'docs/examples/attached-plugin');
/** A run of seconds; a machine that does much else at the same time must not fail it. */
const TIMEOUT_MS = 1_800_000;
const AWAITED = /"ESPALIER_PLUGIN_URL":"([^"]+)","ESPALIER_PLUGIN_TOKEN":"([^"]+)"/;

const RECIPE = `version: 1
name: attached
network: lenet-300-100
${SMALL_MNIST}engine: { threads: 1 }
plugins: { espalier-plugin-python-example: { from: ${JSON.stringify(DESCRIBED)} } }
train: { epochs: 1, learningRate: { kind: constant, base: 1.0e-3 } }
prune:
  criterion: espalier-plugin-python-example/lamp
  keep: { global: 0.08 }
  schedule: { kind: cubic, rounds: 2 }
retrain: { epochs: 1, learningRate: { kind: constant, base: 1.0e-3 } }
share: { bits: 3 }
`;

describe('the example plugin in Python, started by hand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-attached-'));
  let run: ChildProcess;
  let python: ChildProcess | undefined;
  afterAll(async () => {
    for (const child of [python, run]) {
      if (child?.exitCode === null && child.kill()) await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'scores every round of a run, whose log names the digest of what it says of itself',
    async () => {
      const runs = join(folder, 'runs');
      writeSmallMnist(folder);
      writeFileSync(join(folder, 'recipe.yaml'), RECIPE);
      run = spawn(process.execPath, [CLI, 'run', join(folder, 'recipe.yaml'), '--runs', runs], {
        env: outsideOfJest(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const gone = once(run, 'exit');
      let said = '';
      const awaited = new Promise<RegExpExecArray>((resolve, reject) => {
        run.stderr?.on('data', (part: Buffer) => {
          said += part.toString();
          const match = AWAITED.exec(said);
          if (match) resolve(match);
        });
        run.once('exit', () => reject(new Error(`the run ended: ${said}`)));
      });
      const [, url, token] = await awaited;
      python = spawn(PYTHON, ['-B', '-m', 'espalier_plugin_example'], {
        cwd: join(ROOT, 'libs/plugin-python-example'),
        env: { ESPALIER_PLUGIN_URL: url, ESPALIER_PLUGIN_TOKEN: token },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      expect([await gone, said]).toEqual([[0, null], said]);

      const id = readdirSync(runs).find((name) => !name.startsWith('.')) ?? '';
      const { attach: _attach, ...manifest } = JSON.parse(
        readFileSync(join(DESCRIBED, 'espalier-plugin.json'), 'utf8'),
      ) as { readonly [key: string]: JsonValue };
      const digest = sha256(Buffer.from(canonicalJson(manifest)));
      expect(readFileSync(join(runs, id, 'recipe.resolved.yaml'), 'utf8')).toContain(digest);
      const events = await readRunLog(join(runs, id, 'events.jsonl'));
      const rounds = events
        .filter(({ type, fields }) => type === 'stage.done' && /^prune \d/.test(String(fields['title'])))
        .map(({ fields }) => JSON.stringify(fields));
      expect(rounds).toHaveLength(2);
      for (const round of rounds) expect(round).toContain(digest);
      expect(JSON.stringify(events)).not.toContain(token);
      // It hears that nobody needs it any more.
      if (python.exitCode === null) await once(python, 'exit');
      expect(python.exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );
});

/** Without what jest puts into the environment of this process. */
function outsideOfJest(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|NODE_ENV)$/.test(name));
  return Object.fromEntries(kept);
}
