/** Lives of a plugin that somebody else starts: it calls when it likes, and again when its connection was lost. */
import type { Clock } from '@espalier/base';
import { CLOSE, type PluginConnection } from '@espalier/transport';
import { pluginHostError } from './errors';
import type { Guest, Guests } from './guests';
import type { PluginLimits } from './limits';
import type { BegunLife } from './process/own-process';
import { PluginSession } from './session/plugin-session';

export interface ArrivalOptions {
  readonly expectedName: string;
  readonly hostVersion: string;
  readonly limits: PluginLimits;
  readonly clock: Clock;
}

export class Arrivals {
  readonly guest: Guest;
  private arrive: ((session: PluginSession) => void) | undefined;
  private giveUp: ((why: Error) => void) | undefined;
  private closed = false;

  constructor(
    guests: Guests,
    private readonly options: ArrivalOptions,
  ) {
    this.guest = guests.invite((connection) => this.onConnection(connection));
  }

  /** The next that comes, after its hello. @throws PLUGIN_NOT_ATTACHED and why its session ended */
  async next(timeoutMs: number): Promise<BegunLife> {
    const session = await this.nextSession(timeoutMs);
    const manifest = await session.hello;
    return {
      session,
      manifest,
      ended: session.ended,
      end: async () => {
        session.leave();
        session.end(pluginHostError('PLUGIN_CLOSED', { plugin: manifest.name }));
      },
    };
  }

  /** Nobody is let in any more, and nobody is waited for. */
  close(): void {
    this.closed = true;
    this.guest.withdraw();
    this.giveUp?.(this.closedError());
  }

  private closedError(): Error {
    return pluginHostError('PLUGIN_CLOSED', { plugin: this.options.expectedName });
  }

  private nextSession(timeoutMs: number): Promise<PluginSession> {
    if (this.closed) return Promise.reject(this.closedError());
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.arrive = undefined;
        this.giveUp = undefined;
        then();
      };
      this.arrive = (session) => settle(() => resolve(session));
      this.giveUp = (why) => settle(() => reject(why));
      const timer = setTimeout(
        () => this.giveUp?.(pluginHostError('PLUGIN_NOT_ATTACHED', { timeoutMs })),
        timeoutMs,
      );
    });
  }

  private onConnection(connection: PluginConnection): void {
    const session = new PluginSession({ connection, ...this.options });
    if (this.arrive) return this.arrive(session);
    // Another is connected: a token is good for one at a time.
    session.end(
      pluginHostError('PLUGIN_BREACH', { plugin: this.options.expectedName, problem: CLOSE.REPLACED.reason }),
    );
  }
}
