/** Observers of a run, good and bad, each in a process of its own. */
import type { JsonValue } from '@espalier/base';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startObservers, type Observers } from './observers';

/** What each does with an event `next`; `subscriber` and `folder` are at hand. */
const BEHAVIOURS = {
  counts:
    "subscriber.next({ kind: 'point', series: 'seen', x: ++count, y: event.at }); require('fs').writeFileSync(folder + '/seen.txt', String(count))",
  exits: 'process.exit(3)',
  hangs: 'for (;;);',
  throws: '',
  babbles: "subscriber.next({ kind: 'secret', text: 'x' })",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-observers-'));
  for (const [name, next] of Object.entries(BEHAVIOURS)) {
    mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, name, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    );
    writeFileSync(
      join(folder, name, 'index.js'),
      `const { definePlugin } = require('@espalier/plugin-api');
      const { Observable } = require('rxjs');
      module.exports = definePlugin({
        name: '${name}', version: '1.0.0', host: '^1.0.0',
        observers: { it: { events: ['stage.done', 'run.observed'], observe: (events$, { folder }) => ${name === 'throws' ? 'notToday() ?? ' : ''}new Observable((subscriber) => {
          let count = 0;
          events$.subscribe({ next: (event) => { ${next} }, complete: () => subscriber.complete() });
        }) } },
      });`,
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Watched {
  readonly observers: Observers;
  readonly published: { readonly [key: string]: JsonValue }[];
  readonly notes: string[];
  readonly folder: string;
}

function watch(name: keyof typeof BEHAVIOURS, before: readonly string[] = []): Watched {
  const [published, notes] = [[] as { readonly [key: string]: JsonValue }[], [] as string[]];
  const run = join(folder, `run-of-${name}`);
  const recipe = {
    plugins: { [name]: { from: `./${name}` } },
    observers: [{ name: `${name}/it`, options: {} }],
  };
  const observers = startObservers(recipe, {
    run: 'r-1',
    folder: run,
    base: folder,
    before: before.map((type, i) => ({ type, at: i, seq: i + 1, fields: {} })),
    publish: async (fields) => void published.push(fields),
    note: (text) => notes.push(text),
  });
  return { observers, published, notes, folder: join(run, 'observers', `${name}-it`) };
}

const done = (at: number) => ({ type: 'stage.done', at, fields: { title: 'train' } });

it('an observer is told what it wants, what was before it too, and says so under its own name', async () => {
  const { observers, published, notes, folder: own } = watch('counts', ['run.created', 'stage.done']);
  observers.tell({ type: 'stage.progress', at: 5, fields: {} });
  observers.tell(done(7), 9);
  observers.tell({ type: 'run.observed', at: 8, fields: {} }, 10);
  await observers[Symbol.asyncDispose]();
  const point = (x: number, y: number) => ({ kind: 'point', series: 'seen', x, y });
  expect(published).toEqual([{ plugin: 'counts', observer: 'it', observations: [point(1, 1), point(2, 7)] }]);
  expect(notes).toEqual([]);
  expect(readFileSync(join(own, 'seen.txt'), 'utf8')).toBe('2');
});

it.each([
  ['exits', /the observer "exits\/it" failed, and the run goes on without it: PLUGIN_/],
  ['throws', /failed, and the run goes on without it: PLUGIN_/],
  ['hangs', /did not finish within 5 s of the run/],
  ['babbles', /neither a point nor a table/],
] as const)('one that %s is said to, and nobody waits for it', async (name, note) => {
  const { observers, published, notes, folder: own } = watch(name);
  observers.tell(done(1), 1);
  observers.tell(done(2), 2);
  // Both are told before anything has become of the first.
  expect(notes).toEqual([]);
  await observers[Symbol.asyncDispose]();
  observers.tell(done(3), 3);
  expect(notes[0]).toMatch(note);
  expect(published).toEqual([]);
  expect(existsSync(own)).toBe(true);
});

it('a recipe without observers starts nothing', async () => {
  const observers = startObservers(
    {},
    {
      run: 'r',
      folder: join(folder, 'nothing'),
      base: folder,
      before: [],
      publish: async () => undefined,
      note: () => undefined,
    },
  );
  observers.tell(done(1));
  await observers[Symbol.asyncDispose]();
  expect(existsSync(join(folder, 'nothing'))).toBe(false);
});
