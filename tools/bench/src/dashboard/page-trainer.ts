/**
 * A trainer that trains nothing: it takes the first stage of a run and tells the hub whatever points it is given, as a real one
 * does. With it a page can be shown any number of series at any speed.
 */
import { message, VIEW_LIMITS, type Message, type PointsBody } from '@espalier/protocol';
import { parseRecipe, resolveRecipe, type Recipe } from '@espalier/recipe';
import { connectBus, type Bus } from '@espalier/transport';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { filter, firstValueFrom, type Subscription } from 'rxjs';
import { ROOT } from '../places';
import type { PageCoordinator } from './page-coordinator';

const RECIPE = join(ROOT, 'recipes/quick.yaml');
const SERVICE = 'page-trainer';
/** The lease runs out after a minute without a sign of life. */
const RENEW_MS = 5_000;
const ANSWER_MS = 2_000;
const AGAIN_MS = 20;

export type SeriesPoints = PointsBody['series'];

export class PageTrainer implements AsyncDisposable {
  readonly run: string;
  readonly #bus: Bus;
  readonly #key: string;
  readonly #renewals: NodeJS.Timeout;
  readonly #messages: Subscription;
  #seq = 0;

  private constructor(run: string, bus: Bus, { body }: Message<'lease.offer'>) {
    this.run = run;
    this.#bus = bus;
    this.#key = body.resultKey;
    const { leaseId } = body;
    this.#renewals = setInterval(
      () => bus.send(message('lease.renew', { leaseId }, { from: SERVICE, run })),
      RENEW_MS,
    );
    // A hub that was started anew must learn who works on what.
    this.#messages = bus.state$
      .pipe(filter((state) => state === 'connected'))
      .subscribe(() => void announce(bus, [leaseId]).catch(() => undefined));
  }

  /** Submits `recipes/quick.yaml` and takes its training. */
  static async start(coordinator: PageCoordinator): Promise<PageTrainer> {
    const { token, address } = coordinator;
    const hello = { service: SERVICE, roles: ['trainer'] };
    const bus = await connectBus({ url: address.hubUrl, token, hello });
    const offered = firstValueFrom(bus.messages$.pipe(filter(isOffer)));
    await announce(bus, []);
    const response = await fetch(`${address.url}/api/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ recipe: resolvedRecipe(), name: 'page', data: NO_DATA, dataUrls: [] }),
    });
    const { id } = (await response.json()) as { id: string };
    const offer = await offered;
    const { leaseId } = offer.body;
    bus.send(message('lease.accept', { re: offer.id, leaseId }, { from: SERVICE, run: id }));
    return new PageTrainer(id, bus, offer);
  }

  /** Sends points until the hub has them, also across its death. At most 1,000 values at once. */
  async tell(series: SeriesPoints): Promise<void> {
    const body = { key: this.#key, seq: this.#seq++, series };
    for (;;) {
      try {
        await this.#bus.whenConnected();
        await this.#bus.request(message('points', body, { from: SERVICE, run: this.run }), {
          timeoutMs: ANSWER_MS,
        });
        return;
      } catch (error) {
        if (this.#bus.state === 'closed') throw error;
        await pause(AGAIN_MS);
      }
    }
  }

  /** As `tell`, in as many messages as it takes. */
  async tellAll(series: SeriesPoints): Promise<void> {
    for (const { name, x, y } of series) {
      for (let from = 0; from < x.length; from += VIEW_LIMITS.maxPoints) {
        const to = from + VIEW_LIMITS.maxPoints;
        await this.tell([{ name, x: x.slice(from, to), y: y.slice(from, to) }]);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#renewals);
    this.#messages.unsubscribe();
    await this.#bus.close();
  }
}

async function announce(bus: Bus, leases: readonly string[]): Promise<void> {
  const body = { service: SERVICE, can: ['train'], leases: [...leases] };
  await bus.request(message('announce', body, { from: SERVICE }));
}

function isOffer(received: Message): received is Message<'lease.offer'> {
  return received.kind === 'lease.offer';
}

/** Nobody reads the data of a run that trains nothing. */
const NO_DATA = '0'.repeat(64);

function resolvedRecipe(): unknown {
  const { recipe } = parseRecipe(readFileSync(RECIPE, 'utf8'), { file: RECIPE });
  return resolveRecipe(recipe as Recipe, {
    data: { digest: NO_DATA, shape: [28, 28, 1], classes: 10 },
    fingerprint: 'none',
    threads: 1,
    version: '0.1.0',
  });
}
