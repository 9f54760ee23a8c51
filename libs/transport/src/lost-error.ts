import { isRefusal, type CloseInfo } from './close-codes';
import { transportError } from './errors';

/** What the end of a connection is to who waited for something on it: an error that says whether another try may help. */
export function lostError(peer: string, why: CloseInfo): Error {
  const { reason } = why;
  return isRefusal(why)
    ? transportError('TRANSPORT_REFUSED', { url: peer, reason })
    : transportError('TRANSPORT_DISCONNECTED', { peer, reason });
}
