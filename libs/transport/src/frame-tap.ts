/**
 * A client's TCP connection as `ws` sees it, with the large messages taken out: the payload of a whole binary message goes
 * straight into a buffer of the receiver's choice. `ws` makes the handshake and handles everything else: pings, the end,
 * messages in fragments, and whatever breaks the rules. Given all of it, `ws` would need two fresh buffers a message, and
 * V8 collects garbage all the time. (RFC 6455 section 5.2.)
 */
import { connect, type Socket as TcpSocket } from 'node:net';
import { Duplex } from 'node:stream';

/** What is read from the operating system at once; used again and again. */
const READ_BYTES = 256 * 1024;

const FIN_BINARY = 0x82;
const FIN = 0x80;
const OPCODE = 0x0f;
const CONTINUATION = 0x0;
const BINARY = 0x2;
const CLOSE = 0x8;
const MASK = 0x80;
const LENGTH = 0x7f;
const MAX_HEADER_BYTES = 14;
const MASK_BYTES = 4;

export interface TapOptions {
  /** Messages that are longer are left to `ws`, which closes the connection. */
  readonly maxFrameBytes: number;
  /** A buffer of this length for the next message. */
  take(bytes: number): Uint8Array;
  /** The message, in the buffer that was taken for it. */
  onFrame(frame: Uint8Array): void;
}

/** `host` and `port` as `http.request` has them. */
export interface TapTarget {
  readonly host?: string | null;
  readonly port?: number | string | null;
  /** Of a Unix socket, in place of both. */
  readonly socketPath?: string | null;
  readonly timeout?: number;
}

export class FrameTap extends Duplex {
  private readonly tcp: TcpSocket;
  /** Not `parser`: Node's HTTP client gives its sockets one of that name. */
  private readonly frames: FrameParser;

  constructor({ host, port, socketPath, timeout }: TapTarget, options: TapOptions) {
    super({ allowHalfOpen: false });
    this.frames = new FrameParser(options, (bytes) => {
      // A copy: what is read next takes the same place.
      if (!this.push(Buffer.from(bytes))) this.tcp.pause();
    });
    this.tcp = connect({
      ...(typeof socketPath === 'string'
        ? { path: socketPath }
        : { host: host ?? 'localhost', port: Number(port) }),
      ...(timeout === undefined ? {} : { timeout }),
      onread: {
        buffer: new Uint8Array(READ_BYTES),
        callback: (count, buffer) => {
          this.frames.take(buffer.subarray(0, count));
          return true;
        },
      },
    });
    this.tcp.on('connect', () => this.emit('connect'));
    this.tcp.on('timeout', () => this.emit('timeout'));
    this.tcp.on('end', () => this.push(null));
    this.tcp.on('error', (error) => this.destroy(error));
    this.tcp.on('close', () => this.destroy());
  }

  setTimeout(ms: number): this {
    this.tcp.setTimeout(ms);
    return this;
  }

  setNoDelay(on = true): this {
    this.tcp.setNoDelay(on);
    return this;
  }

  override _read(): void {
    this.tcp.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.tcp.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.tcp.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.tcp.destroy();
    done(error);
  }
}

/** Exported for its test. Reads the HTTP answer, then frame after frame; calls `pass` for what is not for the receiver, in order. */
export class FrameParser {
  /** What comes next: the HTTP answer, a frame's header, a payload that is passed on or taken, or nothing that is looked at. */
  private state: 'http' | 'header' | 'pass' | 'take' | 'rest' = 'http';
  /** The last four bytes of the HTTP answer so far, as one number. */
  private tail = 0;
  private readonly header = new Uint8Array(MAX_HEADER_BYTES);
  private headerBytes = 0;
  private left = 0;
  private target: Uint8Array | undefined;
  private filled = 0;
  private isFragmented = false;

  constructor(
    private readonly options: TapOptions,
    private readonly pass: (bytes: Uint8Array) => void,
  ) {}

  /** `bytes` may be changed afterwards. */
  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength;) at = this.step(bytes, at);
  }

  /** One state's share of `bytes` from `at` on; returns where the next one begins. */
  private step(bytes: Uint8Array, at: number): number {
    switch (this.state) {
      case 'http':
        return this.takeHttp(bytes, at);
      case 'header':
        return this.takeHeader(bytes, at);
      case 'pass': {
        const end = Math.min(bytes.byteLength, at + this.left);
        this.pass(bytes.subarray(at, end));
        this.left -= end - at;
        if (this.left === 0) this.state = 'header';
        return end;
      }
      case 'take':
        return this.takePayload(bytes, at);
      case 'rest':
        this.pass(bytes.subarray(at));
        return bytes.byteLength;
    }
  }

  /** To the empty line. An answer that is no upgrade ends the matter: what follows is its body, which looks like no message. */
  private takeHttp(bytes: Uint8Array, at: number): number {
    let end = at;
    while (end < bytes.byteLength && this.tail !== 0x0d0a0d0a) this.tail = (this.tail << 8) | bytes[end++];
    if (this.tail === 0x0d0a0d0a) this.state = 'header';
    this.pass(bytes.subarray(at, end));
    return end;
  }

  private takeHeader(bytes: Uint8Array, at: number): number {
    this.header[this.headerBytes++] = bytes[at];
    if (this.headerBytes < 2) return at + 1;
    const code = this.header[1] & LENGTH;
    const lengthBytes = code === 126 ? 2 : code === 127 ? 8 : 0;
    if (this.headerBytes < 2 + lengthBytes) return at + 1;
    const header = this.header.subarray(0, this.headerBytes);
    this.headerBytes = 0;
    this.begin(header, lengthBytes === 0 ? code : bigEndian(header.subarray(2)));
    return at + 1;
  }

  private begin(header: Uint8Array, length: number): void {
    const opcode = header[0] & OPCODE;
    const isMasked = (header[1] & MASK) !== 0;
    const isTaken = header[0] === FIN_BINARY && !isMasked && !this.isFragmented;
    if (isTaken && length > 0 && length <= this.options.maxFrameBytes) {
      this.target = this.options.take(length);
      this.filled = 0;
      this.state = 'take';
      return;
    }
    this.pass(header);
    if (opcode === BINARY || opcode === CONTINUATION) this.isFragmented = (header[0] & FIN) === 0;
    this.left = length + (isMasked ? MASK_BYTES : 0);
    // Nothing that counts comes behind the closing frame, or behind a message that ends the connection.
    const isEnd = opcode === CLOSE || this.left > this.options.maxFrameBytes;
    this.state = isEnd ? 'rest' : this.left === 0 ? 'header' : 'pass';
  }

  private takePayload(bytes: Uint8Array, at: number): number {
    const target = this.target as Uint8Array;
    const end = Math.min(bytes.byteLength, at + target.byteLength - this.filled);
    target.set(bytes.subarray(at, end), this.filled);
    this.filled += end - at;
    if (this.filled === target.byteLength) {
      this.target = undefined;
      this.state = 'header';
      this.options.onFrame(target);
    }
    return end;
  }
}

/** Beyond 2^53 it is not exact, and far beyond every limit. */
function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
