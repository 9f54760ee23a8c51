/** A page with the bundle in a real browser: files decode to the same bits, and networks give the same logits as in Node. */
import { Random } from '@espalier/base';
import { launchChromium, POLICIES, servePage, type PageServer } from '@espalier/bench';
import { readMnist, sliceSamples } from '@espalier/datasets';
import { decodeArtifact, encodeArtifact, shareWeights, type ArtifactTensor } from '@espalier/encoding';
import { createModel, type KernelName } from '@espalier/inference';
import { networkByName, parametersOf } from '@espalier/models';
import { sizeOf, tensorBytes } from '@espalier/tensor';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

type Policy = keyof typeof POLICIES;

const SAMPLES = 24;
const KEEP = 0.08;

const ROOT = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'espalier-browser-'));
const build = spawnSync(process.execPath, [join(ROOT, 'libs/inference/build-browser.mjs'), folder], {
  encoding: 'utf8',
});

const artifacts: ReadonlyMap<string, Uint8Array> = new Map([
  ['golden', readFileSync(join(ROOT, 'test/golden/artifact-v1.espalier'))],
  ['golden-v2', readFileSync(join(ROOT, 'test/golden/artifact-v2.espalier'))],
  ['golden-v4', readFileSync(join(ROOT, 'test/golden/artifact-v4.espalier'))],
  ['lenet-300-100', artifactOf('lenet-300-100')],
  ['lenet-5', artifactOf('lenet-5')],
]);

/** Random weights, pruned and shared, in the codings that come out smallest. */
function artifactOf(name: string): Uint8Array {
  const network = networkByName(name);
  const random = new Random(5, name);
  const tensors = parametersOf(network).map(({ name: tensor, shape, role }): ArtifactTensor => {
    const kept = (): boolean => role !== 'kernel' || random.uniform() < KEEP;
    const values = Float32Array.from({ length: sizeOf(shape) }, () => (kept() ? random.normal() : 0));
    if (role !== 'kernel') return { kind: 'dense', name: tensor, shape, values };
    return { kind: 'shared', name: tensor, shape, ...shareWeights(values, { levels: 16 }) };
  });
  return encodeArtifact({ network, tensors }).bytes;
}

const images = Float32Array.from(sliceSamples(readMnist().test, 0, SAMPLES).images, (pixel) => pixel / 255);

/** What the page's global `espalier` is to the functions that are sent there. */
type PageGlobals = {
  readonly espalier: { createModel: typeof createModel; decodeArtifact: typeof decodeArtifact };
};

/** Of a golden file the weights are of no use: some variances are negative. */
const RUNNABLE = ['lenet-300-100', 'lenet-5'];

let server: PageServer;
let browser: Browser;
const pages = new Map<string, Page>();
/** What went wrong on a page, without being asked for. */
const problems: string[] = [];

beforeAll(async () => {
  if (build.status !== 0) throw new Error(`the bundle could not be made: ${build.stderr}`);
  const bundle = readFileSync(join(folder, 'espalier.js'));
  const files = [...artifacts].map(([name, bytes]) => [`/${name}.espalier`, bytes] as const);
  server = await servePage(new Map([['/espalier.js', bundle], ...files]));
  browser = await launchChromium();
  for (const path of Object.keys(POLICIES)) pages.set(path, await openPage(path));
});

afterEach(() => expect(problems.splice(0)).toEqual([]));

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** A page with the bundle. */
async function openPage(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => void problems.push(error.message));
  await page.goto(`${server.address}${path}`);
  await page.waitForFunction(() => 'espalier' in globalThis);
  return page;
}

function pageOf(path: Policy): Page {
  return pages.get(path) as Page;
}

interface PageRun {
  readonly backend: string;
  readonly logits: readonly number[];
}

function runInPage(path: Policy, name: string, kernels: KernelName | 'measure'): Promise<PageRun> {
  return pageOf(path).evaluate(
    async ({ url, pixels, samples, kernels }) => {
      const { espalier } = globalThis as unknown as PageGlobals;
      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
      const model = await espalier.createModel(bytes, { kernels });
      const size = pixels.length / samples;
      const logits: number[] = [];
      for (let i = 0; i < samples; i++) {
        logits.push(...model.run(Float32Array.from(pixels.slice(i * size, (i + 1) * size))));
      }
      return { backend: model.plan.backend, logits };
    },
    { url: `/${name}.espalier`, pixels: [...images], samples: SAMPLES, kernels },
  );
}

async function logitsInNode(name: string, kernels: KernelName | 'reference'): Promise<Float32Array> {
  return (await createModel(artifacts.get(name) as Uint8Array, { kernels })).run(images, SAMPLES);
}

function largestDifference(actual: readonly number[], expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(actual).toHaveLength(expected.length);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0) / largest;
}

describe.each([...artifacts.keys()])('a page with the file of %s', (name) => {
  it.each(['/', '/strict'] as const)('decodes it to the same bits, on %s', async (path) => {
    const digests = await pageOf(path).evaluate(async (url) => {
      const { espalier } = globalThis as unknown as PageGlobals;
      const decoded = espalier.decodeArtifact(new Uint8Array(await (await fetch(url)).arrayBuffer()));
      const found: [string, string][] = [];
      for (const [tensor, { data }] of decoded.tensors) {
        const digest = await crypto.subtle.digest('SHA-256', data as Float32Array<ArrayBuffer>);
        const bytes = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'));
        found.push([tensor, bytes.join('')]);
      }
      return found;
    }, `/${name}.espalier`);
    const { tensors } = decodeArtifact(artifacts.get(name) as Uint8Array);
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(digests).toEqual([...tensors].map(([tensor, value]) => [tensor, digest(tensorBytes(value))]));
  });
});

describe.each(RUNNABLE)('%s in a page', (name) => {
  it.each(['sparse', 'sparse-columns', 'sparse-codes', 'dense', 'measure'] as const)(
    "gives Node's logits to 1e-5, by kernels %s",
    async (kernels) => {
      const { backend, logits } = await runInPage('/', name, kernels);
      expect(backend).toBe('wasm-simd');
      const expected = await logitsInNode(name, kernels === 'measure' ? 'reference' : kernels);
      expect(largestDifference(logits, expected)).toBeLessThan(1e-5);
    },
  );

  it("gives Node's logits where the page's policy forbids WebAssembly", async () => {
    const { backend, logits } = await runInPage('/strict', name, 'measure');
    expect(backend).toBe('reference');
    expect(largestDifference(logits, await logitsInNode(name, 'reference'))).toBeLessThan(1e-5);
  });
});
