/** The plugin's side of the wire: says hello, answers calls, feeds observers. Runs in the plugin's own process. */
import { errorCode, errorMessage, type JsonValue } from '@espalier/base';
import { type ObservedEvent, type OptionValues, type Plugin, manifestOf } from '@espalier/plugin-api';
import { PROTOCOL_VERSION, pluginSender, type PluginHeader, type PluginHelloBody } from '@espalier/protocol';
import {
  dialPluginHost,
  type CloseInfo,
  type DialPluginHostOptions,
  type PluginLink,
  type PluginMessage,
} from '@espalier/transport';
import { Subject } from 'rxjs';
import { invokeDefinition, observeDefinition } from '../invoke-definition';
import { answerToWire, callFromWire } from '../wire/calls';

export interface ServePluginOptions extends DialPluginHostOptions {
  /** Protocol versions that it speaks; other than this software's own only in tests. */
  readonly protocols?: readonly number[];
}

export interface ServedPlugin {
  /** Settles when the host has ended the connection, or refused it. */
  readonly ended: Promise<{ readonly why: CloseInfo; readonly refusal?: string }>;
  leave(reason: string): void;
}

/** Calls the host and serves it. Throws TRANSPORT_UNREACHABLE, TRANSPORT_REFUSED. */
export async function servePlugin(plugin: Plugin, options: ServePluginOptions): Promise<ServedPlugin> {
  const server = new PluginServer(plugin);
  const link = await dialPluginHost(options, {
    from: pluginSender(plugin.name),
    receives: 'plugin.call',
    maxBytes: () => Number.MAX_SAFE_INTEGER,
    onData: (header, bytes) => void server.answer(header as PluginHeader<'plugin.call'>, bytes),
    onMessage: (received) => server.hear(received),
  });
  server.link = link;
  const { contributions, ...manifest } = manifestOf(plugin);
  const hello = {
    ...manifest,
    protocols: [...(options.protocols ?? [PROTOCOL_VERSION])],
    software: `node ${process.versions.node}`,
    contributions: JSON.parse(JSON.stringify(contributions)) as PluginHelloBody['contributions'],
  };
  link.send('plugin.hello', hello);
  const ended = link.closed.then((why) => ({
    why,
    ...(server.refusal !== undefined && { refusal: server.refusal }),
  }));
  return { ended, leave: (reason) => link.send('plugin.leave', { reason }) };
}

class PluginServer {
  link: PluginLink | undefined;
  refusal: string | undefined;
  /** Events of the observers that are under way. */
  private readonly observers = new Map<number, Subject<ObservedEvent>>();

  constructor(private readonly plugin: Plugin) {}

  async answer(header: PluginHeader<'plugin.call'>, bytes: Uint8Array): Promise<void> {
    const { call } = header;
    try {
      if (header.method === 'observe') return this.observe(header);
      const invocation = callFromWire(header, bytes);
      const answer = await invokeDefinition(this.plugin, invocation);
      const outgoing = answerToWire(call, invocation.method, answer);
      this.link?.sendData(outgoing.header, outgoing.pieces);
    } catch (error) {
      this.fail(call, error);
    }
  }

  hear(received: PluginMessage): void {
    switch (received.kind) {
      case 'refuse':
        this.refusal = received.body.message;
        return;
      case 'plugin.event': {
        const events$ = this.observers.get(received.body.call);
        for (const event of received.body.events) events$?.next(event as ObservedEvent);
        if (received.body.end) events$?.complete();
        return;
      }
      case 'plugin.leave':
        for (const events$ of this.observers.values()) events$.complete();
        return this.link?.close();
      default:
        return;
    }
  }

  private observe({ call, name, input, options }: PluginHeader<'plugin.call'>): void {
    const events$ = new Subject<ObservedEvent>();
    this.observers.set(call, events$);
    const { run, folder } = input as { readonly run: string; readonly folder: string };
    const observations$ = observeDefinition(this.plugin, name, {
      events$,
      run,
      folder,
      options: options as OptionValues,
    });
    observations$.subscribe({
      next: (observation) =>
        this.link?.send('plugin.publish', {
          call,
          name,
          observations: [observation as unknown as JsonValue],
        }),
      error: (error: unknown) => {
        this.observers.delete(call);
        this.fail(call, error);
      },
      complete: () => {
        this.observers.delete(call);
        this.link?.sendData({ kind: 'plugin.answer', call, value: {}, tensors: [] }, []);
      },
    });
  }

  private fail(call: number, error: unknown): void {
    const code = errorCode(error);
    this.link?.send('plugin.error', {
      call,
      code: code !== undefined && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : 'PLUGIN_THREW',
      message: errorMessage(error).slice(0, 2_000),
    });
  }
}
