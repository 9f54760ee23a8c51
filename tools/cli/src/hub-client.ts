/** The coordinator's HTTP API, as it is used here. Reading is tried again while the coordinator is being restarted. */
import { EspalierError, errorMessage, type JsonValue } from '@espalier/base';
import { setTimeout as pause } from 'node:timers/promises';
import { cliError } from './errors';

export interface HubAddress {
  /** `http://host:port`, also taken as `ws://host:port[/hub]`. */
  readonly url: string;
  readonly token: string;
}

/** What `GET /api/runs/ID` tells, as far as it is used here. */
export interface HubRun {
  readonly id: string;
  readonly name?: string;
  readonly status: string;
  readonly recipe: JsonValue;
  readonly finished: readonly {
    readonly title: string;
    readonly result: { readonly outputs: Readonly<Record<string, { readonly digest: string }>> };
  }[];
  readonly report?: JsonValue;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface HubEvent {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly fields: { readonly [key: string]: JsonValue | undefined };
}

export interface HubService {
  readonly service: string;
  readonly serviceId?: string;
  readonly kinds?: readonly string[];
  readonly dataUrl?: string;
  readonly engine?: JsonValue;
}

export interface NewRunWish {
  readonly recipe: JsonValue;
  readonly name?: string;
  readonly data?: string;
  readonly dataUrls?: readonly string[];
}

/** How long a coordinator may take to come back. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 250;

export class HubClient {
  readonly base: string;

  /** @param signal ends reading, however patient; what changes something is sent and answered in any case */
  constructor(
    private readonly address: HubAddress,
    private readonly signal?: AbortSignal,
  ) {
    this.base = httpBase(address.url);
  }

  async services(): Promise<readonly HubService[]> {
    return ((await this.get('/api/services')) as unknown as { services: HubService[] }).services;
  }

  async runs(): Promise<readonly HubRun[]> {
    return ((await this.get('/api/runs')) as unknown as { runs: HubRun[] }).runs;
  }

  async run(id: string): Promise<HubRun> {
    return (await this.get(`/api/runs/${encodeURIComponent(id)}`)) as unknown as HubRun;
  }

  /** The log from that number on. */
  async events(id: string, fromSeq = 1): Promise<readonly HubEvent[]> {
    const path = `/api/runs/${encodeURIComponent(id)}/events?from=${fromSeq}`;
    return ((await this.get(path)) as unknown as { events: HubEvent[] }).events;
  }

  async submit(wish: NewRunWish): Promise<HubRun> {
    return (await this.post('/api/runs', wish as unknown as JsonValue)) as unknown as HubRun;
  }

  async steer(
    id: string,
    verb: 'pause' | 'resume' | 'stop' | 'swap' | 'undo',
    body: { readonly [key: string]: JsonValue | undefined } = {},
  ): Promise<HubRun> {
    return (await this.post(`/api/runs/${encodeURIComponent(id)}/${verb}`, body)) as unknown as HubRun;
  }

  /** Adds to the run's log what one of its observers made of it. */
  async observed(id: string, wish: { readonly [key: string]: JsonValue }): Promise<void> {
    await this.post(`/api/runs/${encodeURIComponent(id)}/observed`, wish);
  }

  private async get(path: string): Promise<JsonValue> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.request('GET', path);
      } catch (error) {
        this.signal?.throwIfAborted();
        if ((error as { code?: unknown }).code !== 'CLI_HUB_AWAY' || performance.now() > deadline)
          throw error;
        await pause(RETRY_MS, undefined, { signal: this.signal });
      }
    }
  }

  private post(path: string, body: JsonValue): Promise<JsonValue> {
    return this.request('POST', path, body);
  }

  private async request(method: string, path: string, body?: JsonValue): Promise<JsonValue> {
    const request = `${method} ${path}`;
    let response: Response;
    try {
      response = await fetch(`${this.base}${path}`, {
        method,
        ...(method === 'GET' && this.signal ? { signal: this.signal } : {}),
        headers: {
          authorization: `Bearer ${this.address.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      const problem = errorMessage((cause as Error).cause ?? cause);
      throw cliError('CLI_HUB_AWAY', { hub: this.base, problem }, { cause });
    }
    const answer = (await response.json().catch(() => null)) as JsonValue;
    if (response.ok) return answer;
    const said = answer as { readonly code?: string; readonly message?: string } | null;
    const sentence = (said?.message ?? response.statusText).replace(/^[A-Z]+_[A-Z_]+: /, '');
    const cause = said?.code === undefined ? undefined : new EspalierError(said.code, { message: sentence });
    // The hub's own sentence, without its code and full stop, becomes the end of ours.
    const problem = sentence.replace(/\.$/, '');
    throw cliError('CLI_HUB', { hub: this.base, status: response.status, request, problem }, { cause });
  }
}

/** `ws://h:p/hub`, `http://h:p/#token=x`, `h:p` -> `http://h:p`. @throws CLI_OPTION */
export function httpBase(url: string): string {
  return new URL('/', parsed(url).href.replace(/^ws/, 'http')).href.replace(/\/$/, '');
}

/** The same hub's WebSocket. @throws CLI_OPTION */
export function busUrl(url: string): string {
  return `${httpBase(url).replace(/^http/, 'ws')}/hub`;
}

function parsed(url: string): URL {
  try {
    const made = new URL(/^\w+:\/\//.test(url) ? url : `http://${url}`);
    if (/^(https?|wss?):$/.test(made.protocol)) return made;
  } catch {
    // Said below.
  }
  throw cliError('CLI_OPTION', { option: '--hub', value: url, expected: 'a URL such as ws://host:port' });
}
