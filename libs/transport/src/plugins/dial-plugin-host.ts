/** A plugin's process calls its host. */
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import { dial } from '../dial';
import { MAX_KEPT_BYTES } from './incoming-data';
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
  let made: PluginLink | undefined;
  // Long messages one after the other take the same place: a link copies what it takes of them.
  let long: Uint8Array | undefined;
  const takeLong = (): Uint8Array => (long ??= new Uint8Array(PROTOCOL_LIMITS.maxFrameBytes));
  return dial(
    {
      heartbeatMs: 0,
      ...options,
      maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes,
      zeroMask: true,
      tap: {
        take: (bytes) => (bytes > MAX_KEPT_BYTES ? takeLong().subarray(0, bytes) : new Uint8Array(bytes)),
        onFrame: (frame) => made?.receive(frame),
      },
    },
    (socket) => (made = new PluginLink(socket, link)),
  );
}
