/** Requests to Google with a token for the engine's own service account. */
import { asList, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { JsonError, type JsonObject, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { type GoogleAccount, googleTokenForm } from '../../crypto/google-account.ts';
import { askWeb, WebError } from '../../framework/web-call.ts';
import { type Micros, type OutgoingRequest, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';

/** Google refuses, or did not answer; `message` is what its library for Go prints. */
export class GoogleError extends Error {
  /** 0 without an answer. */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'GoogleError';
    this.status = status;
  }
}

/** The body of an answer. Rejects with GoogleError. */
export type GoogleAsk = (method: 'GET' | 'POST' | 'DELETE', url: string, body?: JsonObject) => Promise<JsonObject>;

export interface Token {
  readonly text: string;
  /** Seconds. */
  readonly lasts: number;
}

export const EVERYTHING = 'https://www.googleapis.com/auth/cloud-platform';
const TIMEOUT = 30 * SECOND;
/** A token is not used in its last minute. */
const MARGIN = 60 * SECOND;

/** The engine's own token, as long as the configuration stays. */
export type Own = { token?: { readonly text: string; readonly until: Micros } };

export const googleClient =
  (runtime: Runtime, account: GoogleAccount, own: Own): GoogleAsk =>
  async (method, url, body) => {
    const { clock } = runtime;
    if (own.token === undefined || clock.monotonic() >= own.token.until) {
      const { text, lasts } = await tokenOf(runtime, account, EVERYTHING);
      own.token = { text, until: clock.monotonic() + lasts * SECOND - MARGIN };
    }
    const answer = await exchange(runtime, {
      method,
      url,
      headers: { Authorization: `Bearer ${own.token.text}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: encodeUtf8(print(body)) }),
      timeout: TIMEOUT,
    });
    if (answer.status === 200) return read(answer);
    throw refusal(answer);
  };

/** Rejects with GoogleError. `scope` separated by spaces. */
export async function tokenOf(runtime: Runtime, account: GoogleAccount, scope: string): Promise<Token> {
  const { clock, crypto } = runtime;
  const answer = await exchange(runtime, {
    method: 'POST',
    url: account.tokenUrl,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: googleTokenForm(crypto, account, scope, clock.wall()),
    timeout: TIMEOUT,
  });
  if (answer.status !== 200) {
    const said = decodeUtf8(answer.body);
    throw new GoogleError(answer.status, `oauth2: cannot fetch token: ${answer.status}\nResponse: ${said}`);
  }
  const given = read(answer);
  return { text: asString(given['access_token']) ?? '', lasts: asNumber(given['expires_in']) ?? 0 };
}

async function exchange({ web }: Runtime, request: OutgoingRequest): Promise<OutgoingResponse> {
  try {
    return await askWeb(web, request);
  } catch (error) {
    throw error instanceof WebError ? new GoogleError(0, error.message) : error;
  }
}

function read({ status, body }: OutgoingResponse): JsonObject {
  try {
    return parseObject(body);
  } catch (error) {
    throw error instanceof JsonError ? new GoogleError(status, error.message) : error;
  }
}

function refusal({ status, body }: OutgoingResponse): GoogleError {
  let said: JsonObject = {};
  try {
    said = asObject(parseObject(body)['error']) ?? {};
  } catch {
    // Something between us and Google answered.
  }
  const reason = asString(asObject(asList(said['errors'])?.[0])?.['reason']);
  const text = asString(said['message']) ?? `got HTTP response code ${status} with body: ${decodeUtf8(body)}`;
  return new GoogleError(status, `googleapi: Error ${status}: ${text}${reason === undefined ? '' : `, ${reason}`}`);
}
