/**
 * One file of each format and version, made once and read for ever: what an older program wrote, this one reads. Never
 * replace one; a new version of a format adds its own. (The artifact's stands in libs/encoding, beside its encoder.)
 */
import { dataManifestBytes, parseDataManifest } from '@espalier/datasets';
import { decodeArtifact } from '@espalier/encoding';
import { MESSAGES, decodeData, decodeMessage, type DataHeader, type Message } from '@espalier/protocol';
import { isResolved, parseRecipe, writeResolved, type ResolvedRecipe } from '@espalier/recipe';
import { reportSchema } from '@espalier/stages';
import { parseManifest, readRunLog } from '@espalier/store';
import { manifestBytes, tensorBytes } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(__dirname, name)));
const textOf = (name: string): string => readFileSync(join(__dirname, name), 'utf8');
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

describe('a snapshot manifest of version 1', () => {
  const id = '1b409901e6a22449378feb5536debd9b3bad95f9279cb64001372e60adbcc4fa';
  const bytes = bytesOf('snapshot-v1.json');

  it('has the id that it had, written again too', () => {
    expect(sha256(bytes)).toBe(id);
    expect(sha256(manifestBytes(parseManifest(bytes, id)))).toBe(id);
  });

  it('lists tensors with dtype and shape, and what else must be known', () => {
    const { tensors, info, network } = parseManifest(bytes, id);
    expect(tensors.map(({ name, dtype, shape }) => `${name} ${dtype} ${shape.join('x')}`)).toEqual([
      'fc1/bias float32 3',
      'fc1/kernel float32 4x3',
      'fc1/kernel:codebook float32 2',
      'fc1/kernel:codes uint16 4x3',
      'fc1/kernel:mask bit 4x3',
      'fc1/kernel:momentum float32 4x3',
    ]);
    expect(info).toEqual({ step: 1200, epoch: 2, name: 'café' });
    expect(network).toMatchObject({ version: 1, name: 'golden', input: [4] });
  });
});

describe('a data manifest of version 1', () => {
  it('has the digest that it had, written again too', () => {
    const digest = '0f0da4d3879dd1eb786fa2cb3b2f3496c1ec70ad60777d549081ca45e046e5d2';
    const manifest = parseDataManifest(JSON.parse(textOf('data-v1.json')));
    expect(sha256(bytesOf('data-v1.json'))).toBe(digest);
    expect(sha256(dataManifestBytes(manifest))).toBe(digest);
    expect(manifest).toMatchObject({
      name: 'golden',
      classes: 3,
      splits: { train: { count: 6 }, test: { count: 3 } },
    });
  });
});

describe('a run log of version 1', () => {
  it('gives every record but the one that a power cut tore', async () => {
    const key = 'ab'.repeat(32);
    expect(await readRunLog(join(__dirname, 'run-log-v1.jsonl'))).toEqual([
      {
        seq: 1,
        at: 1_795_000_000_000,
        type: 'run.created',
        fields: { recipe: { version: 1, name: 'golden' }, note: 'café "and" \\ more' },
      },
      {
        seq: 2,
        at: 1_795_000_000_250,
        type: 'stage.started',
        fields: { key, title: 'prune 1', attempt: 1 },
      },
      {
        seq: 3,
        at: 1_795_000_000_375,
        type: 'stage.done',
        fields: {
          key,
          title: 'prune 1',
          seconds: 0.125,
          metrics: { layers: [{ name: 'fc1/kernel', kept: 12 }], threshold: null },
        },
      },
    ]);
  });
});

describe('control messages of version 1', () => {
  const golden = JSON.parse(textOf('control-messages-v1.json')) as { hex: string; message: Message }[];

  it('are there of every kind', () => {
    expect(golden.map(({ message }) => message.kind).sort()).toEqual(Object.keys(MESSAGES).sort());
  });

  it.each(golden)('$message.kind says what it said', ({ hex, message }) => {
    expect(decodeMessage(fromHex(hex))).toEqual(message);
  });
});

describe('data frames of version 1', () => {
  const golden = JSON.parse(textOf('data-frames-v1.json')) as {
    hex: string;
    header: DataHeader;
    bytesHex: string;
  }[];

  it.each(golden)('$header.kind says what it said', ({ hex, header, bytesHex }) => {
    const decoded = decodeData(fromHex(hex));
    expect(decoded.header).toEqual(header);
    expect(new Uint8Array(decoded.bytes)).toEqual(fromHex(bytesHex));
  });
});

describe('a report of version 1', () => {
  it('is what the schema of today allows, with every field that it had', () => {
    const report: unknown = JSON.parse(textOf('report-v1.json'));
    expect(reportSchema.parse(report)).toEqual(report);
  });
});

describe('a resolved recipe of version 1', () => {
  const text = textOf('recipe-resolved-v1.yaml');
  const { recipe } = parseRecipe(text, { file: 'recipe-resolved-v1.yaml' });

  it('can be run as it stands', () => {
    expect(isResolved(recipe)).toBe(true);
  });

  it('loses none of its values when it is written again; what is newer may be added', () => {
    const written = writeResolved(recipe as ResolvedRecipe).split('\n');
    let from = 0;
    for (const line of text.split('\n')) {
      const at = written.indexOf(line, from);
      expect([line, at >= 0]).toEqual([line, true]);
      from = at + 1;
    }
  });
});

describe('an artifact of version 1', () => {
  it("decodes to what Python's safetensors read in its decoded file", () => {
    const listing = JSON.parse(textOf('artifact-v1.listing.json')) as { name: string }[];
    const { version, tensors } = decodeArtifact(bytesOf('artifact-v1.espalier'));
    expect(version).toBe(1);
    const ours = [...tensors].map(([name, tensor]) => ({
      name,
      dtype: tensor.dtype === 'float32' ? 'F32' : tensor.dtype,
      shape: tensor.shape,
      kept: tensor.data.filter((value) => value !== 0).length,
      sha256: sha256(tensorBytes(tensor)),
    }));
    expect(ours.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(listing);
  });
});
