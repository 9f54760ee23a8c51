import { Random, type JsonValue } from '@espalier/base';
import { encodeArtifact } from '@espalier/encoding';
import { checkNetwork, parametersOf } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS } from '../commands';
import { runCommandLine } from '../main';
import { fakeTerminal } from '../testing/fake-terminal';

const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'));
const file = join(folder, 'small.espalier');

beforeAll(() => {
  const network = checkNetwork({
    name: 'small',
    input: [4, 4, 1],
    layers: [{ type: 'flatten' }, { type: 'dense', name: 'fc', units: 3 }],
  });
  const random = new Random(1, 'weights');
  const tensors = parametersOf(network).map(({ name, shape }) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () =>
      random.uniform() < 0.5 ? 0 : random.normal(),
    );
    return { kind: 'dense', name, shape, values } as const;
  });
  writeFileSync(file, encodeArtifact({ network, tensors }).bytes);
});

afterAll(() => rmSync(folder, { recursive: true }));

async function espalier(...argv: readonly string[]): Promise<{ code: number; out: string; notes: string }> {
  const terminal = fakeTerminal();
  const code = await runCommandLine(argv, terminal, COMMANDS);
  return { code, out: terminal.outs.join('\n'), notes: terminal.notes.join('\n') };
}

describe('espalier bench', () => {
  it('measures a file beside the dense network', async () => {
    const quick = ['--batch', '1,4', '--rounds', '1', '--seconds', '0.01'];
    const { code, out } = await espalier('bench', file, '--data', 'none', ...quick, '--json');
    expect(code).toBe(0);
    const result = JSON.parse(out) as Record<string, JsonValue>;
    expect(result).toMatchObject({
      network: 'small',
      weights: 48,
      rows: [
        { runtime: 'Espalier', error: null },
        { runtime: 'Espalier, dense kernels', bytes: 4 * 51 },
        { runtime: expect.stringMatching(/^TensorFlow/) as string },
      ],
      answers: { 1: { compared: 128, differing: 0 }, 4: { compared: 128, differing: 0 } },
      kernels: { layers: [{ layer: 'flatten1' }, { layer: 'fc', chosen: 'measured' }] },
    });
    for (const { us } of result['rows'] as unknown as { us: Record<string, number> }[]) {
      expect(Object.keys(us)).toEqual(['1', '4']);
      expect(Object.values(us).every((each) => each > 0)).toBe(true);
    }
  });

  it('prints a table, and with --kernels what runs each layer', async () => {
    const { out } = await espalier('bench', file, '--data', 'none', '--seconds', '0.01', '--kernels');
    expect(out).toContain('us, batch 64');
    expect(out).toMatch(/^fc; .*measured/m);
  });

  it('refuses images that the network does not take, and tells what does', async () => {
    const { code, notes } = await espalier('bench', file);
    expect(code).toBe(1);
    expect(notes).toContain('CLI_DATA');
    expect(notes).toContain('--data none');
  });

  it('lists the benches without an argument, and has help for a file', async () => {
    expect((await espalier('bench')).out).toContain('inference');
    expect((await espalier('bench', file, '--help')).out).toContain('espalier bench FILE');
  });

  it.each([
    ['what is neither a bench nor a file', 'sedes', 2, 'CLI_BENCH_UNKNOWN'],
    ['a file that is not there', 'gone.espalier', 1, 'CLI_FILE'],
    ['a file that is no artifact', __filename, 1, 'ARTIFACT_MAGIC'],
  ])('refuses %s', async (_, name, expected, error) => {
    const { code, notes } = await espalier('bench', name);
    expect(code).toBe(expected);
    expect(notes).toContain(error);
  });

  it('refuses options that it does not know', async () => {
    expect((await espalier('bench', file, '--sed')).code).toBe(2);
    expect((await espalier('bench', file, '--batch', '1,x')).code).toBe(2);
  });
});
