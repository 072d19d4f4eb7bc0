/** Requests to Azure with a token for the engine's own service principal (OAuth 2.0 client credentials). */
import { escapeStrictly } from '../../codec/go-url.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import { JsonError, type JsonObject, type JsonValue, parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { askWeb, WebError } from '../../framework/web-call.ts';
import { type GivenToken, givenToken, KeptToken } from '../../framework/kept-token.ts';
import { type OutgoingRequest, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';
import { type AzureConfig, type AzureCloud, cloudOf } from './config.ts';

/** Azure refuses, or did not answer. */
export class AzureError extends Error {
  /** 0 without an answer. */
  readonly status: number;
  /** 'Request_ResourceNotFound' … */
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'AzureError';
    this.status = status;
    this.code = code;
  }
}

type Api = 'graph' | 'management';

/** The body of an answer. Rejects with AzureError. */
export type AzureAsk = (
  api: Api,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: JsonObject,
) => Promise<JsonObject>;

const TIMEOUT = 30 * SECOND;

/** Tokens by the API that they are for, as long as the configuration stays. */
export type Tokens = Readonly<Record<Api, KeptToken>>;

export const newTokens = (): Tokens => ({ graph: new KeptToken(), management: new KeptToken() });

export function forgetTokens({ graph, management }: Tokens): void {
  graph.forget();
  management.forget();
}

/** Throws AzureError for what the configuration lacks. */
export function azureClient(runtime: Runtime, config: AzureConfig, tokens: Tokens): AzureAsk {
  const cloud = cloudOf(config.environment);
  if (config.subscriptionId === '') throw new AzureError(0, '', 'subscription_id is required');
  if (config.tenantId === '') throw new AzureError(0, '', 'tenant_id is required');
  if (cloud === undefined) throw new AzureError(0, '', noCloud(config.environment));
  return async (api, method, path, body) => {
    const token = await tokens[api].get(runtime.clock, () => newToken(runtime, config, cloud, api));
    const answer = await exchange(runtime, {
      method,
      url: `${cloud[api]}${path}`,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: encodeUtf8(print(body)) }),
      timeout: TIMEOUT,
    });
    if (answer.status < 300) return answer.body.length === 0 ? {} : read(answer);
    if (answer.status === 401) tokens[api].forget();
    throw refusal(answer);
  };
}

export const noCloud = (environment: string): string =>
  `autorest/azure: There is no cloud environment matching the name "${environment.toUpperCase()}"`;

async function newToken(
  runtime: Runtime,
  { tenantId, clientId, clientSecret }: AzureConfig,
  cloud: AzureCloud,
  api: Api,
): Promise<GivenToken> {
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${cloud[api]}/.default`,
  };
  const body = Object.entries(form).map(([name, value]) => `${name}=${escapeStrictly(value)}`);
  const answer = await exchange(runtime, {
    method: 'POST',
    url: `${cloud.login}/${escapeStrictly(tenantId)}/oauth2/v2.0/token`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: encodeUtf8(body.join('&')),
    timeout: TIMEOUT,
  });
  if (answer.status !== 200) throw refusal(answer);
  return givenToken(read(answer));
}

async function exchange({ web }: Runtime, request: OutgoingRequest): Promise<OutgoingResponse> {
  try {
    return await askWeb(web, request);
  } catch (error) {
    throw error instanceof WebError ? new AzureError(0, '', error.message) : error;
  }
}

function read({ status, body }: OutgoingResponse): JsonObject {
  try {
    return parseObject(body);
  } catch (error) {
    throw error instanceof JsonError ? new AzureError(status, '', error.message) : error;
  }
}

/** Graph and the resource manager say `{"error":{"code","message"}}`, those who give tokens `{"error","error_description"}`. */
function refusal({ status, body }: OutgoingResponse): AzureError {
  let said: JsonObject = {};
  try {
    said = parseObject(body);
  } catch {
    // Something between us and Azure answered.
  }
  const field = (value: JsonValue | undefined): string => asString(value) ?? '';
  const inner = asObject(said['error']);
  const code = inner === undefined ? field(said['error']) : field(inner['code']);
  const message = inner === undefined ? field(said['error_description']) : field(inner['message']);
  const text = code === '' ? decodeUtf8(body) : `Code="${code}" Message="${message}"`;
  return new AzureError(status, code, `Status=${status} ${text}`);
}
