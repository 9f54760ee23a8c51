/** The coordinator's HTTP API, as the page uses it: same origin, by cookie. Every failure is an `ApiError`. */

export class ApiError extends Error {
  constructor(
    message: string,
    /** 0: there was no answer. */
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export type Fetch = typeof fetch;

/** Sends JSON where there is a body, returns the JSON of the answer. */
export async function callApi<Answer>(
  path: string,
  { method = 'GET', body, fetch: send = fetch }: { method?: string; body?: unknown; fetch?: Fetch } = {},
): Promise<Answer> {
  const response = await answerOf(() =>
    send(path, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const value = parsed(await response.text());
  if (response.ok) return value as Answer;
  throw refusal(response.status, value);
}

/** A file as it comes; a browser keeps a large one on its disk. @throws ApiError */
export async function fetchFile(
  path: string,
  { fetch: send = fetch }: { fetch?: Fetch } = {},
): Promise<Blob> {
  const response = await answerOf(() => send(path, { credentials: 'same-origin' }));
  if (!response.ok) throw refusal(response.status, parsed(await response.text()));
  try {
    return await response.blob();
  } catch {
    throw new ApiError('the file broke off', 0, '');
  }
}

function refusal(status: number, value: unknown): ApiError {
  const { code, message } = (value ?? {}) as { code?: string; message?: string };
  return new ApiError(message ?? `the coordinator answered ${status}`, status, code ?? '');
}

async function answerOf(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch {
    throw new ApiError('the coordinator cannot be reached', 0, '');
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
