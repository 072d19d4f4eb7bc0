/** What comes out: tokens, which end by themselves, and keys with a lease. */
import { decodeBase64 } from '../../codec/base64.ts';
import { quote } from '../../codec/go-quote.ts';
import { asString } from '../../codec/json-fields.ts';
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { parseGoogleAccount } from '../../crypto/google-account.ts';
import { failure, refuse } from '../../fault.ts';
import { type Answer, reply } from '../../framework/reply.ts';
import { SECOND } from '../../runtime.ts';
import type { GcpAccount } from './account.ts';
import { bindingsHash } from './accounts.ts';
import { clientOf, type GcpCall, told } from './call.ts';
import { tokenOf } from './client.ts';
import { noConfig } from './config.ts';
import { createKey, deleteKey, getKey, impersonate } from './iam.ts';

export type AccountKind = 'roleset' | 'static-account';

const titles: Readonly<Record<AccountKind, string>> = { roleset: 'role set', 'static-account': 'static account' };

async function accountOf(kind: AccountKind, name: string, type: GcpAccount['secretType'], call: GcpCall) {
  const account = await call.store[kind].get(name);
  if (account === undefined) throw refuse(`${titles[kind]} ${quote(name)} does not exists`);
  if (account.secretType !== type) {
    throw refuse(
      `${titles[kind]} ${quote(name)} cannot generate ${type === 'access_token' ? 'access tokens' : 'service account keys'} (has secret type ${account.secretType})`,
    );
  }
  return account;
}

export async function makeToken(kind: AccountKind, name: string, call: GcpCall): Promise<Answer> {
  const { tokenKey, scopes } = await accountOf(kind, name, 'access_token', call);
  if (tokenKey === undefined) throw refuse('invalid token generator has no service account key');
  const prefix = 'unable to generate token - make sure your roleset service account and key are still valid: ';
  const { text, lasts } = await told(`${prefix}got error while creating OAuth2 token: `, () =>
    tokenOf(call.runtime, parseGoogleAccount(decodeBase64(tokenKey.file)), scopes.join(' ')),
  );
  const ttl = lasts / SECOND;
  const expires = Math.floor(call.now() / SECOND) + ttl;
  return { token: text, token_ttl: ttl, expires_at_seconds: expires };
}

export interface KeyInput {
  readonly key_algorithm: string;
  readonly key_type: string;
  readonly ttl: number;
}

export async function makeKey(kind: AccountKind, name: string, sent: KeyInput, call: GcpCall): Promise<Answer> {
  const account = await accountOf(kind, name, 'service_account_key', call);
  const config = (await call.store.config.get('config')) ?? noConfig;
  const ask = await clientOf(call.running);
  const key = await told('', () => createKey(ask, account, sent.key_algorithm, sent.key_type));
  const owner = kind === 'roleset' ? 'role_set' : 'static_account';
  const internal = { key_name: key.name, [owner]: name, [`${owner}_bindings`]: bindingsHash(call, account) };
  const ttl = sent.ttl > 0 ? sent.ttl * SECOND : config.ttl;
  const secret = { ...call.secret('service_account_key', internal), ttl, maxTtl: config.maxTtl };
  const { privateKeyData, keyAlgorithm, privateKeyType } = key;
  return reply({
    data: { private_key_data: privateKeyData, key_algorithm: keyAlgorithm, key_type: privateKeyType },
    secret,
  });
}

export async function renewKey(call: GcpCall): Promise<Answer> {
  const { secret } = call.request;
  const internal = secret?.internal ?? {};
  const name = asString(internal['key_name']);
  if (name === undefined) throw failure('invalid secret, internal data is missing key name');
  const kind: AccountKind = internal['role_set'] === undefined ? 'static-account' : 'roleset';
  const field = kind === 'roleset' ? 'role_set' : 'static_account';
  const owner = asString(internal[field]) ?? '';
  const account = await call.store[kind].get(owner);
  if (account === undefined) throw failure(`could not find ${titles[kind]} ${quote(owner)} to verify secret`);
  if (bindingsHash(call, account) !== internal[`${field}_bindings`]) {
    throw failure(`${titles[kind]} '${owner}' bindings were updated since secret was generated, cannot renew`);
  }
  const ask = await clientOf(call.running);
  await told('could not confirm key still exists in GCP: ', () => getKey(ask, name));
  const { ttl, maxTtl } = (await call.store.config.get('config')) ?? noConfig;
  return reply({ secret: { ...secret!, ttl, maxTtl } });
}

export async function revokeKey(call: GcpCall): Promise<void> {
  const name = asString(call.request.secret?.internal['key_name']);
  if (name === undefined) throw failure('secret is missing key_name internal data');
  const ask = await clientOf(call.running);
  await told('unable to delete service account key: ', () => deleteKey(ask, name));
}

export async function makeImpersonatedToken(name: string, call: GcpCall): Promise<Answer> {
  const account = await call.store.impersonated.get(name);
  if (account === undefined) throw refuse(`impersonated account ${quote(name)} does not exists`);
  const ask = await clientOf(call.running);
  const { email, scopes, ttl } = account;
  const { token, expires } = await told('unable to generate token: ', () => impersonate(ask, email, scopes, ttl));
  const until = Math.floor((parseRfc3339(expires) ?? call.now()) / SECOND);
  return { token, token_ttl: until - Math.floor(call.now() / SECOND), expires_at_seconds: until };
}
