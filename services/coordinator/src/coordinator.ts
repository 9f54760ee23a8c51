/**
 * The coordinator without its sockets: runs are taken in, their next stages handed to services, what comes back is
 * logged first and acted on then. All changes go one after the other through one queue, so that the log, the states and
 * the leases never disagree. It holds no tensors.
 */
import { errorMessage, newRunId, type JsonValue } from '@espalier/base';
import type { Digest } from '@espalier/tensor';
import { Dispatcher } from './dispatcher';
import { coordinatorError } from './errors';
import type { RunState } from './fold-run';
import type { Outbox } from './outbox';
import { RunCourse, type RunCourseParts } from './run-course';
import type { Fields, RunEventFields } from './run-events';
import type { SwapPlan } from './run-planner';
import type { Lease } from './scheduler';
import { ServiceRoster, type ServicePeer } from './service-roster';
import { StageDesk, type StageEventType } from './stage-desk';
import type { StageFailure, StageOutcome } from './stage-outcome';
import { requireSteerable, type SteeringWish } from './steering';
import { SwapDesk, type SwapWish } from './swap-desk';
import { TurnQueue } from './turn-queue';

export interface CoordinatorParts extends RunCourseParts {
  readonly outbox: Outbox;
}

export interface NewRun {
  /** The resolved recipe. */
  readonly recipe: JsonValue;
  readonly name?: string;
  readonly data?: Digest;
  readonly dataUrls: readonly string[];
}

export interface UndoWish {
  /** A resolved recipe in place of the run's. */
  readonly recipe?: JsonValue;
  /** Where the data set is now, when that has moved. */
  readonly dataUrls?: readonly string[];
}

type SwapFields = RunEventFields['run.swapped'];

export class Coordinator {
  private readonly parts: CoordinatorParts;
  private readonly course: RunCourse;
  private readonly desk: StageDesk;
  private readonly swaps: SwapDesk;
  private readonly queue: TurnQueue;

  constructor(parts: CoordinatorParts) {
    const course = new RunCourse(parts);
    const roster = new ServiceRoster();
    const dispatcher = new Dispatcher({
      ...parts,
      course,
      roster,
      accepted: ({ run, leaseId }, peerId) => this.say(run, this.renewed(peerId, leaseId)),
      refused: ({ run }, peerId, failure) => this.say(run, this.stageFailed(peerId, failure)),
    });
    this.parts = parts;
    this.course = course;
    this.desk = new StageDesk({ ...parts, course, roster });
    this.swaps = new SwapDesk({
      roster,
      outbox: parts.outbox,
      plan: (run, wish) => this.inTurn(() => this.planSwap(run, wish)),
      log: (run, wish) => this.logSwap(run, wish),
    });
    this.queue = new TurnQueue({
      settle: () => dispatcher.settle(),
      closedError: () => coordinatorError('COORDINATOR_CLOSING'),
    });
  }

  // ---- runs ----

  /** After a start: goes on with every run of the book. Leases of the log wait for their services to come back. */
  recover(): Promise<void> {
    return this.inTurn(async () => {
      for (const state of this.parts.book.list()) {
        this.course.readopt(state);
        await this.course.advance(state.id);
      }
    });
  }

  submit(wish: NewRun): Promise<RunState> {
    return this.inTurn(async () => {
      const recipe = this.parts.planner.checkRecipe(wish.recipe);
      const id = newRunId();
      await this.course.log(id, { type: 'run.created', fields: { ...wish, recipe } });
      await this.course.advance(id);
      return this.course.state(id);
    });
  }

  pause(run: string): Promise<RunState> {
    return this.steer(run, 'paused', async () => {
      await this.course.takeBack(run, 'the run is paused');
      await this.course.log(run, { type: 'run.paused', fields: {} });
    });
  }

  /** Goes on with a run that is paused, stopped or failed; `dataUrls` where its data set is now, when that has moved. */
  resume(run: string, dataUrls?: readonly string[]): Promise<RunState> {
    return this.steer(run, 'resumed', () =>
      this.course.log(run, { type: 'run.resumed', fields: dataUrls ? { dataUrls } : {} }),
    );
  }

  stop(run: string): Promise<RunState> {
    return this.steer(run, 'stopped', async () => {
      await this.course.takeBack(run, 'the run is stopped');
      await this.course.log(run, { type: 'run.stopped', fields: {} });
    });
  }

