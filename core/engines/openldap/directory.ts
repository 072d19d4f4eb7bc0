/** What the engine does in the directory, always as the configured root. */
import { concatBytes } from '../../codec/bytes.ts';
import { escapeDnValue } from '../../codec/ldap/dn.ts';
import { parseFilter } from '../../codec/ldap/filter.ts';
import type { LdifRecord } from '../../codec/ldap/ldif.ts';
import type { Change } from '../../codec/ldap/message.ts';
import { LdapError } from '../../codec/ldap/result-code.ts';
import { multierror } from '../../codec/multierror.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { randomBase62 } from '../../codec/base62.ts';
import { failure, Fault } from '../../fault.ts';
import type { LdapConnection } from '../../framework/ldap/connection.ts';
import { dialDirectory } from '../../framework/ldap/dial.ts';
import { MINUTE } from '../../runtime.ts';
import type { Here } from './call.ts';
import type { Config } from './config.ts';
import { adoptRootPassword, pendingRootPasswords } from './root-password.ts';

export const SCHEMAS = ['openldap', 'racf', 'ad'];
const LAST_PASSWORD_HOLDS = 10 * MINUTE;
const NO_LIMIT = 2 ** 31 - 1;
const PASSWORD_LENGTH = 64;

/** Attributes by which users may be found. */
const USER_ATTRIBUTES: ReadonlySet<string> = new Set(
  'cn displayName distinguishedName dc dn name objectCategory objectClass objectGUID objectSid ou passwordLastSet racfid racfPassword racfAttributes sAMAccountName unicodePwd uid userPassword userPrincipalName'.split(
    ' ',
  ),
);

const DEFAULT_ATTRIBUTES: Readonly<Record<string, string>> = {
  openldap: 'cn',
  racf: 'racfid',
  ad: 'userPrincipalName',
};
export const defaultUserAttribute = (schema: string): string => DEFAULT_ATTRIBUTES[schema] ?? '';

/** The configuration, or the bare error that upstream gives where there is none. */
export async function configured({ store }: Here, otherwise = 'the config is currently unset'): Promise<Config> {
  const config = await store.config.get('config');
  if (config === undefined) throw failure(otherwise);
  return config;
}

export async function makePassword(config: Config, { context }: Here): Promise<string> {
  const { passwordPolicy, passwordLength } = config;
  if (passwordPolicy === '') {
    const { random } = context.runtime;
    return randomBase62(Math.max(passwordLength, 0) || PASSWORD_LENGTH, (length) => random.bytes(length));
  }
  try {
    return await context.system.generatePassword(passwordPolicy);
  } catch (error) {
    throw error instanceof Fault ? failure(`unable to generate password: ${error.message}`) : error;
  }
}

/** None of the passwords was good, so that nothing was done. */
export class NotBound extends Fault {
  constructor(message: string) {
    super('error', message);
  }
}

async function withRoot<T>(config: Config, here: Here, body: (connection: LdapConnection) => Promise<T>): Promise<T> {
  const connection = await dialDirectory(config.directory, here.context.runtime);
  try {
    await bindRoot(connection, config, here);
    return await body(connection);
  } finally {
    connection.close();
  }
}

/**
 * With the password that is configured, with the one before it while that may still be in force, and with one that an
 * interrupted rotation may have set: that one is then kept.
 */
async function bindRoot(connection: LdapConnection, config: Config, here: Here): Promise<void> {
  const { binddn, bindpass, upndomain } = config.directory;
  if (bindpass === '') throw failure('unable to bind due to lack of configured password');
  const user = upndomain === '' ? binddn : `${escapeDnValue(binddn)}@${upndomain}`;
  if (user === '') throw failure('must provide binddn or upndomain');
  const faults: string[] = [];
  const tried = async (password: string): Promise<boolean> => {
    try {
      await connection.bind(user, password);
      return true;
    } catch (error) {
      faults.push((error as Error).message);
      return false;
    }
  };
  if (await tried(bindpass)) return;
  const { lastBindPassword, lastBindPasswordRotation: rotated } = config;
  const now = here.context.runtime.clock.wall();
  const prior = lastBindPassword !== '' && rotated !== undefined && rotated + LAST_PASSWORD_HOLDS > now;
  if (prior && (await tried(lastBindPassword))) return;
  const known = faults.length;
  for (const note of await pendingRootPasswords(here)) {
    if (await tried(note.password)) return adoptRootPassword(config, note, here);
  }
  const which = prior ? 'current and prior password' : 'current password';
  throw new NotBound(`failed to bind with ${which}: ${multierror(...faults.slice(0, known))}`);
}

