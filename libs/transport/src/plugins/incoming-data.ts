/** Calls or answers of a plugin as they arrive: the first message, then its parts in order, put together. */
import { protocolError, type PluginDataMessage, type PluginHeader } from '@espalier/protocol';

export type PluginDataHeader = PluginHeader<'plugin.call' | 'plugin.answer'>;

interface Unfinished {
  readonly header: PluginDataHeader;
  readonly bytes: Uint8Array;
  filled: number;
}

export interface IncomingOptions {
  /** What this end takes: calls at the plugin, answers at the host. */
  readonly kind: PluginDataHeader['kind'];
  /** The most bytes that this call or answer may have; throws where there must be none. Called before anything is allocated. */
  maxBytes(header: PluginDataHeader): number;
  /** All its bytes are here; aligned to 8 where there are more than one message had. */
  onWhole(header: PluginDataHeader, bytes: Uint8Array): void;
}

/** What came in one message is handed on as a view of it up to so many bytes; more is copied, so that long messages may lie in a buffer that is used again. */
export const MAX_KEPT_BYTES = 64 * 1024;

export class IncomingData {
  private readonly unfinished = new Map<number, Unfinished>();

  constructor(private readonly options: IncomingOptions) {}

  /** Throws PROTOCOL_BODY, PROTOCOL_KIND, PROTOCOL_TOO_LARGE and what `maxBytes` throws. */
  take({ header, bytes }: PluginDataMessage): void {
    if (header.kind === 'plugin.part') return this.takePart(header, bytes);
    if (header.kind !== this.options.kind) throw protocolError('PROTOCOL_KIND', { kind: header.kind });
    const { call, total } = header;
    const limit = this.options.maxBytes(header);
    if (total > limit) {
      throw protocolError('PROTOCOL_TOO_LARGE', { what: `"${header.kind}"`, actual: total, limit });
    }
    if (bytes.byteLength > total) throw invalid(header.kind, `${bytes.byteLength} bytes come, of ${total}`);
    if (this.unfinished.has(call)) throw invalid(header.kind, `call ${call} is not at its end yet`);
    if (bytes.byteLength === total) {
      return this.options.onWhole(header, total > MAX_KEPT_BYTES ? new Uint8Array(bytes) : bytes);
    }
    const begun = { header, bytes: new Uint8Array(total), filled: 0 };
    this.unfinished.set(call, begun);
    this.fill(begun, bytes);
  }

  private takePart(header: PluginHeader<'plugin.part'>, bytes: Uint8Array): void {
    const begun = this.unfinished.get(header.call);
    if (!begun) throw invalid(header.kind, `nothing is under way for call ${header.call}`);
    if (header.offset !== begun.filled) {
      throw invalid(header.kind, `it is at ${header.offset}, but ${begun.filled} is next`);
    }
    if (bytes.byteLength === 0 || begun.filled + bytes.byteLength > begun.bytes.byteLength) {
      throw invalid(
        header.kind,
        `${bytes.byteLength} bytes from ${begun.filled} on, of ${begun.bytes.byteLength}`,
      );
    }
    this.fill(begun, bytes);
  }

  private fill(begun: Unfinished, bytes: Uint8Array): void {
    begun.bytes.set(bytes, begun.filled);
    begun.filled += bytes.byteLength;
    if (begun.filled < begun.bytes.byteLength) return;
    this.unfinished.delete(begun.header.call);
    this.options.onWhole(begun.header, begun.bytes);
  }
}

function invalid(kind: string, problem: string): Error {
  return protocolError('PROTOCOL_BODY', { kind, path: 'its bytes', problem });
}
