import { defineErrors, type ErrorTable } from '@espalier/base';

export const transportErrorTable = {
  TRANSPORT_DISCONNECTED: {
    message:
      'the connection to {peer} is down ({reason}); it is tried again: repeat the request when it is back.',
    retryable: true,
  },
  TRANSPORT_CLOSED: { message: 'the connection to {peer} was closed by this end; make a new one.' },
  TRANSPORT_UNREACHABLE: {
    message: 'nothing answers at {url} ({reason}); is it running, and is the address right?',
    retryable: true,
  },
  TRANSPORT_REFUSED: {
    message:
      '{url} refuses this connection ({reason}); check the token, the Origin and the version of both ends.',
  },
  TRANSPORT_TIMEOUT: { message: '{peer} did not answer "{kind}" within {timeoutMs} ms.', retryable: true },
  TRANSPORT_CANCELLED: { message: '{what} was cancelled.' },
  TRANSPORT_ANSWERED_NO: { message: '{peer} refused "{kind}": {reason}' },
  TRANSPORT_ANSWER_KIND: { message: '{peer} answered "{kind}" by "{actual}", expected "{expected}".' },
  TRANSPORT_QUEUE_FULL: {
    message: '{limit} messages wait for {peer} already; it has been away for too long.',
    retryable: true,
  },
  TRANSPORT_LISTEN: { message: 'cannot listen on {host} port {port}: {reason}; choose another port.' },
  TRANSPORT_MISSING: {
    message:
      'nobody that was asked ({urls}) has {digest}; its owner may have gone: run the stage again that makes it.',
    retryable: true,
  },
  TRANSPORT_TOO_LARGE: {
    message:
      'the snapshot {id} has {bytes} bytes, but at most {maxBytes} are taken into memory; pull it into a store, or raise the limit.',
  },
  TRANSPORT_CORRUPT: {
    message:
      'the {form} bytes of {digest} from {url} do not give its digest; they were thrown away: fetch it again.',
    retryable: true,
  },
  TRANSPORT_PEER: { message: '{url} broke the transfer off: {reason}', retryable: true },
  TRANSPORT_NO_CREDIT: {
    message:
      '{peer} asked for a transfer and has given no credit for {timeoutMs} ms; its connection is closed, and it may ask again.',
    retryable: true,
  },
  TRANSPORT_UNEXPECTED: {
    message: '{url} sent "{kind}" where {expected} was due; it does not keep to the protocol.',
  },
} as const satisfies ErrorTable;

export const transportError = defineErrors(transportErrorTable);
