/** Users with a lease: made with a role's permissions, gone when the lease is. */
import { randomBase62 } from '../../codec/base62.ts';
import { asString } from '../../codec/json-fields.ts';
import { failure, refuse } from '../../fault.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { deleteWal, putWal, rollBack } from '../../framework/wal.ts';
import { MINUTE, type Micros } from '../../runtime.ts';
import type { RabbitCall, RabbitRunning } from './call.ts';
import { isRabbitError, noConnection, RabbitClient, type Connection } from './connection.ts';
import type { RabbitRole } from './role.ts';

export const SUBJECT = 'rabbitmq.UsernameMetadata';
const USERNAME = '{{ printf "%s-%s" (.DisplayName) (uuid) }}';
const PASSWORD_LENGTH = 36;
/** What is written down before a user is made. */
const USER = 'user';
const UNDO_AFTER: Micros = 10 * MINUTE;

export async function makeUser({ name }: { readonly name: string }, call: RabbitCall): Promise<Answer> {
  const { store } = call;
  const role = await store.roles.get(name);
  if (role === undefined) throw refuse(`unknown role: ${name}`);
  const connection = (await store.config.get('connection')) ?? noConnection;
  const username = usernameFor(name, connection, call);
  const password = await passwordFor(connection, call);
  const client = clientOf(connection, call);
  // Before the user is there, so that it does not stay when this node ends in between; a standby cannot, and forwards.
  const wal = await putWal(call.runtime, call.storage, USER, { Username: username });
  try {
    await create(client, username, password, role);
  } catch (error) {
    if (await forget(client, username, call)) await deleteWal(call.storage, wal);
    throw error;
  }
  const lease = await store.lease.get('lease');
  const secret = { ...call.secret('creds', { username }), ...lease };
  await deleteWal(call.storage, wal);
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

/** With what the role says. */
async function create(client: RabbitClient, username: string, password: string, role: RabbitRole): Promise<void> {
  await client.putUser(username, password, role.tags).catch((error: unknown) => {
    throw isRabbitError(error) ? failure('failed to create a new user with the generated credentials') : error;
  });
  try {
    for (const [host, permission] of Object.entries(role.vhosts)) await client.permit(host, username, permission);
    for (const [host, exchanges] of Object.entries(role.vhost_topics)) {
      for (const [exchange, permission] of Object.entries(exchanges)) {
        await client.permitTopic(host, username, exchange, permission);
      }
    }
  } catch (error) {
    throw isRabbitError(error) ? failure(error.message) : error;
  }
}

/** Nobody will hold a lease on this user. False when the broker could not be told. */
async function forget(client: RabbitClient, username: string, { runtime }: RabbitCall): Promise<boolean> {
  try {
    await client.deleteUser(username);
    return true;
  } catch (error) {
    if (!isRabbitError(error)) throw error;
    runtime.log.write('error', '', `deleting ${username} in an unknown state failed: ${error.message}`);
    return false;
  }
}

/** Users that were begun and that nobody got a lease on. */
export const undo = ({ context, storage, store }: RabbitRunning): Promise<void> =>
  rollBack(context.runtime, storage, UNDO_AFTER, async (_, data) => {
    const connection = (await store.config.get('connection')) ?? noConnection;
    await clientOf(connection, context).deleteUser(asString(data['Username']) ?? '');
  });

export function clientOf(connection: Connection, { runtime }: Pick<RabbitCall, 'runtime'>): RabbitClient {
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
