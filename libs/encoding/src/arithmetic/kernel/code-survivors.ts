/** `codeSignificance` and `codeValues` by the WebAssembly kernel: the same bits in the same order, several times as fast. */
import { hasPlanes, isSpatial, scannedRows } from '../kernel-view';
import { neighbourhoodOf } from '../neighbourhood';
import { type RangeDecoder, type RangeEncoder } from '../range-coder';
import { lineDensities } from '../octaves';
import { CALM_RULE } from '../mixed-bits';
import { RING_WORDS, VOTE_SHARES } from '../sign-pairs';
import { mapShape, mixesTwice, mixingOf, type Scan } from '../significance-map';
import { OFFSETS } from '../surroundings';
import { mixedRankBits, pairPlaces, rankDepth, rankShape, signShape, type SignSplit } from '../value-codes';
import { TRIAL_SURVIVORS } from '../trial';
import { MemoryLayout, parameter, setParameters, type Parameter } from './memory-layout';
import { PAGE_BYTES, type KernelExports, type KernelPlatform, type WasmMemory } from './platform';

export interface Survivors {
  readonly scan: Scan;
  /** Without it only the map is coded, and codes are 0 and 1. */
  readonly split?: SignSplit;
  /** [rows, outputs]: what is to be encoded. */
  readonly codes?: Uint16Array;
  readonly afterIndex?: () => void;
}

/** What a stream that is being written gets at first; it grows. */
const FIRST_STREAM_BYTES = PAGE_BYTES;
/** 64 outputs: nine numbers of 16 bits each, then four opinions of 32; and eight numbers of 32 bits. */
const PREPARED_BYTES = 64 * (9 * 2 + 4 * 4) + 8 * 4;
/** Addresses have 32 bits, and a stream must be able to grow. */
const MAX_MEMORY = 2 ** 32 - 2 ** 28;

/**
 * Codes the survivors; undefined, with nothing done, where the tensor does not fit the kernel's memory, or is of the first version of
 * the format.
 */
export function codeSurvivorsByKernel(
  platform: KernelPlatform,
  coder: RangeEncoder | RangeDecoder,
  survivors: Survivors,
): Uint16Array | undefined {
  const { split, codes, afterIndex } = survivors;
  if (!survivors.scan.model.refined) return undefined;
  const run = KernelRun.start(platform, coder, survivors);
  if (!run) return undefined;
  run.pass('codeMap');
  afterIndex?.();
  if (split) {
    run.clearSums();
    run.saysDensities(survivors.scan);
    run.pass('codeValues');
  }
  return codes ?? run.codes();
}

class KernelRun {
  private constructor(
    private readonly memory: WasmMemory,
    private readonly kernel: KernelExports,
    private readonly coder: RangeEncoder | RangeDecoder,
    private readonly place: Placed,
  ) {}

  static start(
    platform: KernelPlatform,
    coder: RangeEncoder | RangeDecoder,
    survivors: Survivors,
  ): KernelRun | undefined {
    const layout = new MemoryLayout();
    const place = placeAll(layout, coder, survivors);
    if (layout.size > MAX_MEMORY) return undefined;
    const memory = platform.memory(layout.size);
    layout.fill(memory.buffer);
    setParameters(memory.buffer, place.parameters);
    if (survivors.codes) {
      new Uint16Array(memory.buffer, place.codes, survivors.codes.length).set(survivors.codes);
    }
    return new KernelRun(memory, platform.instantiate(memory), coder, place);
  }

  /** Lets the kernel go on in the coder's place. */
  pass(name: keyof KernelExports): void {
    const { coder, memory, place } = this;
    const { buffer } = memory;
    const position = coder.decoding ? coder.position : 0;
    setParameters(buffer, { ...coder.state, stream: place.stream + position });
    this.kernel[name]();
    const after = memory.buffer;
    const end = parameter(after, 'stream');
    const state = {
      range: parameter(after, 'range'),
      low: parameter(after, 'low'),
      held: parameter(after, 'held') | 0,
      pending: parameter(after, 'pending'),
    };
    if (coder.decoding) coder.resume(state, end - place.stream);
    else coder.resume(state, new Uint8Array(after, place.stream, end - place.stream));
  }

  /** What the map has left there is no sum of signs. */
  clearSums(): void {
    new Uint8Array(this.memory.buffer, this.place.sums, this.place.sumBytes).fill(0);
  }

