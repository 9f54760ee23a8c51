/** Numbers as people read them. Pure. */

/** `1,066,440`. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `812 B`, `25.4 KB`, `1.2 MB`: powers of 1000, as the papers count. */
export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let amount = value;
  let unit = 0;
  while (Math.abs(amount) >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 || Math.abs(amount) >= 99.95 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** A share from 0 to 1 as `1.64 %`. */
export function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** `35.2x`; an infinite ratio (nothing kept) is `-`. */
export function ratio(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return `${value >= 99.95 ? Math.round(value) : value.toFixed(1)}x`;
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

/** `300 x 100`. */
export function shape(axes: readonly number[]): string {
  return axes.length === 0 ? 'scalar' : axes.join(' x ');
}

/** `1 stage`, `3 stages`. */
export function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

function pad(value: number): string {
  return value.toString().padStart(2, '0');
}
