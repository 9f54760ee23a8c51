/** All control messages, and which answer a request gets. */
import type * as z from 'zod';
import { criterionAdmit, criterionAdmitted } from './admit';
import { announce } from './announce';
import { event, subscribe, unsubscribe } from './events';
import { ack, hello, refuse, welcome } from './hello';
import { keep, kept } from './keep';
import { leaseAccept, leaseCancel, leaseDone, leaseFailed, leaseOffer, leaseRenew } from './lease';
import { ping, pong } from './ping';
import {
  pluginAdmitted,
  pluginCredit,
  pluginError,
  pluginEvent,
  pluginHello,
  pluginLeave,
  pluginPublish,
} from './plugin';
import { layerView, points, serviceState, viewWatch } from './view';

export const MESSAGES = {
  hello,
  welcome,
  refuse,
  ack,
  announce,
  'lease.offer': leaseOffer,
  'lease.accept': leaseAccept,
  'lease.renew': leaseRenew,
  'lease.done': leaseDone,
  'lease.failed': leaseFailed,
  'lease.cancel': leaseCancel,
  'criterion.admit': criterionAdmit,
  'criterion.admitted': criterionAdmitted,
  event,
  subscribe,
  unsubscribe,
  keep,
  kept,
  ping,
  pong,
  'plugin.hello': pluginHello,
  'plugin.admitted': pluginAdmitted,
  'plugin.error': pluginError,
  'plugin.credit': pluginCredit,
  'plugin.event': pluginEvent,
  'plugin.publish': pluginPublish,
  'plugin.leave': pluginLeave,
  points,
  'layer.view': layerView,
  'service.state': serviceState,
  'view.watch': viewWatch,
} as const;

export type MessageKind = keyof typeof MESSAGES;

export type MessageBody<Kind extends MessageKind> = z.infer<(typeof MESSAGES)[Kind]['body']>;

/** The kind that answers a request, when it is not refused. */
export interface AnswerKinds {
  hello: 'welcome';
  announce: 'ack';
  'lease.offer': 'lease.accept';
  'lease.done': 'ack';
  'lease.failed': 'ack';
  'criterion.admit': 'criterion.admitted';
  subscribe: 'ack';
  unsubscribe: 'ack';
  keep: 'kept';
  ping: 'pong';
  'plugin.hello': 'plugin.admitted';
  points: 'ack';
  'layer.view': 'ack';
}

export type RequestKind = keyof AnswerKinds;

export function isMessageKind(kind: string): kind is MessageKind {
  return Object.hasOwn(MESSAGES, kind);
}
