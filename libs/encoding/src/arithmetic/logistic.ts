/**
 * The logistic function and its inverse as whole-number tables. Log-odds are in 1/256 nat; probabilities are shares of 2^16.
 * The tables come from exact BigInt arithmetic, not from Math.exp, whose last digit may differ between machines: a coder
 * whose decoder computes another probability decodes something else.
 */
import { ONE } from './range-coder';

/** One nat of log-odds. */
export const NAT = 256;

/** Log-odds are clipped here: 11 nats, the 16 bits of a probability can say no more. */
export const LOG_ODDS_LIMIT = 11 * NAT - 1;

const SCALE = 80n;

/** SQUASH[x + LOG_ODDS_LIMIT] = 2^16 / (1 + e^(-x / 256)), rounded down, from 1 to 2^16 - 1. */
export const SQUASH: Uint16Array = squashTable();

/** STRETCH[p]: the least x whose squash is at least p. */
export const STRETCH: Int16Array = stretchTable();

function squashTable(): Uint16Array {
  const table = new Uint16Array(2 * LOG_ODDS_LIMIT + 1);
  const unit = 1n << SCALE;
  const step = exponentialOfOneOver(BigInt(NAT));
  for (let x = 0, power = unit; x <= LOG_ODDS_LIMIT; x++, power = (power * step) >> SCALE) {
    const p = Number((BigInt(ONE) * power) / (power + unit));
    table[LOG_ODDS_LIMIT + x] = Math.min(ONE - 1, p);
    table[LOG_ODDS_LIMIT - x] = Math.max(1, ONE - p);
  }
  return table;
}

/** e^(1/n) as a fixed-point number, by its series. */
function exponentialOfOneOver(n: bigint): bigint {
  let sum = 0n;
  for (let term = 1n << SCALE, k = 1n; term > 0n; term /= n * k, k++) sum += term;
  return sum;
}

function stretchTable(): Int16Array {
  const table = new Int16Array(ONE);
  for (let p = 0, x = -LOG_ODDS_LIMIT; p < ONE; p++) {
    while (x < LOG_ODDS_LIMIT && SQUASH[x + LOG_ODDS_LIMIT] < p) x++;
    table[p] = x;
  }
  return table;
}