  /** Goes back to the end of a round (0: to before the first); with another recipe it goes on differently from there. */
  undo(run: string, toRound: number, { recipe, dataUrls }: UndoWish = {}): Promise<RunState> {
    return this.steer(run, 'undone', async () => {
      const { planner } = this.parts;
      const { finished, recipe: before } = this.course.state(run);
      const changed = recipe === undefined ? {} : { recipe: planner.checkRecipe(recipe) };
      const kept = planner.truncateToRound(finished, toRound, changed.recipe ?? before).length;
      await this.course.takeBack(run, `the run goes back to round ${toRound}`);
      const fields = { toRound, kept, ...changed, ...(dataUrls ? { dataUrls } : {}) };
      await this.course.log(run, { type: 'run.undone', fields });
    });
  }

  /**
   * Another criterion from the next round on, or from the next pruning of a training that prunes. One of a plugin is let in by those who
   * score first: what they refuse is not logged.
   */
  swap(run: string, wish: SwapWish): Promise<RunState> {
    return this.swaps.swap(run, wish);
  }

  /** What observers of the run made of it; of runs that are over, too: an observer sees the end first. */
  observed(run: string, fields: RunEventFields['run.observed']): Promise<RunState> {
    return this.inTurn(async () => {
      this.course.state(run);
      await this.course.log(run, { type: 'run.observed', fields });
      return this.course.state(run);
    });
  }

  // ---- services ----

  /** @param running the leases that it still works on, or whose outcome it has not got rid of */
  announced(peer: ServicePeer, running: readonly string[]): Promise<void> {
    return this.inTurn(() => this.desk.announced(peer, running));
  }

  gone(peerId: string): Promise<void> {
    return this.inTurn(() => this.desk.gone(peerId));
  }

  /** Through the queue, though it logs nothing: it must not overtake the announcement that it rests on. */
  renewed(peerId: string, leaseId: string): Promise<void> {
    return this.inTurn(() => this.desk.renewed(peerId, leaseId));
  }

  /** An event of a stage; one that comes from somebody who does not hold the run's lease is dropped. */
  stageEvent(peerId: string, run: string, type: StageEventType, fields: Fields): Promise<void> {
    if (type !== 'stage.progress') return this.inTurn(() => this.desk.lasting(peerId, run, type, fields));
    // Not durable, and not worth a place in the queue.
    this.desk.passing(peerId, run, type, fields);
    return Promise.resolve();
  }

  /** The outcome of a lease. When this has settled the result is in the log; an outcome that nobody waits for is dropped. */
  stageDone(peerId: string, outcome: StageOutcome): Promise<void> {
    return this.inTurn(() => this.desk.done(peerId, outcome));
  }

  stageFailed(peerId: string, failure: StageFailure): Promise<void> {
    return this.inTurn(() => this.desk.failed(peerId, failure));
  }

  services(): readonly (ServicePeer & { readonly lease?: Lease })[] {
    return this.desk.services();
  }

  // ---- turns ----

  /** Looks at the clock: leases run out, back-offs end. */
  tick(): Promise<void> {
    return this.inTurn(() => undefined);
  }

  /** Settles when everything that was asked for so far is done; nothing is taken in afterwards. */
  close(): Promise<void> {
    return this.queue.close();
  }

  /** Runs one change after all earlier ones, then sends what follows from it. */
  inTurn<T>(change: () => T | Promise<T>): Promise<T> {
    return this.queue.inTurn(change);
  }

  private steer(run: string, wish: SteeringWish, act: () => Promise<void>): Promise<RunState> {
    return this.inTurn(async () => {
      requireSteerable(this.course.state(run), wish);
      await act();
      await this.course.advance(run);
      return this.course.state(run);
    });
  }

  private planSwap(run: string, wish: SwapWish): SwapPlan {
    const state = this.course.state(run);
    requireSteerable(state, 'swapped');
    const running = this.course.running(run);
    return this.parts.planner.planSwap(state.recipe, state.finished, wish as unknown as JsonValue, running);
  }

  private logSwap(run: string, wish: SwapWish): Promise<RunState> {
    return this.steer(run, 'swapped', async () => {
      const { swap, interrupts } = this.planSwap(run, wish);
      await this.course.log(run, { type: 'run.swapped', fields: swap as unknown as SwapFields });
      if (interrupts) await this.course.takeBack(run, 'its criterion was swapped');
    });
  }

  /** Nobody waits for this change: what is wrong with it is said. */
  private say(run: string, change: Promise<void>): void {
    change.catch((error: unknown) => {
      const problem = errorMessage(error);
      this.parts.logger.error('the coordinator could not go on with a run', { run, problem });
    });
  }
}
