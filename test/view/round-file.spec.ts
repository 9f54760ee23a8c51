/** A round's file, as the coordinator has it coded: real processes, which pull from a real store. */
import { errorCode, silentLogger, type JsonValue } from '@espalier/base';
import { decodeArtifact } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { parseRecipe } from '@espalier/recipe';
import type { StageSpec } from '@espalier/stages';
import { BlobStore } from '@espalier/store';
import { tensor, type Digest, type Snapshot } from '@espalier/tensor';
import { newToken, serveBlobs } from '@espalier/transport';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinishedRunStage, RunState } from '../../services/coordinator/src/fold-run';
import type { Artifact } from '../../services/coordinator/src/view/http/artifact';
import { RoundFiles, type RoundFilesParts } from '../../services/coordinator/src/view/http/round-file';

const FROM_SOURCE = ['--conditions=@espalier/source', '--import', 'tsx'];
const PROCESS = 'round-file-process.ts';

const network = checkNetwork({
  name: 'small',
  input: [6],
  layers: [{ type: 'dense', name: 'fc1', units: 3 }],
});
const golden = join(__dirname, '../golden/recipe-resolved-v1.yaml');
const recipe = {
  ...parseRecipe(readFileSync(golden, 'utf8'), { file: 'recipe-resolved-v1.yaml' }).recipe,
  // What would lose bits, or need somebody else's program.
  encode: { biasBits: 2, codebook: 'float16', codings: ['dense16'], codec: { name: 'mine/codec' } },
} as unknown as JsonValue;

const BIAS = Float32Array.of(0.1, -1 / 3, 1e-30);
const DENSE = Float32Array.from({ length: 18 }, (_, i) => Math.fround((i + 1) / 7));
/** Each third weight is left. */
const PRUNED = DENSE.map((weight, i) => (i % 3 === 0 ? weight : 0));

