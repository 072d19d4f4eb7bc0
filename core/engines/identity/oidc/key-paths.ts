/** identity/oidc/key: keys that sign tokens, by name. */
import { quote } from '../../../codec/go-quote.ts';
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { Micros } from '../../../runtime.ts';
import { HOUR, MINUTE, wholeSeconds } from '../../../runtime.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { DEFAULT_KEY, rotateKey, withNewKeys, SIGNING_ALGORITHMS } from './keys.ts';
import type { NamedKey } from './key-store.ts';

const name = field.string('Name of the key.', { required: true });

/** Names of roles and of clients that use the key. */
async function usersOf(key: string, { store }: IdentityCall) {
  const roles: { readonly name: string; readonly ttl: Micros }[] = [];
  for (const one of await store.roles.list()) {
    const role = await store.roles.get(one);
    if (role?.key === key) roles.push({ name: one, ttl: role.ttl });
  }
  const clients: { readonly name: string; readonly ttl: Micros }[] = [];
  for (const one of await store.clients.list()) {
    const client = await store.clients.get(one);
    if (client?.key === key) clients.push({ name: one, ttl: client.idTokenTtl });
  }
  return { roles, clients };
}

async function checkUsers(key: string, verificationTtl: Micros, call: IdentityCall): Promise<void> {
  const { roles, clients } = await usersOf(key, call);
  const refusal = (users: string): Error =>
    refuse(
      `unable to update key ${quote(key)} because it is currently referenced by one or more ${users} greater than ${wholeSeconds(verificationTtl)} seconds`,
    );
  if (roles.some(({ ttl }) => ttl > verificationTtl)) throw refusal('roles with a token ttl');
  if (clients.some(({ ttl }) => ttl > verificationTtl)) throw refusal('clients with an id_token_ttl');
}

interface Sent {
  readonly name: string;
  readonly rotation_period: Micros | undefined;
  readonly verification_ttl: Micros | undefined;
  readonly algorithm: string | undefined;
  readonly allowed_client_ids: readonly string[] | undefined;
}

async function write(sent: Sent, call: IdentityCall): Promise<void> {
  const old = await call.store.namedKeys.get(sent.name);
  const algorithm = sent.algorithm ?? old?.algorithm ?? 'RS256';
  const rotationPeriod = sent.rotation_period ?? old?.rotationPeriod ?? 24 * HOUR;
  const verificationTtl = sent.verification_ttl ?? old?.verificationTtl ?? 24 * HOUR;
  if (rotationPeriod < MINUTE) throw refuse('rotation_period must be at least one minute');
  if (verificationTtl > 10 * rotationPeriod) {
    throw refuse('verification_ttl cannot be longer than 10x rotation_period');
  }
  if (old !== undefined) await checkUsers(sent.name, verificationTtl, call);
  if (!SIGNING_ALGORITHMS.includes(algorithm)) throw refuse(`unknown signing algorithm ${quote(algorithm)}`);
  const soonest = call.now() + rotationPeriod;
  const key: NamedKey = {
    algorithm,
    rotationPeriod,
    verificationTtl,
    ring: old?.ring ?? [],
    signing: old?.signing,
    next: old?.next,
    nextRotation: old === undefined ? soonest : Math.min(soonest, old.nextRotation),
    allowedClientIds: sent.allowed_client_ids ?? old?.allowedClientIds ?? [],
  };
  const made = algorithm === old?.algorithm ? key : await withNewKeys(key, call);
  await call.store.namedKeys.put(sent.name, made);
  call.state.nextRun = 0;
}

async function remove(key: string, call: IdentityCall): Promise<void> {
  if (key === DEFAULT_KEY) throw refuse(`deletion of key ${quote(key)} not allowed`);
  const { roles, clients } = await usersOf(key, call);
  const refusal = (users: string, names: readonly { readonly name: string }[]): Error =>
    refuse(
      `unable to delete key ${quote(key)} because it is currently referenced by these ${users}: ${names.map((one) => one.name).join(', ')}`,
    );
  if (roles.length > 0) throw refusal('roles', roles);
  if (clients.length > 0) throw refusal('clients', clients);
  await call.store.namedKeys.delete(key);
  call.state.nextRun = 0;
}

export const keyPaths = identityPaths()
  .path(
    'oidc/key/:name',
    'A key that signs tokens.',
    {
      name,
      rotation_period: field.duration('How often a new key signs; 24 hours unless given.', { documented: '24h' }),
      verification_ttl: field.duration('How long a key verifies after it has signed last; 24 hours unless given.', {
        documented: '24h',
      }),
      algorithm: field.string('Signing algorithm; RS256 unless given.', { documented: 'RS256' }),
      allowed_client_ids: field.commaStrings('Clients that may use the key; "*" is all.'),
    },
    {
      write: { forward: true, run: (sent, call) => call.state.oidc.run(() => write(sent, call)) },
      read: {
        run: async (sent, { store }) => {
          const key = await store.namedKeys.get(sent.name);
          return (
            key && {
              rotation_period: wholeSeconds(key.rotationPeriod),
              verification_ttl: wholeSeconds(key.verificationTtl),
              algorithm: key.algorithm,
              allowed_client_ids: key.allowedClientIds,
            }
          );
        },
      },
      delete: { forward: true, run: (sent, call) => call.state.oidc.run(() => remove(sent.name, call)) },
    },
    {
      exists: async (sent, { store }) => (await store.namedKeys.get(sent.name)) !== undefined,
      id: { prefix: 'oidc', suffix: 'key' },
    },
  )
  .path(
    'oidc/key/:name/rotate/?',
    'Rotates a key now.',
    {
      name,
      verification_ttl: field.duration("How long the old key still verifies; the key's own time unless given."),
    },
    {
      update: {
        forward: true,
        run: (sent, call) =>
          call.state.oidc.run(async () => {
            const key = await call.store.namedKeys.get(sent.name);
            if (key === undefined) throw refuse(`no named key found at ${quote(sent.name)}`);
            await rotateKey(sent.name, key, sent.verification_ttl ?? key.verificationTtl, call);
          }),
      },
    },
    { id: { prefix: 'oidc', verb: 'rotate', suffix: 'key' } },
  )
  .path(
    'oidc/key',
    'The names of all keys.',
    {},
    { list: { run: (_, { store }) => store.namedKeys.list() } },
    { id: { prefix: 'oidc', suffix: 'keys' } },
  );
