export type { Door, DoorOptions } from './accept';
export {
  pullBlobs,
  pullSnapshot,
  type PulledSnapshot,
  type PullOptions,
  type PullProgress,
} from './blobs/pull';
export { BLOBS_PATH, serveBlobs, type ServeBlobsOptions } from './blobs/serve-blobs';
export { addWire } from './blobs/wire-meter';
export type { Bus, BusState, HubPeer, Link, RequestOptions } from './bus';
export { CLOSE, isFinal, type CloseInfo } from './close-codes';
export { connectBus, type BusOptions, type ReconnectOptions } from './connect-bus';
export { transportError, transportErrorTable } from './errors';
export { HUB_PATH, serveHub, type Hub, type HubOptions } from './serve-hub';
export { newToken, sameToken, scopeOf, type ScopedToken, type TokenScope } from './tokens';
