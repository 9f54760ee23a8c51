/**
 * Swaps of a run's criterion, up to the log. A plugin's is let in first by every service that may score the run: outside of the coordinator's
 * turn, since that takes a process's start, and leases go on meanwhile. Whatever goes wrong until then, nothing is logged and the old stays.
 */
import { EspalierError, errorCode, errorMessage, type JsonValue } from '@espalier/base';
import { STAGES_OF_SERVICE } from '@espalier/stages';
import { coordinatorError } from './errors';
import type { RunState } from './fold-run';
import type { Outbox } from './outbox';
import type { SwapAdmission, SwapPlan } from './run-planner';
import type { ServicePeer, ServiceRoster } from './service-roster';

export interface SwapWish {
  /** `{name, options}`, the name spelled in full. */
  readonly criterion: { readonly name: string; readonly options: JsonValue };
  /** Plugins that it brings, as a resolved recipe pins them. */
  readonly plugins?: JsonValue;
}

export interface SwapDeskParts {
  readonly roster: Pick<ServiceRoster, 'list'>;
  readonly outbox: Pick<Outbox, 'admit'>;
  /** What the swap would come to now. In the coordinator's turn. */
  plan(run: string, wish: SwapWish): Promise<SwapPlan>;
  /** Plans it anew, the run having gone on meanwhile, and logs it. In the coordinator's turn. */
  log(run: string, wish: SwapWish): Promise<RunState>;
}

export class SwapDesk {
  /** By run: the swap that was asked for last. */
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: SwapDeskParts) {}

  /** One swap of a run after the other, in the order in which they were asked for. */
  swap(run: string, wish: SwapWish): Promise<RunState> {
    const before = this.last.get(run) ?? Promise.resolve();
    const done = before.then(() => this.swapNow(run, wish));
    // Who asked has the failure by `done`; the next swap must not inherit it.
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.last.set(run, settled);
    void settled.then(() => {
      if (this.last.get(run) === settled) this.last.delete(run);
    });
    return done;
  }

  private async swapNow(run: string, wish: SwapWish): Promise<RunState> {
    const { plan, log } = this.parts;
    const { admission } = await plan(run, wish);
    if (admission) await this.admit(run, admission);
    return log(run, wish);
  }

  /** All of them, since any of them may be offered the next round. */
  private async admit(run: string, admission: SwapAdmission): Promise<void> {
    const { kind } = admission;
    const able = this.parts.roster.list().filter(({ admits, kinds }) => admits && kinds.includes(kind));
    if (able.length === 0) {
      const details = { service: serviceOf(kind), criterion: admission.name };
      throw coordinatorError('COORDINATOR_NO_SCORER', details);
    }
    await Promise.all(able.map((peer) => this.ask(run, admission, peer)));
  }

  private async ask(run: string, admission: SwapAdmission, peer: ServicePeer): Promise<void> {
    const { name, criterion, needs: said } = admission;
    const { serviceId: service, peerId } = peer;
    const { needs } = await this.parts.outbox.admit(peerId, run, criterion).catch((error: unknown) => {
      throw notLetIn(error, { service, criterion: name });
    });
    if (sorted(needs) !== sorted(said)) {
      const details = { criterion: name, said: sorted(said), actual: sorted(needs) };
      throw coordinatorError('COORDINATOR_SWAP_NEEDS', details);
    }
  }
}

/** What the service said is wrong, by its code; or that it said nothing. */
function notLetIn(error: unknown, of: { readonly service: string; readonly criterion: string }): Error {
  const code = errorCode(error);
  const said = (error as Partial<EspalierError>).details?.['reason'];
  if (code === undefined || code.startsWith('TRANSPORT_') || typeof said !== 'string') {
    const details = { ...of, reason: errorMessage(error).replace(/\.$/, '') };
    return coordinatorError('COORDINATOR_ADMISSION', details, { cause: error });
  }
  const { retryable = false } = error as Partial<EspalierError>;
  const sentence = said.replace(`${code}: `, '').replace(/([^.])$/, '$1.');
  const message = '{sentence} So says {service}; the run keeps the criterion that it has.';
  return new EspalierError(code, { message, retryable }, { ...of, sentence }, { cause: error });
}

function serviceOf(kind: string): string {
  const found = Object.entries(STAGES_OF_SERVICE).find(([, kinds]) =>
    (kinds as readonly string[]).includes(kind),
  );
  return found?.[0] ?? 'service';
}

function sorted(needs: readonly string[]): string {
  return [...needs].sort().join(', ') || 'nothing';
}
