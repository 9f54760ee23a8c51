/**
 * A criterion that is changed while it is used: another plugin, another version, other options. The new one is loaded beside the old and
 * admitted first; rounds that begin then use it, and a round that has begun keeps what it began with. The old is drained, with a deadline:
 * a round that has not ended by then is begun anew with the new one, so that no round mixes versions and none is lost.
 */
import { errorCode } from '@espalier/base';
import type { ContributionRef, OptionValues } from '@espalier/plugin-api';
import type { HostedCriterion } from './contributions';
import type { DrainResult, LoadedPlugin } from './loaded-plugin';

export interface CriterionChoice {
  readonly plugin: LoadedPlugin;
  readonly name: string;
  readonly options?: OptionValues;
}

export interface SwapResult {
  readonly from: ContributionRef;
  readonly to: ContributionRef;
  /** How the old plugin ended; absent where only options changed. */
  readonly drained?: DrainResult;
}

export interface SwapOptions {
  /** For the rounds that the old one has begun. */
  readonly drainMs: number;
  /** The new one is in use from here on; the old still has rounds. */
  readonly onSwitched?: (to: ContributionRef) => void;
}

/** What a round is given, from its beginning to its end. */
export interface RoundCriterion {
  readonly criterion: HostedCriterion;
  /** For the run's log: which digest scored. */
  readonly ref: ContributionRef;
}

interface Held extends RoundCriterion {
  readonly plugin: LoadedPlugin;
  /** Rounds that have begun with it and not ended. */
  rounds: number;
  /** Called when there are none. */
  onIdle: () => void;
}

export class CriterionSlot {
  private held: Held;
  private swapping: Promise<unknown> = Promise.resolve();

  /** @throws PLUGIN_NO_CONTRIBUTION, PLUGIN_OPTION, PLUGIN_UNKNOWN_OPTION */
  constructor(choice: CriterionChoice) {
    this.held = hold(choice);
  }

  get ref(): ContributionRef {
    return this.held.ref;
  }

  /** `run` may be called again, with another criterion: what it did before does not count. */
  async round<T>(run: (round: RoundCriterion) => Promise<T>): Promise<T> {
    for (;;) {
      const held = this.held;
      held.rounds++;
      try {
        return await run({ criterion: held.criterion, ref: held.ref });
      } catch (error) {
        const wasDrained = errorCode(error) === 'PLUGIN_CLOSED' && this.held !== held;
        if (!wasDrained) throw error;
      } finally {
        held.rounds--;
        if (held.rounds === 0) held.onIdle();
      }
    }
  }

  /** One swap after the other. Whatever `load` or the choice throws, the old one stays. */
  swap(load: () => Promise<CriterionChoice>, options: SwapOptions): Promise<SwapResult> {
    const done = this.swapping.then(() => this.swapNow(load, options));
    // Who asked is told by `done`; the next swap goes on all the same.
    this.swapping = done.catch(() => undefined);
    return done;
  }

  private async swapNow(
    load: () => Promise<CriterionChoice>,
    { drainMs, onSwitched }: SwapOptions,
  ): Promise<SwapResult> {
    const old = this.held;
    const next = await admitted(load, old.plugin);
    this.held = next;
    onSwitched?.(next.ref);
    const swapped = { from: old.ref, to: next.ref };
    if (old.plugin === next.plugin) return swapped;
    await idle(old, drainMs);
    return { ...swapped, drained: await old.plugin.drain(0) };
  }
}

/** A plugin that was loaded in vain is ended. */
async function admitted(load: () => Promise<CriterionChoice>, inUse: LoadedPlugin): Promise<Held> {
  const choice = await load();
  try {
    return hold(choice);
  } catch (error) {
    if (choice.plugin !== inUse) await choice.plugin[Symbol.asyncDispose]();
    throw error;
  }
}

function hold({ plugin, name, options = {} }: CriterionChoice): Held {
  const criterion = plugin.criterion(name, options);
  const ref = { name, options, plugin: plugin.ref };
  return { plugin, criterion, ref, rounds: 0, onIdle: () => undefined };
}

/** Resolves when its rounds have ended, or in time. */
async function idle(held: Held, timeoutMs: number): Promise<void> {
  if (held.rounds === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    held.onIdle = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
