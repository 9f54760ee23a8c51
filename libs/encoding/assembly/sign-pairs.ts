/** What signs before say of the next (src/arithmetic/sign-pairs.ts): by a table of pairs, and by a ring of voters. */
import { VOTE_SHARES, pointer } from './memory';
import { LOG_ODDS_LIMIT } from './mixer';

const VOTERS: usize = 32;
/** A ring: how many have voted, then the last of them. */
const RING_BYTES: usize = 4 * (VOTERS + 1);
const FULL: i32 = 255 << 8;

export function ringAt(rings: usize, line: i32): usize {
  return rings + RING_BYTES * <usize>line;
}

export function startRing(ring: usize, places: i32): void {
  if (places !== 0) store<u32>(ring, 0);
}

function lastOf(ring: usize): usize {
  return ring + 4 * min(VOTERS, <usize>load<u32>(ring));
}

/** Where the cells of a place begin; voters are counted from 1. */
function cellsOf(cells: usize, places: i32, place: i32): usize {
  return cells + 2 * (<usize>place * <usize>places - 1);
}

export function votesFor(cells: usize, places: i32, ring: usize, place: i32): i32 {
  if (places === 0) return 0;
  const base = cellsOf(cells, places, place);
  const shares = pointer(VOTE_SHARES);
  const last = lastOf(ring);
  let sum = 0;
  for (let at = ring + 4; at <= last; at += 4) {
    const voter = load<i32>(at);
    const cell = <i32>load<u16>(base + ((<usize>abs(voter)) << 1));
    const seen = cell >> 8;
    const vote = (2 * (cell & 255) - seen) * load<i32>(shares + ((<usize>seen) << 2));
    sum += voter > 0 ? vote : -vote;
  }
  return max(-LOG_ODDS_LIMIT, min(LOG_ODDS_LIMIT, sum >> 7));
}

export function addToPairs(cells: usize, places: i32, ring: usize, place: i32, sign: i32): void {
  if (places === 0) return;
  const base = cellsOf(cells, places, place);
  const last = lastOf(ring);
  for (let at = ring + 4; at <= last; at += 4) {
    const voter = load<i32>(at);
    const address = base + ((<usize>abs(voter)) << 1);
    const cell = <i32>load<u16>(address) + (<i32>(voter > 0) === sign ? 257 : 256);
    store<u16>(address, <u16>(cell < FULL ? cell : ((cell >> 9) << 8) | ((cell & 255) >> 1)));
  }
  const count = load<u32>(ring);
  store<u32>(ring, count + 1);
  store<i32>(ring + 4 + 4 * ((<usize>count) & (VOTERS - 1)), sign ? place + 1 : -(place + 1));
}

export function voteStep(odds: i32): i32 {
  const step = min(15, abs(odds) >> 5);
  return odds < 0 ? 15 - step : 16 + step;
}
