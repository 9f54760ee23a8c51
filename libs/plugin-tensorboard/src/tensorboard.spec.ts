import { definePlugin, type Observation, type ObserverDefinition } from '@espalier/plugin-api';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subject, from, lastValueFrom, toArray } from 'rxjs';
import { crc32c, crc32cTable } from './crc32c';
import plugin from './index';
import { ProtoWriter } from './protobuf';
import { SAMPLE_RUN } from './sample-run';
import { readEvents, slowCrc32c, type ReadEvent } from './testing-reader';

const GOLDEN = join(__dirname, '../golden/events.out.tfevents.1700000000.sample-run');
/** Written by `espalier bench tensorboard --write`. */
const AS_TENSORBOARD_READS_IT = join(__dirname, '../golden/as-tensorboard-reads-it.json');
const observer = plugin.observers?.tensorboard as ObserverDefinition;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = (): { run: string; folder: string; options: Record<never, never> } => ({
  run: 'sample-run',
  folder: join(folder, 'tensorboard'),
  options: {},
});

/** Only what it asks for is delivered, as a host does it. */
const delivered = SAMPLE_RUN.filter(({ type }) => observer.events?.includes(type));

async function observe(): Promise<{ observations: Observation[]; file: Buffer; path: string }> {
  const observations = await lastValueFrom(observer.observe(from(delivered), context()).pipe(toArray()));
  const [table] = observations;
  const path = table.kind === 'table' ? String(table.rows[0][0]) : '';
  return { observations, path, file: readFileSync(path) };
}

/** [step, value] of a scalar. */
function series(events: readonly ReadEvent[], tag: string): (readonly [number, number])[] {
  return events.flatMap(({ step, values }) =>
    values.flatMap((value) => (value.tag === tag ? [[step, value.simpleValue ?? NaN] as const] : [])),
  );
}

it('is a well-defined plugin', () => {
  expect(definePlugin(plugin)).toBe(plugin);
});

describe('the file', () => {
  it('lies in the folder of the observer under a name that TensorBoard looks for, and is told when the run ends', async () => {
    const { observations, path, file } = await observe();
    expect(path).toBe(join(context().folder, 'events.out.tfevents.1700000000.sample-run'));
    expect(observations).toEqual([
      {
        kind: 'table',
        title: 'TensorBoard',
        columns: ['file', 'records'],
        rows: [[path, readEvents(file).length - 1]],
      },
    ]);
  });

  it('begins with the version of the format, and every record has the time of its event', async () => {
    const events = readEvents((await observe()).file);
    expect(events[0]).toEqual({
      wallTime: 1_700_000_000.25,
      step: 0,
      fileVersion: 'brain.Event:2',
      values: [],
    });
    expect(events.slice(1).map(({ wallTime }) => wallTime)).toEqual(
      expect.arrayContaining([1_700_000_001, 1_700_000_008]),
    );
  });

  it('counts steps on over all trainings, and not twice over what was interrupted', async () => {
    const events = readEvents((await observe()).file);
    expect(series(events, 'loss/train')).toEqual([
      [100, 0.5],
      [200, 0.25],
      [250, 0.75],
      [280, 0.625],
    ]);
    expect(series(events, 'error/test')).toEqual([
      [200, Math.fround(0.03)],
      [300, Math.fround(0.035)],
    ]);
    expect(series(events, 'error/held-out')).toEqual([[100, Math.fround(0.04)]]);
  });

  it('has the kept share of each layer and of all, bytes and the error of the artifact', async () => {
    const events = readEvents((await observe()).file);
    expect(series(events, 'kept/fc1/kernel')).toEqual([
      [200, 0.25],
      [300, 0.25],
    ]);
    expect(series(events, 'kept/all')).toEqual([
      [200, 0.5],
      [300, 0.5],
    ]);
    expect(series(events, 'threshold/fc1/kernel')).toContainEqual([200, 0.5]);
    expect(series(events, 'bytes/artifact')).toEqual([[300, 1234]]);
    expect(series(events, 'bytes/fc1/kernel')).toEqual([[300, 1000]]);
    expect(series(events, 'error/artifact')).toEqual([[300, Math.fround(0.036)]]);
    expect(series(events, 'seconds/encode')).toEqual([[300, 1.5]]);
  });

  it('has shared weights as a histogram, ascending, with their moments', async () => {
    const values = readEvents((await observe()).file).flatMap((event) => event.values);
    expect(values.find(({ tag }) => tag === 'shared/fc1/kernel')?.histogram).toEqual({
      min: -0.25,
      max: 1,
      num: 50,
      sum: 7.5,
      sumSquares: 14.375,
      bucketLimit: [-0.25, 0.5, 1],
      bucket: [30, 10, 10],
    });
    expect(values.some(({ tag }) => tag === 'shared/fc2/kernel')).toBe(false);
  });

  it('is what TensorBoard has read, to the byte', async () => {
    expect((await observe()).file.equals(readFileSync(GOLDEN))).toBe(true);
  });

  it('holds for our reader what TensorBoard reads in it', () => {
    const expected = JSON.parse(readFileSync(AS_TENSORBOARD_READS_IT, 'utf8')) as {
      scalars: Record<string, number[][]>;
      histograms: Record<string, object[]>;
    };
    const scalars: Record<string, number[][]> = {};
    const histograms: Record<string, object[]> = {};
    for (const { step, wallTime, values } of readEvents(readFileSync(GOLDEN))) {
      for (const { tag, simpleValue, histogram } of values) {
        if (histogram) (histograms[tag] ??= []).push({ step, ...histogram });
        else (scalars[tag] ??= []).push([step, wallTime, simpleValue ?? NaN]);
      }
    }
    expect({ scalars, histograms }).toEqual({ scalars: expected.scalars, histograms: expected.histograms });
  });

  it('is complete up to the last event at any moment, and closed when nobody listens any more', () => {
    const events$ = new Subject<(typeof SAMPLE_RUN)[number]>();
    const subscription = observer.observe(events$, context()).subscribe();
    for (const event of delivered.slice(0, 4)) events$.next(event);
    const path = join(context().folder, 'events.out.tfevents.1700000000.sample-run');
    expect(readEvents(readFileSync(path))).toHaveLength(4);
    subscription.unsubscribe();
    expect(events$.observed).toBe(false);
  });

  it('is the same when the run is replayed into the same folder', async () => {
    const first = (await observe()).file;
    expect((await observe()).file.equals(first)).toBe(true);
  });
});

it('fails with the error of its events', async () => {
  const failing = new Subject<(typeof SAMPLE_RUN)[number]>();
  const failed = lastValueFrom(observer.observe(failing, context()), { defaultValue: undefined });
  failing.error(new Error('the hub is gone'));
  await expect(failed).rejects.toThrow('the hub is gone');
});

describe('crc32c', () => {
  const table = crc32cTable();

  it('gives the published check values', () => {
    expect(crc32c(new TextEncoder().encode('123456789'), table)).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32), table)).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255), table)).toBe(0x62a8ab43);
  });

  it('gives what the bit by bit division gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(crc32c(bytes, table)).toBe(slowCrc32c(bytes));
      }),
    );
  });
});

it('writes whole numbers of any size as protobuf does', () => {
  expect([...new ProtoWriter().int(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new ProtoWriter().int(2, 2 ** 40).finish()]).toEqual([0x10, 128, 128, 128, 128, 128, 32]);
});
