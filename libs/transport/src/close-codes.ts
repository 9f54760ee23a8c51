/** Why a WebSocket was closed: the codes that this software uses, in one place. 4000-4999 are an application's own. */
export const CLOSE = {
  /** Done, nothing is wrong. */
  NORMAL: { code: 1000, reason: 'done' },
  /** The process ends; connect again later. */
  GOING_AWAY: { code: 1001, reason: 'going away' },
  /** A message that breaks the protocol: size, structure or content. */
  BAD_MESSAGE: { code: 4400, reason: 'bad message' },
  /** The token is not, or no longer, good. */
  UNAUTHORIZED: { code: 4401, reason: 'unauthorized' },
  /** The token is good, but not for what was asked. */
  FORBIDDEN: { code: 4403, reason: 'forbidden' },
  /** No `hello` in time. */
  HANDSHAKE_TIMEOUT: { code: 4408, reason: 'no hello in time' },
  /** Another connection of the same service has taken this one's place. */
  REPLACED: { code: 4409, reason: 'replaced by a newer connection' },
  /** No common protocol version. */
  VERSION: { code: 4426, reason: 'no common protocol version' },
  /** The peer does not read, and what waits for it is too much. */
  TOO_SLOW: { code: 4429, reason: 'too slow' },
  /** The peer answers no pings. */
  SILENT: { code: 4504, reason: 'silent' },
} as const;

export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

/** Is it of no use to connect again after this? */
export function isFinal(why: CloseInfo): boolean {
  return isRefusal(why) || why.code === CLOSE.REPLACED.code;
}

/** What was asked for is not for who has this token or this version. */
export function isRefusal({ code }: CloseInfo): boolean {
  return code === CLOSE.UNAUTHORIZED.code || code === CLOSE.FORBIDDEN.code || code === CLOSE.VERSION.code;
}
