/** Answers without an envelope of their own as audit devices show them: by what makes them up, or by what was wrapped. */
import { encodeBase64 } from '../../codec/base64.ts';
import { asNumber, asObject, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import { JsonError, type JsonObject, parseObject } from '../../codec/json.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import type { Auth, Request, Response, TokenType } from '../../framework/logical.ts';
import { envelope } from '../../http/envelope.ts';
import { SECOND } from '../../runtime.ts';

const headers: readonly (readonly [header: string, name: string])[] = [
  ['cache-control', 'http_raw_cache_control'],
  ['pragma', 'http_raw_pragma'],
  ['www-authenticate', 'http_www_authenticate'],
];

/** What is written to the client past all answers. */
const straight = /^sys\/(?:pprof(?:\/.*)?|monitor|storage\/raft\/snapshot)$/;

/**
 * Status, type and body of an answer that has them; undefined for the usual ones. `clear`: bytes are shown in base64,
 * as upstream prints them; where they are hashed, it is as text.
 */
export function rawFields(request: Request, response: Response, clear: boolean): JsonObject | undefined {
  const { raw, status } = response;
  if (raw === undefined && status === undefined) return undefined;
  if (straight.test(request.path)) return {};
  const fields: JsonObject = { http_status_code: raw?.status ?? status ?? 0 };
  if (raw === undefined) {
    const { status: _, headers: __, ...rest } = response;
    fields['http_content_type'] = 'application/json';
    if (Object.keys(rest).length > 0) fields['http_raw_body'] = envelope(request, rest).trimEnd();
  } else {
    if (raw.contentType !== '') fields['http_content_type'] = raw.contentType;
    // What was wrapped with a status is text already.
    const bytes = clear && request.path !== 'sys/wrapping/unwrap';
    if (raw.body.length > 0) fields['http_raw_body'] = bytes ? encodeBase64(raw.body) : decodeUtf8(raw.body);
  }
  const given = new Map(Object.entries(response.headers ?? {}).map(([name, values]) => [name.toLowerCase(), values]));
  for (const [header, name] of headers) {
    const value = given.get(header)?.[0];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

/** What was wrapped is logged as what it is, though it goes out as ready-made JSON. */
export function unwrapped(request: Request, response: Response | undefined): Response | undefined {
  const raw = response?.raw;
  if (raw?.status !== 200 || request.path !== 'sys/wrapping/unwrap') return response;
  try {
    const whole = parseObject(raw.body);
    const data = asObject(whole['data']);
    const auth = asObject(whole['auth']);
    const leaseId = asString(whole['lease_id']) ?? '';
    const secret = { ttl: 0, maxTtl: 0, renewable: false, internal: {}, leaseId };
    return { ...(data && { data }), ...(auth && { auth: authOf(auth) }), ...(leaseId !== '' && { secret }) };
  } catch (error) {
    if (error instanceof JsonError) return response;
    throw error;
  }
}

function authOf(shown: JsonObject): Auth {
  const identityPolicies = asStrings(shown['identity_policies']);
  return {
    ...emptyAuth(),
    clientToken: asString(shown['client_token']) ?? '',
    accessor: asString(shown['accessor']) ?? '',
    policies: asStrings(shown['policies']) ?? [],
    tokenPolicies: asStrings(shown['token_policies']) ?? [],
    ...(identityPolicies && { identityPolicies }),
    metadata: asStringMap(shown['metadata']) ?? {},
    entityId: asString(shown['entity_id']) ?? '',
    numUses: asNumber(shown['num_uses']) ?? 0,
    tokenType: (asString(shown['token_type']) ?? 'default') as TokenType,
    ttl: (asNumber(shown['lease_duration']) ?? 0) * SECOND,
  };
}