/** The account by its DN. */
export function setPasswordOf(dn: string, password: string, config: Config, here: Here): Promise<void> {
  const { directory, schema } = config;
  const attribute = userAttribute(config);
  const changes = passwordChanges(schema, password);
  if (attribute !== 'userPrincipalName') return update(config, here, dn, 'base', '(objectClass=*)', changes);
  const name = `${escapeDnValue(dn)}@${directory.upndomain}`;
  return update(config, here, directory.userdn, 'subtree', `(&(objectClass=*)(userPrincipalName=${name}))`, changes);
}

/** The account by its name, below the entry that users are under. */
export function setPasswordOfUser(username: string, password: string, config: Config, here: Here): Promise<void> {
  const filter = `(${userAttribute(config)}=${username})`;
  return update(config, here, config.directory.userdn, 'subtree', filter, passwordChanges(config.schema, password));
}

function userAttribute({ directory, schema }: Config): string {
  const attribute = directory.userattr || defaultUserAttribute(schema);
  if (!USER_ATTRIBUTES.has(attribute)) throw failure(`unsupported userattr "${attribute}"`);
  return attribute;
}

function passwordChanges(schema: string, password: string): Change[] {
  const replace = (type: string, ...values: Uint8Array[]): Change => ({ kind: 'replace', type, values });
  switch (schema) {
    case 'openldap':
      return [replace('userPassword', encodeUtf8(password))];
    case 'racf':
      return [replace('racfPassword', encodeUtf8(password)), replace('racfAttributes', encodeUtf8('noexpired'))];
    case 'ad':
      return [replace('unicodePwd', utf16(`"${password}"`))];
    default:
      throw failure(`error updating password: configured schema ${schema} not valid`);
  }
}

/** Little endian. */
export const utf16 = (text: string): Uint8Array =>
  concatBytes(
    ...[...Array(text.length).keys()].map((i) => Uint8Array.of(text.charCodeAt(i) & 0xff, text.charCodeAt(i) >> 8)),
  );

/** Changes the one entry that the filter finds. */
function update(
  config: Config,
  here: Here,
  base: string,
  scope: 'base' | 'subtree',
  filter: string,
  changes: readonly Change[],
): Promise<void> {
  return withRoot(config, here, async (connection) => {
    const found = await connection.search({
      base,
      scope,
      aliases: 'never',
      sizeLimit: NO_LIMIT,
      filter: parseFilter(filter),
      attributes: [],
    });
    const [entry] = found;
    if (entry === undefined || found.length > 1) {
      throw failure(`expected one matching entry, but received ${found.length}`);
    }
    await connection.change({ kind: 'modify', dn: entry.dn, changes });
  });
}

const ASKED = { add: 'AddRequest', modify: 'ModifyRequest', delete: 'DelRequest' } as const;

/** One after the other; either the first that fails ends it, or all are tried and what failed is told together. */
export async function carryOut(
  records: readonly LdifRecord[],
  onError: 'stop' | 'go on',
  config: Config,
  here: Here,
): Promise<void> {
  if (records.length === 0) return;
  await withRoot(config, here, async (connection) => {
    const faults: string[] = [];
    for (const { controls, ...record } of records) {
      try {
        await connection.change(record, controls);
      } catch (error) {
        if (!(error instanceof LdapError) && !(error instanceof Fault)) throw error;
        const text = `failed to run ${ASKED[record.kind]}: ${error.message}`;
        if (onError === 'stop') throw failure(text);
        faults.push(text);
      }
    }
    if (faults.length > 0) throw failure(multierror(...faults));
  });
}
