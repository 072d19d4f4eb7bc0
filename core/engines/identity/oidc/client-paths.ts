/** identity/oidc/client: applications that log users in through the provider. */
import { randomBase62 } from '../../../codec/base62.ts';
import { quote } from '../../../codec/go-quote.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import { listing, reply } from '../../../framework/reply.ts';
import type { Micros } from '../../../runtime.ts';
import { HOUR, wholeSeconds } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { eachOnce, identityPaths } from '../fields.ts';
import { DEFAULT_KEY, prepareDefaultKey } from './keys.ts';
import type { OidcClient } from './provider-store.ts';

const SECRET_PREFIX = 'hvo_secret_';

/** All but the secret. */
const shown = (client: OidcClient): JsonObject => ({
  redirect_uris: client.redirectUris,
  assignments: client.assignments,
  key: client.key,
  id_token_ttl: wholeSeconds(client.idTokenTtl),
  access_token_ttl: wholeSeconds(client.accessTokenTtl),
  client_type: client.type,
  client_id: client.clientId,
  authorization_code: client.authorizationCode,
  client_credentials: client.clientCredentials,
});

interface Sent {
  readonly name: string;
  readonly redirect_uris: readonly string[] | undefined;
  readonly assignments: readonly string[] | undefined;
  readonly key: string | undefined;
  readonly id_token_ttl: Micros | undefined;
  readonly access_token_ttl: Micros | undefined;
  readonly client_type: string | undefined;
  readonly authorization_code: boolean | undefined;
  readonly client_credentials: boolean | undefined;
}

function typeOf(sent: string | undefined, old: OidcClient | undefined): OidcClient['type'] {
  const type = sent ?? old?.type ?? 'confidential';
  if (old !== undefined && type !== old.type) throw refuse('client_type modification is not allowed');
  if (type !== 'confidential' && type !== 'public') throw refuse(`invalid client_type ${quote(type)}`);
  return type;
}

async function write(sent: Sent, call: IdentityCall): Promise<void> {
  const { store } = call;
  const old = await store.clients.get(sent.name);
  const assignments = sent.assignments === undefined ? (old?.assignments ?? []) : eachOnce(sent.assignments);
  for (const one of assignments) {
    if ((await store.assignments.get(one)) === undefined) throw refuse(`assignment ${quote(one)} does not exist`);
  }
  const key = sent.key ?? old?.key ?? DEFAULT_KEY;
  if (old !== undefined && key !== old.key) throw refuse('key modification is not allowed');
  const named = await store.namedKeys.get(key);
  if (named === undefined) throw refuse(`key ${quote(key)} does not exist`);
  const idTokenTtl = sent.id_token_ttl ?? old?.idTokenTtl ?? 24 * HOUR;
  if (idTokenTtl > named.verificationTtl) {
    throw refuse("a client's id_token_ttl cannot be greater than the verification_ttl of the key it references");
  }
  const type = typeOf(sent.client_type, old);
  const clientCredentials = sent.client_credentials ?? old?.clientCredentials ?? false;
  if (clientCredentials && type === 'public') {
    throw refuse('client_credentials=true is only allowed for client_type=confidential');
  }
  await prepareDefaultKey(key, call);
  const random = (length: number): string => randomBase62(length, (count) => call.random.bytes(count));
  await store.clients.put(sent.name, {
    name: sent.name,
    namespaceId: call.request.namespace.id,
    redirectUris: sent.redirect_uris === undefined ? (old?.redirectUris ?? []) : eachOnce(sent.redirect_uris),
    assignments,
    key,
    idTokenTtl,
    accessTokenTtl: sent.access_token_ttl ?? old?.accessTokenTtl ?? 24 * HOUR,
    type,
    authorizationCode: sent.authorization_code ?? old?.authorizationCode ?? true,
    clientCredentials,
    clientId: old?.clientId ?? random(32),
    clientSecret: old?.clientSecret ?? (type === 'public' ? '' : SECRET_PREFIX + random(64)),
  });
}

export async function clientById(clientId: string, { store }: IdentityCall): Promise<OidcClient | undefined> {
  for (const name of await store.clients.list()) {
    const client = await store.clients.get(name);
    if (client?.clientId === clientId) return client;
  }
  return undefined;
}

export const clientPaths = identityPaths()
  .path(
    'oidc/client/:name',
    'An application that logs users in.',
    {
      name: field.string('Name of the client.', { required: true }),
      redirect_uris: field.commaStrings('Where users may be sent back to.'),
      assignments: field.commaStrings('Assignments whose entities and groups may log in.'),
      key: field.string('Name of the key that signs ID tokens; cannot be changed.', { documented: 'default' }),
      id_token_ttl: field.duration('How long ID tokens are good.', { documented: '24h' }),
      access_token_ttl: field.duration('How long access tokens are good.', { documented: '24h' }),
      client_type: field.string('"confidential", or "public" for one that can keep no secret; cannot be changed.', {
        documented: 'confidential',
      }),
      authorization_code: field.bool('Whether users log in with authorization codes; true unless given.', {
        documented: true,
      }),
      client_credentials: field.bool('Whether the client may ask for tokens of its own.', { documented: false }),
    },
    {
      write: { forward: true, run: (sent, call) => call.state.oidc.run(() => write(sent, call)) },
      read: {
        run: async (sent, { store }) => {
          const client = await store.clients.get(sent.name);
          if (client === undefined) return undefined;
          return client.type === 'public' ? shown(client) : { ...shown(client), client_secret: client.clientSecret };
        },
      },
      delete: { forward: true, run: (sent, { store }) => store.clients.delete(sent.name) },
    },
    {
      exists: async (sent, { store }) => (await store.clients.get(sent.name)) !== undefined,
      id: { prefix: 'oidc', suffix: 'client' },
    },
  )
  .path(
    'oidc/client',
    'The names of all clients.',
    {},
    {
      list: {
        run: async (_, { store }) => {
          const names = await store.clients.list();
          const info: JsonObject = {};
          for (const name of names) {
            const client = await store.clients.get(name);
            if (client !== undefined) info[name] = shown(client);
          }
          return reply(listing(names, info));
        },
      },
    },
    { id: { prefix: 'oidc', suffix: 'clients' } },
  );
