/** The optimizers' formulas, TensorFlow's (src/ops/effects.ts), on the kept weights alone. Counts are multiples of 4. */

/** velocity <- momentum * velocity + gradient; value <- value - rate * velocity */
export function momentum(
  values: usize,
  velocities: usize,
  gradients: usize,
  count: i32,
  rate: f32,
  share: f32,
): void {
  const r = f32x4.splat(rate);
  const m = f32x4.splat(share);
  const bytes = (<usize>count) << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const v = f32x4.add(f32x4.mul(v128.load(velocities + at), m), v128.load(gradients + at));
    v128.store(velocities + at, v);
    v128.store(values + at, f32x4.sub(v128.load(values + at), f32x4.mul(v, r)));
  }
}

/** Kingma & Ba 2015; `rate` has the corrections of both moments in it. */
export function adam(
  values: usize,
  firstMoments: usize,
  secondMoments: usize,
  gradients: usize,
  count: i32,
  rate: f32,
  rest1: f32,
  rest2: f32,
  epsilon: f32,
): void {
  const r = f32x4.splat(rate);
  const r1 = f32x4.splat(rest1);
  const r2 = f32x4.splat(rest2);
  const e = f32x4.splat(epsilon);
  const bytes = (<usize>count) << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
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
}

/** gradient <- gradient + l1 * sign(value) + l2 * value; gives l1 * sum |value| + l2 * sum value^2 / 2. */
export function penalise(values: usize, gradients: usize, count: i32, l1: f32, l2: f32): f64 {
  let sum: f64 = 0;
  const bytes = (<usize>count) << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    const w = load<f32>(values + at);
    const sign: f32 = w > 0 ? 1 : w < 0 ? -1 : 0;
    store<f32>(gradients + at, load<f32>(gradients + at) + l1 * sign + l2 * w);
    sum += <f64>l1 * Math.abs(<f64>w) + (<f64>l2 * <f64>w * <f64>w) / 2;
  }
  return sum;
}
