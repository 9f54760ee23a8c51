/**
 * What a page needs of the protocol to watch runs, and nothing else: a door of its own, so that a bundle has no more than
 * this. Needs nothing of Node.
 */
import './without-eval';
export { decodeViewData, type ViewDataMessage } from './data/frame';
export { viewBuckets, type Buckets, type ViewHeader, type ViewHeaderKind } from './data/view-headers';
export { decodeMessage, encodeMessage, message, type Message } from './envelope';
export {
  VIEW_LIMITS,
  topicKey,
  type LayerView,
  type PluginState,
  type Topic,
  type ViewWatchBody,
} from './messages/view';
export * from './view-values';
