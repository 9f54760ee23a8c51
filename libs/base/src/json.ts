export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** JSON with sorted keys and no spaces: equal values give equal text, so that it can be hashed. Refuses NaN and infinities. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
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
  return JSON.stringify(value);
}
