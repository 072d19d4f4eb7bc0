/** Requests to Google with a token for the engine's own service account. */
import { asList, asObject, asString } from '../../codec/json-fields.ts';
import { JsonError, type JsonObject, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { type GoogleAccount, googleTokenForm } from '../../crypto/google-account.ts';
import { askWeb, WebError } from '../../framework/web-call.ts';
import { type GivenToken, givenToken, KeptToken } from '../../framework/kept-token.ts';
import { type OutgoingRequest, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';

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

export const EVERYTHING = 'https://www.googleapis.com/auth/cloud-platform';
const TIMEOUT = 30 * SECOND;

/** `own`: the engine's own token, as long as the configuration stays. */
export const googleClient =
  (runtime: Runtime, account: GoogleAccount, own: KeptToken): GoogleAsk =>
  async (method, url, body) => {
    const token = await own.get(runtime.clock, () => tokenOf(runtime, account, EVERYTHING));
    const answer = await exchange(runtime, {
      method,
      url,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: encodeUtf8(print(body)) }),
      timeout: TIMEOUT,
    });
    if (answer.status === 200) return read(answer);
    throw refusal(answer);
  };

/** Rejects with GoogleError. `scope` separated by spaces. */
export async function tokenOf(runtime: Runtime, account: GoogleAccount, scope: string): Promise<GivenToken> {
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
  return givenToken(read(answer));
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
