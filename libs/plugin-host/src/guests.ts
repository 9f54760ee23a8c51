/** Who may call the host: each plugin has a token of its own, on a Unix socket for those started here, on a port for those attached. */
import { join } from 'node:path';
import {
  newToken,
  servePlugins,
  type Door,
  type PluginConnection,
  type ScopedToken,
} from '@espalier/transport';
import { SOCKET_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE } from './runner/variables';

export interface Guest {
  readonly token: string;
  /** Nobody is let in by it any more. */
  withdraw(): void;
}

export class Guests {
  private readonly tokens: ScopedToken[] = [];
  private readonly waiting = new Map<string, (connection: PluginConnection) => void>();
  private readonly socketPath: string;
  private socket: Promise<Door> | undefined;
  private network: Promise<Door> | undefined;

  constructor(folder: string) {
    this.socketPath = join(folder, 'plugins.sock');
  }

  /** `onConnection` is called in the turn in which it comes, for every connection with the token. */
  invite(onConnection: (connection: PluginConnection) => void): Guest {
    const token = newToken();
    const scoped: ScopedToken = { token, scope: 'plugin' };
    this.tokens.push(scoped);
    this.waiting.set(token, onConnection);
    return {
      token,
      withdraw: () => {
        this.waiting.delete(token);
        const at = this.tokens.indexOf(scoped);
        if (at >= 0) this.tokens.splice(at, 1);
      },
    };
  }

  /** What the environment of a process needs to call. */
  environment({ token }: Guest): Readonly<Record<string, string>> {
    return {
      [URL_VARIABLE]: 'ws://localhost/plugin',
      [SOCKET_VARIABLE]: this.socketPath,
      [TOKEN_VARIABLE]: token,
    };
  }

  /** Listens for the processes of this host. @throws TRANSPORT_LISTEN */
  async listenHere(): Promise<void> {
    this.socket ??= this.open({ socketPath: this.socketPath });
    await this.socket;
  }

  /** Listens for those that are started by hand; the first call decides where. Default: loopback, a free port. @throws TRANSPORT_LISTEN */
  async listenOn(where: { readonly host?: string; readonly port?: number }): Promise<string> {
    this.network ??= this.open(where);
    return (await this.network).url;
  }

  async close(): Promise<void> {
    for (const door of [this.socket, this.network]) {
      await door?.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
  }

  private open(where: {
    readonly host?: string;
    readonly port?: number;
    readonly socketPath?: string;
  }): Promise<Door> {
    return servePlugins({
      ...where,
      tokens: this.tokens,
      onConnection: (connection) => this.waiting.get(connection.token)?.(connection),
    });
  }
}
