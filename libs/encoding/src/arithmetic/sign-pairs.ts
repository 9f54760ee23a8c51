/**
 * The sign of a weight from those before it in its line (a row, or an output, as the scan goes) and, in small tensors, across it.
 * Units that respond to the same thing have weights of the same sign from whatever both read, or of opposite signs: for each two
 * places of a line it is counted how often both survived and how often their signs agreed, and each earlier weight of the line
 * votes with its sign and what its place agreed with this one so far. Trained layers are nearly of low rank in this sense, even
 * where who survived looks random.
 */
import { LOG_ODDS_LIMIT } from './logistic';

/** No table of pairs beyond so many places in a line: it has their square of cells. */
const MOST_PLACES = 4096;
/** Votes across the lines, too, up to so many weights: beyond, the tables outgrow a processor's cache. */
const CROSSED_UP_TO = 2 ** 20;
/** So many weights before this one vote: a line that is full must not take the square of its length. A power of 2. */
export const VOTERS = 32;
/** Agreement that was seen this often counts half. */
const PRIOR_STRENGTH = 4;

/** 2^16 / (seen + prior): what one agreement more is worth. */
export const VOTE_SHARES = Int32Array.from({ length: 256 }, (_, seen) =>
  Math.floor(65536 / (seen + PRIOR_STRENGTH)),
);

/** Contexts for the log-odds of the votes. */
export const VOTE_STEPS = 32;

/** How many places the table has; 0: there is none, and the votes say nothing. */
export function placesOf(lineLength: number): number {
  return lineLength <= MOST_PLACES ? lineLength : 0;
}

/** The same across `lines` lines, each of which is a place there. */
export function placesAcross(lineLength: number, lines: number): number {
  return lineLength * lines <= CROSSED_UP_TO ? placesOf(lines) : 0;
}

/** Words of a ring in `SignPairs.rings`: how many have voted there, then the last of them. */
export const RING_WORDS = VOTERS + 1;

export class SignPairs {
  /** [places, places]: how often both survived, times 256, plus how often they agreed. */
  private readonly cells: Uint16Array;
  /** [rings, RING_WORDS]: the survivors of each line so far, place + 1 with the sign of the weight. */
  private readonly rings: Int32Array;

  constructor(
    private readonly places: number,
    rings = 1,
  ) {
    this.cells = new Uint16Array(places * places);
    this.rings = new Int32Array(places === 0 ? 0 : rings * RING_WORDS);
  }

  /** Of a table with one ring for every line in its turn. */
  startLine(): void {
    if (this.places > 0) this.rings[0] = 0;
  }

  /** Log-odds of a plus at this place of the ring's line. */
  odds(place: number, ring = 0): number {
    const { cells, rings, places } = this;
    if (places === 0) return 0;
    const base = place * places - 1;
    const first = ring * RING_WORDS;
    const end = first + Math.min(VOTERS, rings[first]);
    let sum = 0;
    for (let i = first + 1; i <= end; i++) {
      const voter = rings[i];
      const cell = cells[base + Math.abs(voter)];
      const seen = cell >> 8;
      const vote = (2 * (cell & 255) - seen) * VOTE_SHARES[seen];
      sum += voter > 0 ? vote : -vote;
    }
    // 2 x (agreed - not) / (seen + prior) is near the log of the ratio of the two.
    const odds = sum >> 7;
    return odds > LOG_ODDS_LIMIT ? LOG_ODDS_LIMIT : odds < -LOG_ODDS_LIMIT ? -LOG_ODDS_LIMIT : odds;
  }

  /** The weight at this place is known: 1 positive, 0 negative. */
  add(place: number, positive: number, ring = 0): void {
    const { cells, rings, places } = this;
    if (places === 0) return;
    const base = place * places - 1;
    const first = ring * RING_WORDS;
    const end = first + Math.min(VOTERS, rings[first]);
    for (let i = first + 1; i <= end; i++) {
      const voter = rings[i];
      const at = base + Math.abs(voter);
      const cell = cells[at] + (voter > 0 === (positive === 1) ? 257 : 256);
      cells[at] = cell < FULL ? cell : ((cell >> 9) << 8) | ((cell & 255) >> 1);
    }
    rings[first + 1 + (rings[first]++ & (VOTERS - 1))] = positive ? place + 1 : -(place + 1);
  }
}

/** A cell that has counted up to here is halved: 255 fits, and what was long ago counts less. */
const FULL = 255 << 8;

/** The log-odds of the votes as a context. */
export function voteStep(odds: number): number {
  const step = Math.min(VOTE_STEPS / 2 - 1, Math.abs(odds) >> 5);
  return odds < 0 ? VOTE_STEPS / 2 - 1 - step : VOTE_STEPS / 2 + step;
}
