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
  encodeData,
  encodeDataAround,
  viewElements,
  type DataMessage,
  type PluginDataMessage,
} from './data/frame';
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