describe('the file of a round', () => {
  const dir = mkdtempSync(join(tmpdir(), 'espalier-round-file-'));
  const token = newToken();
  const never = new AbortController().signal;
  let store: BlobStore;
  let door: Awaited<ReturnType<typeof serveBlobs>>;
  let run: RunState;

  beforeAll(async () => {
    store = await BlobStore.open(join(dir, 'owner'));
    door = await serveBlobs({ store, tokens: [{ token, scope: 'service' }] });
    run = runOf([
      stage({ kind: 'train' }, await put(DENSE), 18),
      stage({ kind: 'prune', round: 1 }, await put(PRUNED), 6),
      stage({ kind: 'retrain', round: 1 }, await put(PRUNED.map((weight) => 2 * weight)), 6),
    ]);
  });
  afterAll(async () => {
    await door.close();
    rmSync(dir, { recursive: true });
  });

  const put = async (kernel: Float32Array): Promise<Digest> => {
    const tensors = {
      'fc1/bias': tensor('float32', [3], BIAS),
      'fc1/kernel': tensor('float32', [6, 3], kernel),
      'fc1/kernel:momentum': tensor('float32', [6, 3], DENSE),
    };
    const snapshot: Snapshot = {
      network: network as unknown as JsonValue,
      tensors: new Map(Object.entries(tensors)),
      info: {},
    };
    return (await store.putSnapshot(snapshot)).id;
  };

  const filesFrom = (urls: readonly string[], more: Partial<RoundFilesParts> = {}): RoundFiles =>
    new RoundFiles({
      dir: join(dir, 'runs'),
      dataUrls: () => urls,
      ...more,
      token,
      logger: silentLogger,
      execArgv: FROM_SOURCE,
    });

  const passing = join(dir, 'runs/.store/passing');
  const left = (): readonly string[] => readdirSync(passing);

  it('is its network to the last bit, whatever the recipe makes of the last one', async () => {
    const files = filesFrom([door.url]);
    const opened = await Promise.all([0, 1].map((round) => files.open(run, round, never)));
    expect(opened.map(({ file }) => file)).toEqual(['my-run-dense.espalier', 'my-run-round-1.espalier']);
    // Of what it was made of nothing lies here while it is read.
    expect(left().map((folder) => readdirSync(join(passing, folder)).includes('coding'))).toEqual([
      false,
      false,
    ]);
    const kernels = [DENSE, PRUNED.map((weight) => 2 * weight)];
    for (const [i, artifact] of opened.entries()) {
      const bytes = await bytesOf(artifact);
      expect(bytes.byteLength).toBe(artifact.bytes);
      const { tensors } = decodeArtifact(bytes);
      expect(tensors.get('fc1/kernel')?.data).toEqual(kernels[i]);
      expect(tensors.get('fc1/bias')?.data).toEqual(BIAS);
      await artifact[Symbol.asyncDispose]();
    }
    expect(left()).toEqual([]);
  });

  it('that there is not is refused with those that there are', async () => {
    const refused = filesFrom([door.url]).open(run, 2, never);
    await expect(refused).rejects.toMatchObject({
      code: 'COORDINATOR_NO_ARTIFACT',
      message: expect.stringMatching(/no file of round 2; rounds that are done: 1; 0 is the dense/) as string,
    });
  });

  it('0 is there when the training is done', async () => {
    await expect(filesFrom([door.url]).open(runOf([]), 0, never)).rejects.toMatchObject({
      code: 'COORDINATOR_NO_ARTIFACT',
      message: expect.stringMatching(/when the training of the dense network/) as string,
    });
  });

  it('is one of few that are made or read at a time', async () => {
    const files = filesFrom([door.url], { maxFiles: 1 });
    const first = files.open(run, 0, never);
    await expect(files.open(run, 1, never)).rejects.toMatchObject({ code: 'COORDINATOR_BUSY' });
    const opened = await first;
    await expect(files.open(run, 1, never)).rejects.toMatchObject({ code: 'COORDINATOR_BUSY' });
    await opened[Symbol.asyncDispose]();
    await expect(files.open(run, 2, never)).rejects.toMatchObject({ code: 'COORDINATOR_NO_ARTIFACT' });
    await using second = await files.open(run, 1, never);
    expect(second.file).toBe('my-run-round-1.espalier');
  });

  it('whose network nobody has is refused, and leaves nothing', async () => {
    const lost = runOf([stage({ kind: 'train' }, 'e'.repeat(64), 18)]);
    const refused = await filesFrom([door.url])
      .open(lost, 0, never)
      .catch((error: unknown) => error);
    expect(errorCode(refused)).toBe('TRANSPORT_MISSING');
    expect(String(refused)).toContain('unless their run is pinned');
    expect(left()).toEqual([]);
  });

  it('is made by one process at a time, which ends with whoever waits for it', async () => {
    // Lets everybody in and says nothing.
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets: { destroy(): void }[] = [];
    const knocked = new Promise<void>((resolve) =>
      silent.on('connection', (socket) => {
        sockets.push(socket);
        resolve();
      }),
    );
    const urls = [`ws://127.0.0.1:${(silent.address() as AddressInfo).port}/blobs`];
    /** Processes that there are at each one's turn. */
    const turns: number[] = [];
    const dataUrls = (): readonly string[] => (turns.push(processes().length), [...urls]);
    const files = filesFrom([], { dataUrls });
    const leaving = new AbortController();
    const first = files.open(run, 1, leaving.signal);
    const gone = expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await knocked;
    const second = files.open(run, 1, never);
    // It is asked when it is its turn who has the network.
    urls[0] = door.url;
    expect(left()).toHaveLength(1);
    expect(processes()).toHaveLength(1);
    leaving.abort();
    await gone;
    await using artifact = await second;
    expect(turns).toEqual([0, 0]);
    expect((await bytesOf(artifact)).byteLength).toBe(artifact.bytes);
    expect(processes()).toEqual([]);
    expect(left()).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('is not waited for by a coordinator that closes', async () => {
    const files = filesFrom([door.url]);
    const refused = expect(files.open(run, 1, never)).rejects.toMatchObject({ code: 'COORDINATOR_CLOSING' });
    await files.close();
    await refused;
    expect([processes(), left()]).toEqual([[], []]);
  });
});

function runOf(finished: readonly FinishedRunStage[]): RunState {
  const times = { createdAt: 1, updatedAt: 2, seq: 3 };
  return { id: 'r1', name: 'my run', recipe, dataUrls: [], status: 'running', ...times, finished };
}

function stage(of: Pick<StageSpec, 'kind' | 'round'>, digest: Digest, kept: number): FinishedRunStage {
  return {
    spec: { algorithm: 1, config: {}, seed: 1, inputs: {}, ...of },
    key: `${of.kind} ${of.round ?? ''}`,
    title: of.kind,
    result: {
      outputs: { snapshot: { kind: 'snapshot', digest } },
      metrics: { layers: [{ name: 'fc1/kernel', weights: 18, kept }] },
    },
    service: 'trainer',
    serviceId: 'trainer-1',
    wire: { dense: 0, masked: 0, had: 0, overhead: 0 },
    seconds: 1,
    cached: false,
  };
}

async function bytesOf({ stream }: Artifact): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream()) parts.push(part);
  return Buffer.concat(parts);
}

/** Of this one's, those that code rounds now. */
function processes(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return false;
      // The name of a process may have anything in it, and ends with the last bracket.
      const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const isOurs = Number(parent) === process.pid;
      return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(PROCESS);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}
