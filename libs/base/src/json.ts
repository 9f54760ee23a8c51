export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/**
 * JSON with sorted keys and no spaces: equal values give equal text, so that it can be hashed. Fields that are undefined are
 * left out. Throws TypeError for what JSON cannot say: NaN, infinities, undefined in a list, functions, typed arrays.
 */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    requirePlain(value);
    const map = value as { readonly [key: string]: JsonValue | undefined };
    const fields = Object.keys(map)
      .filter((key) => map[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(map[key] as JsonValue)}`);
    return `{${fields.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`canonical JSON has no ${value}; use a finite number or null`);
  }
  if (value !== null && !['number', 'string', 'boolean'].includes(typeof value)) {
    throw new TypeError(`canonical JSON has no ${typeof value}; use null, or leave the field out`);
  }
  return JSON.stringify(value);
}

/** A Map, a Date or a typed array would silently become `{}` or a map of its indices. */
function requirePlain(value: object): void {
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]')
    throw new TypeError(`canonical JSON has no ${tag.slice(8, -1)}; use maps and lists`);
}
