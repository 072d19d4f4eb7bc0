/** What a real server answered, kept in a file beside the tests that ask it again. */
export interface BaoRecording {
  /** As `sys/health` gave it. */
  readonly version: string;
  readonly exchanges: readonly RecordedExchange[];
}

export interface RecordedExchange {
  readonly request: RecordedRequest;
  readonly response: {
    readonly status: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    /** JSON, or text that is none; undefined when there is none. */
    readonly body?: unknown;
  };
}

/** What tells one request from another: the same of these gets the same answers, in their order. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, from the slash on; the query sorted. */
  readonly url: string;
  /** Empty: none. */
  readonly token: string;
  readonly namespace?: string;
  readonly body?: unknown;
}

/** Reads the body. */
export async function recordedRequest(request: Request): Promise<RecordedRequest> {
  const { pathname, searchParams } = new URL(request.url);
  searchParams.sort();
  const query = searchParams.toString();
  const bearer = request.headers.get('authorization')?.replace(/^Bearer /i, '');
  const namespace = request.headers.get('x-vault-namespace');
  const body = parsed(await request.text());
  return {
    method: request.method,
    url: query === '' ? pathname : `${pathname}?${query}`,
    token: request.headers.get('x-vault-token') ?? bearer ?? '',
    ...(namespace === null || namespace === '' ? {} : { namespace }),
    ...(body === undefined ? {} : { body }),
  };
}

/** JSON where it is some. */
export function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
