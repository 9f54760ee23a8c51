/** Numbers as the file's view writes them. */

export function whole(value: number): string {
  return value.toLocaleString('en');
}

export function percent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value > 0 && value < 10 ? 2 : 1)} %`;
}

/** `[784, 300]` as people say it. */
export function dimensions(shape: readonly number[]): string {
  return shape.join(' × ');
}
