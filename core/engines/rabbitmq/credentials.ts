/** Users with a lease: made with a role's permissions, gone when the lease is. */
import { randomBase62 } from '../../codec/base62.ts';
import { asString } from '../../codec/json-fields.ts';
import { failure, refuse } from '../../fault.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import type { RabbitCall } from './call.ts';
import { isRabbitError, noConnection, RabbitClient, type Connection } from './connection.ts';
import type { RabbitRole } from './role.ts';

export const SUBJECT = 'rabbitmq.UsernameMetadata';
const USERNAME = '{{ printf "%s-%s" (.DisplayName) (uuid) }}';
const PASSWORD_LENGTH = 36;

export async function makeUser({ name }: { readonly name: string }, call: RabbitCall): Promise<Answer> {
  const { store } = call;
  const role = await store.roles.get(name);
  if (role === undefined) throw refuse(`unknown role: ${name}`);
  const connection = (await store.config.get('connection')) ?? noConnection;
  const username = usernameFor(name, connection, call);
  const password = await passwordFor(connection, call);
  const client = clientOf(connection, call);
  await client.putUser(username, password, role.tags).catch(async (error: unknown) => {
    if (!isRabbitError(error)) throw error;
    await forget(client, username, call);
    throw failure('failed to create a new user with the generated credentials');
  });
  await grant(client, username, role).catch(async (error: unknown) => {
    if (!isRabbitError(error)) throw error;
    await forget(client, username, call);
    throw failure(error.message);
  });
  const lease = await store.lease.get('lease');
  const secret = { ...call.secret('creds', { username }), ...lease };
  return reply({ data: { username, password }, secret });
}

function usernameFor(role: string, { usernameTemplate }: Connection, call: RabbitCall): string {
  const text = usernameTemplate === '' ? USERNAME : usernameTemplate;
  const subject = { DisplayName: call.request.caller?.displayName ?? '', RoleName: role };
  try {
    return new NameTemplate(text, call.runtime, SUBJECT).generate(subject);
  } catch (error) {
    throw error instanceof NameTemplateError ? failure(`failed to generate username: ${error.message}`) : error;
  }
}

async function passwordFor({ passwordPolicy }: Connection, { system, random }: RabbitCall): Promise<string> {
  return passwordPolicy === ''
    ? randomBase62(PASSWORD_LENGTH, (length) => random.bytes(length))
    : system.generatePassword(passwordPolicy);
}

async function grant(client: RabbitClient, username: string, { vhosts, vhost_topics }: RabbitRole): Promise<void> {
  for (const [host, permission] of Object.entries(vhosts)) await client.permit(host, username, permission);
  for (const [host, exchanges] of Object.entries(vhost_topics)) {
    for (const [exchange, permission] of Object.entries(exchanges)) {
      await client.permitTopic(host, username, exchange, permission);
    }
  }
}

/** Nobody will hold a lease on this user: as far as the broker can be reached, it is not to stay. */
async function forget(client: RabbitClient, username: string, { runtime }: RabbitCall): Promise<void> {
  try {
    await client.deleteUser(username);
  } catch (error) {
    if (!isRabbitError(error)) throw error;
    runtime.log.write('error', 'secrets.rabbitmq', `deleting ${username} in an unknown state failed: ${error.message}`);
  }
}

export function clientOf(connection: Connection, { runtime }: RabbitCall): RabbitClient {
  try {
    return new RabbitClient(runtime, connection);
  } catch (error) {
    throw isRabbitError(error) ? failure(`failed to create client: ${error.message}`) : error;
  }
}

export async function renewUser(call: RabbitCall): Promise<Answer> {
  const lease = (await call.store.lease.get('lease')) ?? { ttl: 0, maxTtl: 0 };
  return reply({ secret: { ...call.request.secret!, ...lease } });
}

export async function revokeUser(call: RabbitCall): Promise<Answer> {
  const username = asString(call.request.secret?.internal['username']);
  if (username === undefined) throw failure('secret is missing username internal data');
  const client = clientOf((await call.store.config.get('connection')) ?? noConnection, call);
  await client.deleteUser(username).catch((error: unknown) => {
    throw isRabbitError(error) ? failure(`could not delete user: ${error.message}`) : error;
  });
}
