/** `creds/<name>`: a user of its own for who asks, as long as the lease lasts. */
import { quote } from '../../codec/go-quote.ts';
import { asString, asStrings } from '../../codec/json-fields.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { SECOND, type Micros } from '../../runtime.ts';
import { configFor, databasePaths, NAME, newPassword, pluginOf, type DatabaseCall } from './call.ts';
import { ReadOnly } from '../../storage/storage.ts';
import type { Role } from './role.ts';

export const CREDS_SECRET = 'creds';

/** How much longer than its lease a user lasts: so that it never ends before. */
const SLACK = 5 * SECOND;

function lifetime(call: DatabaseCall, role: Role, increment: Micros, issued: Micros): Micros {
  const { system } = call;
  const max = role.maxTtl > 0 ? Math.min(role.maxTtl, system.maxLeaseTtl()) : system.maxLeaseTtl();
  const wanted = increment || role.defaultTtl || system.defaultLeaseTtl();
  return Math.min(wanted, issued + max - call.now());
}

async function make({ name }: { readonly name: string }, call: DatabaseCall): Promise<Answer> {
  const { running, request } = call;
  const role = await call.store.roles.get(name);
  if (role === undefined) throw refuse(`unknown role: ${name}`);
  const config = await configFor(running, role.dbName, name);
  if (role.credentialType !== 'password') {
    throw refuse(`unsupported credential_type: ${quote(role.credentialType)}`);
  }
  // A user made here could get no lease.
  if (request.standby) throw new ReadOnly();
  const plugin = await pluginOf(running, role.dbName);
  const now = call.now();
  const password = await newPassword(
    running,
    asString(role.credentialConfig?.['password_policy']) ?? config.passwordPolicy,
  );
  const username = await plugin.newUser({
    name: { displayName: request.caller?.displayName ?? '', roleName: name },
    statements: role.statements.creation,
    rollback: role.statements.rollback,
    password,
    expires: now + lifetime(call, role, 0, now) + SLACK,
  });
  const internal = {
    username,
    role: name,
    db_name: role.dbName,
    revocation_statements: [...role.statements.revocation],
  };
  const secret = { ...call.secret(CREDS_SECRET, internal), ttl: role.defaultTtl, maxTtl: role.maxTtl };
  return reply({ data: { username, password }, secret });
}

export async function renew(call: DatabaseCall): Promise<Answer> {
  const { running, request, store } = call;
  const { internal, increment = 0, issueTime = call.now() } = request.secret!;
  const username = asString(internal['username']);
  if (username === undefined) throw failure('secret is missing username internal data');
  const name = asString(internal['role']) ?? '';
  const role = await store.roles.get(name);
  if (role === undefined) throw failure(`error during renew: could not find role with name ${quote(name)}`);
  const plugin = await pluginOf(running, role.dbName);
  const ttl = lifetime(call, role, increment, issueTime);
  if (ttl > 0) {
    const expires = { at: call.now() + ttl + SLACK, statements: role.statements.renewal };
    await plugin.updateUser({ username, expires });
  }
  return reply({ secret: { ...request.secret!, ttl: role.defaultTtl, maxTtl: role.maxTtl } });
}

/** By the role as it is now, or as it was when the user was made. */
export async function revoke(call: DatabaseCall): Promise<Answer> {
  const { running, request, store } = call;
  const { internal } = request.secret!;
  const username = asString(internal['username']);
  if (username === undefined) throw failure('secret is missing username internal data');
  const name = asString(internal['role']) ?? '';
  const role = await store.roles.get(name);
  const missing = (what: string) =>
    failure(`error during revoke: could not find role with name ${quote(name)} or embedded revocation ${what}`);
  const connection = role?.dbName ?? asString(internal['db_name']);
  if (connection === undefined) throw missing('db name data');
  const statements = role?.statements.revocation ?? asStrings(internal['revocation_statements']);
  if (statements === undefined) throw missing('statement data');
  const plugin = await pluginOf(running, connection);
  await plugin.deleteUser(username, statements);
  return undefined;
}

export const credsPaths = databasePaths().path(
  `creds/:name${NAME}`,
  'Credentials of a role.',
  { name: field.string('Name of the role.', { always: true }) },
  { read: { about: 'Make them; they end with their lease.', run: make } },
  { id: { prefix: 'database', verb: 'generate', suffix: 'credentials' } },
);
