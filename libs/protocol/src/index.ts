export { DATA_HEADERS, type DataHeader, type DataKind } from './data/headers';
export {
  PLUGIN_DTYPES,
  PLUGIN_HEADERS,
  type PluginDType,
  type PluginHeader,
  type PluginHeaderKind,
} from './data/plugin-headers';
export {
  CHUNK_ROOM_BYTES,
  decodeData,
  decodePluginData,
  decodeViewData,
  encodeData,
  encodeDataAround,
  viewElements,
  type DataMessage,
  type PluginDataMessage,
  type ViewDataMessage,
} from './data/frame';
export {
  BUCKET_BYTES,
  VIEW_HEADERS,
  viewBuckets,
  type Buckets,
  type ViewHeader,
  type ViewHeaderKind,
} from './data/view-headers';
export {
  PROTOCOL_VERSION,
  answers,
  decodeMessage,
  encodeMessage,
  message,
  type Envelope,
  type Message,
  type MessageOptions,
} from './envelope';
export { protocolError, protocolErrorTable } from './errors';
export { PROTOCOL_LIMITS } from './limits';
export type { CriterionAdmitBody, CriterionAdmittedBody } from './messages/admit';
export type { AnnounceBody } from './messages/announce';
export {
  MESSAGES,
  isMessageKind,
  type AnswerKinds,
  type MessageBody,
  type MessageKind,
  type RequestKind,
} from './messages/catalogue';
export type { EventBody, SubscribeBody, UnsubscribeBody } from './messages/events';
export type { AckBody, HelloBody, RefuseBody, WelcomeBody } from './messages/hello';
export type { KeepBody, KeptBody } from './messages/keep';
export type {
  LeaseAcceptBody,
  LeaseCancelBody,
  LeaseDoneBody,
  LeaseFailedBody,
  LeaseOfferBody,
  LeaseRenewBody,
  WireBytes,
} from './messages/lease';
export type { PingBody, PongBody } from './messages/ping';
export {
  PLUGIN_KINDS,
  pluginSender,
  type PluginAdmittedBody,
  type PluginErrorBody,
  type PluginEventBody,
  type PluginHelloBody,
  type PluginPublishBody,
} from './messages/plugin';
export {
  VIEW_LIMITS,
  topicKey,
  type LayerView,
  type LayerViewBody,
  type PluginState,
  type PointsBody,
  type ServiceStateBody,
  type Topic,
  type ViewWatchBody,
} from './messages/view';
export {
  STEERING_WISHES,
  type CriterionChoice,
  type LayerKept,
  type LogLine,
  type ObservedTableView,
  type ProgressTopic,
  type ProgressView,
  type RoundView,
  type RunFailure,
  type RunLine,
  type RunStatusName,
  type RunView,
  type SensitivityCurveView,
  type SensitivityPointView,
  type SensitivityView,
  type ServiceView,
  type SessionView,
  type StageStateName,
  type StageView,
  type StageViews,
  type SteeringWishName,
  type SwapView,
} from './view-values';
export { isObservedSeries, observedSeries } from './observed-series';