  /** Puts how full rows and outputs are where the map has left what they keep. */
  saysDensities({ view, live }: Scan): void {
    const { rowKept = 0, outputKept = 0 } = this.place.parameters;
    const rows = new Int32Array(this.memory.buffer, rowKept, view.rows);
    const outputs = new Int32Array(this.memory.buffer, outputKept, view.outputs);
    const all = rows.reduce((sum, kept) => sum + kept, 0);
    rows.set(lineDensities(rows, { all, live: live.rows.length }));
    outputs.set(lineDensities(outputs, { all, live: live.outputs.length }));
  }

  /** A copy: the kernel's memory is given up. */
  codes(): Uint16Array {
    return new Uint16Array(this.memory.buffer, this.place.codes, this.place.codeCount).slice();
  }
}

interface Placed {
  readonly parameters: Partial<Record<Parameter, number>>;
  readonly codes: number;
  readonly codeCount: number;
  readonly sums: number;
  readonly sumBytes: number;
  readonly stream: number;
}

function placeAll(
  layout: MemoryLayout,
  coder: RangeEncoder | RangeDecoder,
  { scan, split = { negative: 0, positive: 0 } }: Survivors,
): Placed {
  const { view, live, order } = scan;
  const { width, height, channels, rows, outputs } = view;
  const scanned = scannedRows(view, live.rows, order);
  const near = neighbourhoodOf(view, scanned);
  const mixing = mixingOf(scan);
  const depth = rankDepth(split);
  const places = pairPlaces(scan, split);
  const byRows = order.startsWith('rows');
  // In a 3 x 3 kernel half of them lie beyond every border.
  const ahead = OFFSETS.filter(({ dy, dx }) => dy < height && Math.abs(dx) < width);
  const sumBytes = isSpatial(view) ? rows * outputs : 0;
  const codes = layout.zeros(2 * (rows + 1) * outputs);
  const sums = layout.zeros(sumBytes + outputs + 32);
  const parameters = {
    decoding: coder.decoding ? 1 : 0,
    byRows: byRows ? 1 : 0,
    ...{ width, height, channels, rows, outputs, depth, codes, sums, ...split },
    spatial: isSpatial(view) ? 1 : 0,
    scanned: layout.words(scanned),
    scannedCount: scanned.length,
    live: layout.words(live.outputs),
    liveCount: live.outputs.length,
    taps: layout.words(near.taps),
    beside: layout.words(near.beside),
    before: layout.bytes(near.before),
    after: layout.bytes(near.after),
    rankInChannel: layout.words(near.rankInChannel),
    rowKept: layout.zeros(4 * rows),
    besideKept: layout.zeros(4 * rows),
    outputKept: layout.zeros(4 * outputs),
    kernelKept: hasPlanes(view) ? layout.zeros(4 * channels * outputs) : 0,
    offsets: layout.words(ahead.flatMap(({ dy, dx, share }) => [dy, dx, share])),
    offsetCount: ahead.length,
    rowLine: layout.zeros(16 * rows),
    outputLine: layout.zeros(16 * outputs),
    allLine: layout.zeros(16),
    mapMixer: layout.mixer(mapShape(scan), mixing.fraction),
    signMixer: layout.mixer(signShape(true), mixing.fraction),
    rankMixer: layout.mixer(rankShape(depth, scan), mixing.fraction),
    voteShares: layout.words(VOTE_SHARES),
    alongPlaces: places.along,
    alongCells: layout.zeros(2 * places.along ** 2),
    alongRings: layout.zeros(4 * RING_WORDS),
    acrossPlaces: places.across,
    acrossCells: layout.zeros(2 * places.across ** 2),
    acrossRings: layout.zeros(places.across && 4 * RING_WORDS * (byRows ? outputs : rows)),
    mixedBits: mixedRankBits(depth, true),
    // The last is the sign's.
    lowBits: layout.slots(depth + 1),
    trial: scan.model.tries ? TRIAL_SURVIVORS : 0,
    twice: mixesTwice(scan) ? 1 : 0,
    calm: mixing === CALM_RULE ? 1 : 0,
    // Patterns and densities of a row, written sixteen at a time.
    around: layout.zeros(byRows ? 2 * outputs + 32 : 0),
    prepared: layout.zeros(byRows ? PREPARED_BYTES : 0),
    sources: layout.zeros(8 * OFFSETS.length),
  };
  // The stream is the last thing in memory, so that it can grow.
  const streamBytes = coder.decoding ? coder.bytes.length : FIRST_STREAM_BYTES;
  const stream = coder.decoding ? layout.bytes(coder.bytes) : layout.zeros(streamBytes);
  return {
    parameters: { ...parameters, streamEnd: stream + streamBytes },
    codes,
    codeCount: rows * outputs,
    sums,
    sumBytes,
    stream,
  };
}
