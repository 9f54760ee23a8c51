/** How the process is, every few seconds: for people who look at the services. */
import { errorMessage, type Logger } from '@espalier/base';
import { message, type PluginState, type ServiceStateBody } from '@espalier/protocol';
import type { Bus } from '@espalier/transport';

export interface TellStateOptions {
  readonly bus: Pick<Bus, 'send' | 'state' | 'state$'>;
  readonly serviceId: string;
  readonly logger: Logger;
  /** Those that it hosts now. */
  plugins?(): readonly PluginState[];
  readonly everyMs?: number;
}

const EVERY_MS = 5_000;
/** As many as travel. */
const MAX_PLUGINS = 64;

/** At each connection, and from then on. Until disposed. */
export function tellState({
  bus,
  serviceId,
  logger,
  plugins,
  everyMs = EVERY_MS,
}: TellStateOptions): Disposable {
  const tell = (): void => {
    if (bus.state !== 'connected') return;
    const state: ServiceStateBody = {
      memoryBytes: process.memoryUsage.rss(),
      ...(plugins && { plugins: plugins().slice(0, MAX_PLUGINS) }),
    };
    try {
      bus.send(message('service.state', state, { from: serviceId }));
    } catch (error) {
      logger.warn('the state of the service was not told', { problem: errorMessage(error) });
    }
  };
  const timer = setInterval(tell, everyMs);
  timer.unref();
  const subscription = bus.state$.subscribe((state) => {
    // After those who announce the service at this connection.
    if (state === 'connected') queueMicrotask(tell);
  });
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      subscription.unsubscribe();
    },
  };
}
