/**
 * Every limit of the wire, in one place. They bound what a peer can make us hold or do before it has proved anything;
 * they are checked before a message is decoded, because the decoder has no limits of its own.
 */
const KiB = 1024;
const MiB = 1024 * KiB;

export const PROTOCOL_LIMITS = {
  /** One WebSocket message: a chunk and its header fit twice, so that the limit never decides how a chunk is cut. */
  maxFrameBytes: 2 * MiB,
  /** One control message: a stage's specification of a network with some hundred layers is about 30 KiB. */
  maxControlBytes: 64 * KiB,
  /** The header of a data message; a `want` of 256 digests is about 20 KiB. */
  maxHeaderBytes: 64 * KiB,
  /** Maps and arrays within each other, the envelope counted. Recipes and networks need about ten. */
  maxDepth: 24,
  /** Values in one control message or header, map keys counted. */
  maxElements: 16_384,
  /** A map's key. */
  maxKeyBytes: 256,
  /** Digests in one `want`, `missing`, `keep`, `kept` or `announce`; longer lists go in several. */
  maxDigests: 256,
  /** Tensor bytes in one `chunk`. */
  maxChunkBytes: 1 * MiB,
  /** A manifest travels in one message. */
  maxManifestBytes: 1 * MiB,
  /** Bytes that may be on their way in one transfer; a receiver never grants more than this. */
  windowBytes: 16 * MiB,
  /** From the open socket to `hello` and `welcome`; longer means a peer that does not speak this protocol. */
  handshakeTimeoutMs: 10_000,
  /** A peer that answers no ping for two of these is gone. */
  heartbeatMs: 10_000,
  /** Bytes that wait for a slow peer of the hub before it is cut off. */
  maxQueuedBytes: 8 * MiB,
  /** Messages that wait for the hub to come back, or for a first subscriber. */
  maxQueuedMessages: 1_024,
} as const;
