/** What every observer promises (see ../observer.ts). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Observable, Subject, from, lastValueFrom, toArray } from 'rxjs';
import type { PluginDefinition } from '../define-plugin';
import type { Observation, ObservedEvent } from '../observer';
import type { OptionValues } from '../options';
import { checksOf, wrong, type Check } from './check';
import { sampleEvents } from './sample-events';
import { forEachTrial } from './trials';
import { optionVariations } from './option-variations';
import { describeCase } from './compare';

type Definition = NonNullable<PluginDefinition['observers']>[string];

interface Trial {
  readonly options: OptionValues;
  readonly where: string;
  readonly isDefault: boolean;
}

export function observerChecks(name: string, definition: Definition): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`observer "${name}"`, checks);
  const trials = optionVariations(definition.options).map((options, i): Trial => {
    const where = describeCase({ what: 'the events of a short run', options });
    return { options: Object.freeze(options), where, isDefault: i === 0 };
  });
  const events = sampleEvents().filter(({ type }) => definition.events?.includes(type) ?? true);
  const observe = (events$: Observable<ObservedEvent>, { options }: Trial): Promise<Observation[]> =>
    inFolder((folder) =>
      lastValueFrom(
        // The answer may come from another copy of rxjs.
        from(definition.observe(events$, { run: 'run-1', folder, options })).pipe(toArray()),
      ),
    );

  add(
    'completes after the events have ended',
    'Build the answer from `events$` by operators, so that its end is theirs; write files before it.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        await observe(from(events), trial);
        await observe(from([]), trial);
      });
    },
  );
  add(
    'publishes points and tables only, with finite numbers and rows as wide as the columns',
    "A point is { kind: 'point', series, x, y }, a table { kind: 'table', title, columns, rows } with text and numbers in its rows.",
    async () => {
      await forEachTrial(trials, async (trial) => {
        for (const [i, observation] of (await observe(from(events), trial)).entries()) {
          const problem = whatIsWrong(observation);
          if (problem) wrong(`${trial.where}: observation ${i} ${problem}`);
        }
      });
    },
  );
  add(
    'ends when nobody listens any more',
    'Keep no subscription of its own: return what is piped from `events$`, or unsubscribe in the teardown.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const events$ = new Subject<ObservedEvent>();
        await inFolder((folder) => {
          const answer = definition.observe(events$, { run: 'run-1', folder, options: trial.options });
          answer.subscribe().unsubscribe();
          return Promise.resolve();
        });
        if (events$.observed) wrong(`${trial.where}: it still listens after its listener has gone`);
      });
    },
  );
  return checks;
}

function whatIsWrong(observation: Observation): string | undefined {
  switch (observation?.kind) {
    case 'point': {
      const { series, x, y } = observation;
      if (typeof series !== 'string' || series === '') return `has series ${JSON.stringify(series)}`;
      return Number.isFinite(x) && Number.isFinite(y) ? undefined : `is at ${x}, ${y}`;
    }
    case 'table': {
      const { title, columns, rows } = observation;
      if (typeof title !== 'string' || title === '') return `has title ${JSON.stringify(title)}`;
      if (!Array.isArray(columns) || columns.length === 0) return 'has no columns';
      const ragged = rows.findIndex((row) => row.length !== columns.length);
      if (ragged >= 0)
        return `has ${rows[ragged].length} cells in row ${ragged} for ${columns.length} columns`;
      const isCell = (cell: unknown): boolean => typeof cell === 'string' || Number.isFinite(cell);
      const odd = rows.findIndex((row) => !row.every(isCell));
      return odd < 0 ? undefined : `has a cell in row ${odd} that is neither text nor a finite number`;
    }
    default:
      return `has kind ${JSON.stringify((observation as { kind?: unknown } | undefined)?.kind)}`;
  }
}

/** A folder of its own for the files of an observer, gone afterwards. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-observer-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
