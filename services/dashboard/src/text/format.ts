/** Numbers as people read them. Pure. What is not known is a dash. */

export const UNKNOWN = '–';

type Maybe = number | null | undefined;

/** 0.0142 as `1.42 %`. */
export function percent(share: Maybe, digits = 2): string {
  return isNumber(share) ? `${(share * 100).toFixed(digits)} %` : UNKNOWN;
}

/** A round share, on an axis: 0.015 as `1.5 %`. */
export function percentTick(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

/** A share that may be tiny: as many digits as it takes to see it. */
export function shareText(share: Maybe): string {
  if (!isNumber(share)) return UNKNOWN;
  return percent(share, share >= 0.995 ? 0 : share >= 0.1 ? 1 : 2);
}

/** 36.57 as `36.6×`. */
export function times(ratio: Maybe): string {
  if (!isNumber(ratio)) return UNKNOWN;
  return `${ratio >= 100 ? Math.round(ratio) : ratio.toFixed(1)}×`;
}

/** Powers of 1000, as in the report. */
export function bytesText(bytes: Maybe): string {
  if (!isNumber(bytes)) return UNKNOWN;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

const THOUSANDS = new Intl.NumberFormat('en-GB');

/** 266200 as `266,200`. */
export function countText(count: Maybe): string {
  return isNumber(count) ? THOUSANDS.format(count) : UNKNOWN;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(seconds: Maybe): string {
  if (!isNumber(seconds)) return UNKNOWN;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** How long ago: `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`. */
export function agoText(ms: Maybe): string {
  if (!isNumber(ms)) return UNKNOWN;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 3) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** Four digits that matter: `0.0264`, `1.235`, `1.2e-7`. */
export function figureText(value: Maybe): string {
  if (!isNumber(value)) return UNKNOWN;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(1);
  return String(Number(value.toPrecision(size >= 1000 ? 6 : 4)));
}

function isNumber(value: Maybe): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
