export { assertNever } from './assert-never';
export { systemClock, type Clock } from './clock';
export {
  EspalierError,
  defineErrors,
  errorCode,
  errorMessage,
  type ErrorDefinition,
  type ErrorDetails,
  type ErrorFactory,
  type ErrorTable,
} from './errors';
export { newId, newRunId, type IdSource } from './ids';
export { canonicalJson, type JsonValue } from './json';
export { silentLogger, type Logger } from './logger';
export { nearestName, suggestion } from './nearest';
export { Random, type RandomIdentity, type RandomState } from './random';
