export type { Door, DoorOptions } from './accept';
export { pullBlobs, pullSnapshot, type PulledSnapshot, type PullOptions } from './blobs/pull';
export type { PullProgress, SourceOptions } from './blobs/pull-session';
export { pullSnapshotToMemory, type MemoryPullOptions } from './blobs/pull-to-memory';
export { BLOBS_PATH, serveBlobs, type ServeBlobsOptions } from './blobs/serve-blobs';
export { addWire } from './blobs/wire-meter';
export type { Bus, BusState, HubPeer, Link, RequestOptions } from './bus';
export { CLOSE, isFinal, type CloseInfo } from './close-codes';
export { connectBus, type BusOptions, type ReconnectOptions } from './connect-bus';
export { transportError, transportErrorTable } from './errors';
export { dialPluginHost, type DialPluginHostOptions } from './plugins/dial-plugin-host';
export type { PluginDataHeader } from './plugins/incoming-data';
export {
  PluginLink,
  type PluginData,
  type PluginKind,
  type PluginLinkOptions,
  type PluginMessage,
} from './plugins/plugin-link';
export {
  PLUGIN_PATH,
  servePlugins,
  type PluginConnection,
  type ServePluginsOptions,
} from './plugins/serve-plugins';
export { HUB_PATH, serveHub, type Hub, type HubOptions } from './serve-hub';
export { newToken, sameToken, scopeOf, tokenOf, type ScopedToken, type TokenScope } from './tokens';
export { VIEW_PATH, serveViewers, type ServeViewersOptions, type Viewer } from './viewers/serve-viewers';
export { dialView, type DialViewOptions, type View } from './viewers/dial-view';
export { Shown, watchTopics, type Rows } from './viewers/shown';
