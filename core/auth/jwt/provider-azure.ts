/** Groups of somebody who is in more of them than Azure puts into a token: they are asked for (OpenID Connect 5.6.2). */
import { urlFault } from '../../codec/go-url-fault.ts';
import { quote } from '../../codec/go-quote.ts';
import { asList, asString } from '../../codec/json-fields.ts';
import { JsonError, type JsonValue, kindOf, parseObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { OutgoingResponse, Web } from '../../runtime.ts';
import { claimOf, ClaimError, shown } from './claims.ts';
import type { Claims } from './claims.ts';
import type { JwtConfig } from './config.ts';
import { ask, bodyText, ProviderError, reachOf, type Reach } from './web.ts';

/** The API that tokens still name is gone; the one that took its place has the same groups. */
const moved: readonly (readonly [from: string, to: string])[] = [
  ['graph.windows.net', 'graph.microsoft.com/v1.0'],
  ['graph.microsoftazure.us', 'graph.microsoft.us/v1.0'],
];

/** Throws ClaimError. */
export async function azureGroups(
  config: JwtConfig,
  claims: Claims,
  claim: string,
  accessToken: string,
  web: Web,
): Promise<JsonValue> {
  const url = sourceOf(claims, claim);
  const reach = reached(web, config.discoveryCa);
  try {
    return await asked(reach, url, accessToken);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ClaimError(`${quote(claim)} claim not found in token: ${error.message}`);
  }
}

function sourceOf(claims: Claims, claim: string): string {
  const fault = (what: string): ClaimError => new ClaimError(`unable to get claim sources: ${what}`);
  const source = asString(claimOf(claims, `/_claim_names/${claim}`));
  if (source === undefined) throw fault(`unable to locate groups claim ${quote(claim)} in _claim_names`);
  const path = `/_claim_sources/${source}/endpoint`;
  const endpoint = claimOf(claims, path);
  if (endpoint === undefined) throw fault(`unable to locate ${path} in claims`);
  const url = shown(endpoint);
  const wrong = urlFault(url);
  if (wrong !== undefined) throw fault(`unable to parse claim source URL: ${wrong}`);
  const [from, to] = moved.find(([host]) => url.startsWith(`https://${host}/`)) ?? ['', ''];
  return from === '' ? url : url.replace(from, to);
}

function reached(web: Web, ca: string): Reach {
  try {
    return reachOf(web, ca);
  } catch (error) {
    throw error instanceof ProviderError ? new ClaimError(`unable to create CA Context: ${error.message}`) : error;
  }
}

async function asked(reach: Reach, url: string, accessToken: string): Promise<JsonValue> {
  if (accessToken === '') throw new ProviderError('token unavailable to call Microsoft Graph API');
  let answer: OutgoingResponse;
  try {
    answer = await ask(reach, {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', Authorization: `Bearer ${accessToken}` },
      body: encodeUtf8('{"securityEnabledOnly": false}'),
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(`unable to call Microsoft Graph API: ${error.message}`);
  }
  if (answer.status !== 200) throw new ProviderError(`failed to get groups: ${bodyText(answer)}`);
  try {
    const { value = [] } = parseObject(answer.body);
    if (value === null) return [];
    const list = asList(value);
    if (list !== undefined) return list;
    throw new JsonError(
      `json: cannot unmarshal ${kindOf(value)} into Go struct field azureGroups.value of type []interface {}`,
    );
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ProviderError(`unabled to decode response: ${error.message}`);
  }
}
