/**
 * Errors with stable codes. Each lib has one table (`errors.ts`), made with `defineErrors`; `docs/errors.md` lists
 * them all. Errors are recognised by `code`, never by `instanceof`: they cross processes.
 */

export interface ErrorDefinition {
  /** One sentence with `{placeholders}`: what, which item, what was expected, what came, what to do. */
  readonly message: string;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable?: boolean;
}

export type ErrorTable = Readonly<Record<string, ErrorDefinition>>;
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** An error with a stable `code`, the values that went into its message, and whether a retry can help. */
export class EspalierError extends Error {
  override readonly name = 'EspalierError';
  readonly code: string;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(
    code: string,
    definition: ErrorDefinition,
    details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${fill(definition.message, details)}`, options);
    this.code = code;
    this.retryable = definition.retryable ?? false;
    this.details = details;
  }
}

export type ErrorFactory<T extends ErrorTable> = (
  code: keyof T & string,
  details?: ErrorDetails,
  options?: { cause?: unknown },
) => EspalierError;

/** Turns a lib's table into the function that makes its errors; the code must stand in the table. */
export function defineErrors<const T extends ErrorTable>(table: T): ErrorFactory<T> {
  return (code, details, options) =>
    new EspalierError(code, table[code] as ErrorDefinition, details, options);
}

/** The `code` of anything thrown, or undefined; works for errors from another realm or process. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}

/** What a person should read: the message without the stack, whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)
    ? String((error as { message: unknown }).message)
    : String(error);
}

function fill(message: string, details: ErrorDetails): string {
  return message.replace(/\{(\w+)\}/g, (whole, key: string) =>
    Object.hasOwn(details, key) ? String(details[key]) : whole,
  );
}
