/** Reviews of tokens, as the Kubernetes API answers them: whether one is good, whose it is, and for whom. */
import { Base64Error, decodeBase64RawUrl } from '../../core/codec/base64.ts';
import { asNumber, asObject, asString, asStrings } from '../../core/codec/json-fields.ts';
import { JsonError, parse, type JsonObject } from '../../core/codec/json.ts';

/** What reviews are decided by. */
export interface Cluster {
  /** Of a service account that is there, by `namespace/name`. */
  uidOf(account: string): string | undefined;
  /** Whether the cluster has made the token. */
  signed(token: string): boolean;
  /** Unix seconds. */
  now(): number;
}

/** For whom a token is that does not say so. */
export const OWN_AUDIENCE = 'https://kubernetes.default.svc';

const OLD = 'kubernetes.io/serviceaccount';

export interface Bearer {
  /** `namespace/name`. */
  readonly account: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  /** Unix seconds; undefined is never. */
  readonly until: number | undefined;
}

function claimsOf(token: string): JsonObject | undefined {
  try {
    return asObject(parse(decodeBase64RawUrl(token.split('.')[1] ?? '')));
  } catch (error) {
    if (error instanceof JsonError || error instanceof Base64Error) return undefined;
    throw error;
  }
}

/** What a token says of itself, in the form of today or in that of old. */
export function bearerOf(token: string): Bearer | undefined {
  const claims = claimsOf(token);
  if (claims === undefined) return undefined;
  const projected = asObject(claims['kubernetes.io']);
  const account = asObject(projected?.['serviceaccount']);
  const text = (name: string): string => asString(claims[`${OLD}/${name}`]) ?? '';
  const namespace = asString(projected?.['namespace']) ?? text('namespace');
  const name = asString(account?.['name']) ?? text('service-account.name');
  return {
    account: `${namespace}/${name}`,
    uid: asString(account?.['uid']) ?? text('service-account.uid'),
    audiences: asStrings(claims['aud']) ?? [OWN_AUDIENCE],
    until: asNumber(claims['exp']),
  };
}

/** Whose token it is when it is good for anything; undefined when it is not, or not any more. */
export function authenticated(token: string, cluster: Cluster): Bearer | undefined {
  const bearer = bearerOf(token);
  if (bearer === undefined || !cluster.signed(token)) return undefined;
  if (bearer.until !== undefined && bearer.until <= cluster.now()) return undefined;
  return bearer.uid !== '' && cluster.uidOf(bearer.account) === bearer.uid ? bearer : undefined;
}

export const userNamed = (account: string): string => `system:serviceaccount:${account.replace('/', ':')}`;

/** The status of a review. */
export function reviewOf(spec: JsonObject, cluster: Cluster): JsonObject {
  const bearer = authenticated(asString(spec['token']) ?? '', cluster);
  if (bearer === undefined) return { user: {}, error: '[invalid bearer token, Token has been invalidated]' };
  const asked = asStrings(spec['audiences']) ?? [];
  const wanted = asked.length === 0 ? [OWN_AUDIENCE] : asked;
  const audiences = wanted.filter((one) => bearer.audiences.includes(one));
  if (audiences.length === 0) return { user: {}, error: `[token audiences are not any of ${JSON.stringify(wanted)}]` };
  const [namespace] = bearer.account.split('/');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { authenticated: true, user: { username: userNamed(bearer.account), uid: bearer.uid, groups }, audiences };
}
