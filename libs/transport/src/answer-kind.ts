import type { AnswerKinds, RequestKind } from '@espalier/protocol';

const ANSWERS: AnswerKinds = {
  hello: 'welcome',
  announce: 'ack',
  'lease.offer': 'lease.accept',
  'lease.done': 'ack',
  'lease.failed': 'ack',
  'criterion.admit': 'criterion.admitted',
  subscribe: 'ack',
  unsubscribe: 'ack',
  keep: 'kept',
  ping: 'pong',
  'plugin.hello': 'plugin.admitted',
  points: 'ack',
  'layer.view': 'ack',
};

/** The kind that answers a request. */
export function answerKind<Kind extends RequestKind>(kind: Kind): AnswerKinds[Kind] {
  return ANSWERS[kind];
}
