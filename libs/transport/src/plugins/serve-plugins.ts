/** The door for plugins: path `/plugin`, tokens of the scope `plugin` and no others. */
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import { openDoor, type Door, type DoorOptions } from '../accept';
import { CLOSE } from '../close-codes';
import { PluginLink, type PluginLinkOptions } from './plugin-link';

export const PLUGIN_PATH = '/plugin';

export interface PluginConnection {
  /** Which token it came with. */
  readonly token: string;
  readonly remote: string;
  /** Must be called in the turn in which it comes. */
  open(options: PluginLinkOptions): PluginLink;
}

export interface ServePluginsOptions extends DoorOptions {
  onConnection(connection: PluginConnection): void;
}

/** Throws TRANSPORT_LISTEN. A plugin that computes answers no pings: heartbeats are off unless asked for. */
export function servePlugins(options: ServePluginsOptions): Promise<Door> {
  return openDoor(
    { heartbeatMs: 0, ...options },
    {
      path: PLUGIN_PATH,
      maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes,
      onSocket: ({ socket, scope, token, remote }) => {
        if (scope !== 'plugin') return socket.close(CLOSE.FORBIDDEN);
        options.onConnection({ token, remote, open: (link) => new PluginLink(socket, link) });
      },
    },
  );
}
