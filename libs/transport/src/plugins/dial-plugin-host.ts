/** A plugin's process calls its host. */
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import { dial } from '../dial';
import { PluginLink, type PluginLinkOptions } from './plugin-link';

export interface DialPluginHostOptions {
  /** `ws://host:port/plugin` or `ws+unix:PATH:/plugin`. */
  readonly url: string;
  readonly token: string;
  /** Default 0: none. A plugin cannot answer while it computes. */
  readonly heartbeatMs?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Throws TRANSPORT_UNREACHABLE, TRANSPORT_REFUSED, TRANSPORT_CANCELLED. */
export function dialPluginHost(options: DialPluginHostOptions, link: PluginLinkOptions): Promise<PluginLink> {
  return dial(
    { heartbeatMs: 0, ...options, maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes, zeroMask: true },
    (socket) => new PluginLink(socket, link),
  );
}
