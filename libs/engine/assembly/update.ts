/** The optimizers' formulas, TensorFlow's (src/ops/effects.ts), on the kept weights alone. */
import { RATE } from './memory';

/** velocity <- share * velocity + gradient; value <- value - rate * velocity */
export function momentum(values: usize, velocities: usize, gradients: usize, count: i32, share: f32): void {
  const rate = load<f32>(RATE);
  const r = f32x4.splat(rate);
  const m = f32x4.splat(share);
  const bytes = (<usize>count) << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const v = f32x4.add(f32x4.mul(v128.load(velocities + at), m), v128.load(gradients + at));
    v128.store(velocities + at, v);
    v128.store(values + at, f32x4.sub(v128.load(values + at), f32x4.mul(v, r)));
  }
  for (; at < bytes; at += 4) {
    const v = load<f32>(velocities + at) * share + load<f32>(gradients + at);
    store<f32>(velocities + at, v);
    store<f32>(values + at, load<f32>(values + at) - v * rate);
  }
}

/** Kingma & Ba 2015; the rate has the corrections of both moments in it. */
export function adam(
  values: usize,
  firstMoments: usize,
  secondMoments: usize,
  gradients: usize,
  count: i32,
  rest1: f32,
  rest2: f32,
  epsilon: f32,
): void {
  const rate = load<f32>(RATE);
  const r = f32x4.splat(rate);
  const r1 = f32x4.splat(rest1);
  const r2 = f32x4.splat(rest2);
  const e = f32x4.splat(epsilon);
  const bytes = (<usize>count) << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const g = v128.load(gradients + at);
    const m0 = v128.load(firstMoments + at);
    const v0 = v128.load(secondMoments + at);
    const m = f32x4.add(m0, f32x4.mul(f32x4.sub(g, m0), r1));
    const v = f32x4.add(v0, f32x4.mul(f32x4.sub(f32x4.mul(g, g), v0), r2));
    v128.store(firstMoments + at, m);
    v128.store(secondMoments + at, v);
    const step = f32x4.div(f32x4.mul(m, r), f32x4.add(f32x4.sqrt(v), e));
    v128.store(values + at, f32x4.sub(v128.load(values + at), step));
  }
  for (; at < bytes; at += 4) {
    const g = load<f32>(gradients + at);
    const m0 = load<f32>(firstMoments + at);
    const v0 = load<f32>(secondMoments + at);
    const m = m0 + (g - m0) * rest1;
    const v = v0 + (g * g - v0) * rest2;
    store<f32>(firstMoments + at, m);
    store<f32>(secondMoments + at, v);
    store<f32>(values + at, load<f32>(values + at) - (m * rate) / (sqrt<f32>(v) + epsilon));
  }
}

/** gradient <- gradient + l1 * sign(value) + l2 * value; at `sum`, float64: l1 * sum |value| + l2 * sum value^2 / 2. */
export function penalise(values: usize, gradients: usize, count: i32, l1: f32, l2: f32, sum: usize): void {
  let total: f64 = 0;
  const bytes = (<usize>count) << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    const w = load<f32>(values + at);
    const sign: f32 = w > 0 ? 1 : w < 0 ? -1 : 0;
    store<f32>(gradients + at, load<f32>(gradients + at) + l1 * sign + l2 * w);
    total += <f64>l1 * <f64>abs<f32>(w) + (<f64>l2 * <f64>w * <f64>w) / 2;
  }
  store<f64>(sum, total);
}
