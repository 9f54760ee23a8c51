/** What the signs before in a line say of the next (src/arithmetic/sign-pairs.ts). */
import { PAIR_CELLS, PAIR_LINE, PAIR_PLACES, VOTE_SHARES, parameter, pointer } from './memory';
import { LOG_ODDS_LIMIT } from './mixer';

const VOTERS: i32 = 64;
const FULL: i32 = 255 << 8;

let count: i32 = 0;

export function startLine(): void {
  count = 0;
}

/** Where the cells of a place begin; voters are counted from 1. */
function cellsOf(place: i32): usize {
  return pointer(PAIR_CELLS) + ((<usize>place * <usize>parameter(PAIR_PLACES)) << 1) - 2;
}

function firstVoter(): usize {
  return pointer(PAIR_LINE) + ((<usize>max(0, count - VOTERS)) << 2);
}

function lineEnd(): usize {
  return pointer(PAIR_LINE) + ((<usize>count) << 2);
}

export function votesFor(place: i32): i32 {
  const cells = cellsOf(place);
  const shares = pointer(VOTE_SHARES);
  const end = lineEnd();
  let sum = 0;
  for (let at = firstVoter(); at < end; at += 4) {
    const voter = load<i32>(at);
    const cell = <i32>load<u16>(cells + ((<usize>abs(voter)) << 1));
    const seen = cell >> 8;
    const vote = (2 * (cell & 255) - seen) * load<i32>(shares + ((<usize>seen) << 2));
    sum += voter > 0 ? vote : -vote;
  }
  return max(min(sum >> 7, LOG_ODDS_LIMIT), -LOG_ODDS_LIMIT);
}

export function addToPairs(place: i32, sign: i32): void {
  if (parameter(PAIR_PLACES) === 0) return;
  const cells = cellsOf(place);
  const end = lineEnd();
  for (let at = firstVoter(); at < end; at += 4) {
    const voter = load<i32>(at);
    const address = cells + ((<usize>abs(voter)) << 1);
    const cell = <i32>load<u16>(address) + (<i32>(voter > 0) === sign ? 257 : 256);
    store<u16>(address, <u16>(cell < FULL ? cell : ((cell >> 9) << 8) | ((cell & 255) >> 1)));
  }
  store<i32>(end, sign ? place + 1 : -(place + 1));
  count++;
}

export function voteStep(odds: i32): i32 {
  const step = min(15, abs(odds) >> 5);
  return odds < 0 ? 15 - step : 16 + step;
}
