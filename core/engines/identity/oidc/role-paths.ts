/** identity/oidc/role and token: identity tokens about the caller's own entity. */
import { randomBase62 } from '../../../codec/base62.ts';
import { quote } from '../../../codec/go-quote.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { failure, refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import { HOUR, SECOND } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { groupsOf } from '../membership.ts';
import { tokenIssuer } from './issuer.ts';
import { prepareDefaultKey, signed } from './keys.ts';
import type { NamedKey, OidcRole } from './key-store.ts';
import { checkedTemplate, claimsOf } from './template.ts';

const name = field.string('Name of the role.', { required: true });

interface Sent {
  readonly name: string;
  readonly key: string | undefined;
  readonly template: string | undefined;
  readonly ttl: number | undefined;
  readonly client_id: string | undefined;
}

async function write(sent: Sent, call: IdentityCall): Promise<void> {
  const { store, random } = call;
  const old = await store.roles.get(sent.name);
  const key = sent.key ?? old?.key ?? '';
  if (key === '') throw refuse('the key parameter is required');
  const template = sent.template === undefined ? (old?.template ?? '') : checkedTemplate(sent.template, call.now());
  const ttl = sent.ttl ?? old?.ttl ?? 24 * HOUR;
  const named = await store.namedKeys.get(key);
  if (named === undefined) throw refuse(`cannot find key ${quote(key)}`);
  if (ttl > named.verificationTtl) {
    throw refuse("a role's token ttl cannot be longer than the verification_ttl of the key it references");
  }
  const clientId = sent.client_id ?? old?.clientId ?? '';
  await prepareDefaultKey(key, call);
  const role: OidcRole = {
    ttl,
    key,
    template,
    clientId: clientId === '' ? randomBase62(26, (length) => random.bytes(length)) : clientId,
  };
  await store.roles.put(sent.name, role);
}

export const allows = (allowed: readonly string[], clientId: string): boolean =>
  allowed.includes('*') || allowed.includes(clientId);

async function makeToken(role: OidcRole, key: NamedKey, call: IdentityCall): Promise<JsonObject> {
  const { directory } = call.context;
  const entityId = call.request.caller?.entityId ?? '';
  if (entityId === '') throw refuse("no entity associated with the request's token");
  await directory.ready();
  const entity = directory.entity(entityId) ?? directory.entityByMergedId(entityId);
  if (entity === undefined || key.signing === undefined) throw failure('error fetching entity');
  const { direct, inherited } = groupsOf(entity.id, directory);
  const now = call.now();
  const issuedAt = Math.floor(now / SECOND);
  const claims: JsonObject = {
    ...claimsOf(role.template, { entity, groups: [...direct, ...inherited], now }),
    iss: await tokenIssuer(call),
    namespace: call.request.namespace.id,
    sub: entityId,
    aud: role.clientId,
    iat: issuedAt,
    exp: issuedAt + Math.trunc(role.ttl / SECOND),
  };
  const token = signed(key.signing, claims, call);
  return { token, client_id: role.clientId, ttl: Math.trunc(role.ttl / SECOND) };
}

export const rolePaths = identityPaths()
  .path(
    'oidc/role/:name',
    'What identity tokens say, and for how long.',
    {
      name,
      key: field.string('Name of the key that signs.', { documentedRequired: true }),
      template: field.string('Template of additional claims, as text or in base64.'),
      ttl: field.duration('How long tokens are good; 24 hours unless given.', { documented: '24h' }),
      client_id: field.string('The audience of the tokens; made up unless given.'),
    },
    {
      write: { forward: true, run: (sent, call) => call.state.oidc.run(() => write(sent, call)) },
      read: {
        run: async (sent, { store }) => {
          const role = await store.roles.get(sent.name);
          return (
            role && {
              client_id: role.clientId,
              key: role.key,
              template: role.template,
              ttl: Math.trunc(role.ttl / SECOND),
            }
          );
        },
      },
      delete: { forward: true, run: (sent, { store }) => store.roles.delete(sent.name) },
    },
    {
      exists: async (sent, { store }) => (await store.roles.get(sent.name)) !== undefined,
      id: { prefix: 'oidc', suffix: 'role' },
    },
  )
  .path(
    'oidc/role',
    'The names of all roles.',
    {},
    { list: { run: (_, { store }) => store.roles.list() } },
    { id: { prefix: 'oidc', suffix: 'roles' } },
  )
  .path(
    'oidc/token/:name',
    "An identity token of the caller's entity.",
    { name },
    {
      read: {
        id: { verb: 'generate' },
        run: async (sent, call) => {
          const role = await call.store.roles.get(sent.name);
          if (role === undefined) throw refuse(`role ${quote(sent.name)} not found`);
          const key = await call.store.namedKeys.get(role.key);
          if (key === undefined) throw refuse(`key ${quote(role.key)} not found`);
          if (!allows(key.allowedClientIds, role.clientId)) {
            throw refuse(
              `the key ${quote(role.key)} does not list the client ID of the role ${quote(sent.name)} as an allowed client ID`,
            );
          }
          return makeToken(role, key, call);
        },
      },
    },
    { id: { prefix: 'oidc', suffix: 'token' } },
  );
