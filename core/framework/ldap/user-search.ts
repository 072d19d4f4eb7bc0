/** Who a user is in the directory: the DN to bind as, the DN of the entry, the groups, the name for the alias. */
import { GoTemplate, GoTemplateError } from '../../codec/go-template/template.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { escapeDnValue, parseDn } from '../../codec/ldap/dn.ts';
import { escapeFilter, parseFilter } from '../../codec/ldap/filter.ts';
import type { DereferenceAliases, Entry } from '../../codec/ldap/message.ts';
import { LdapError } from '../../codec/ldap/result-code.ts';
import { failure, Fault } from '../../fault.ts';
import { DEFAULT_USER_FILTER, type Directory } from './config.ts';
import type { LdapConnection } from './connection.ts';

/** All that a server gives. */
const NO_LIMIT = 2 ** 31 - 1;

/** A text in front of what a directory said. */
export const wrapped = (text: string, error: unknown): Fault => {
  if (error instanceof LdapError || error instanceof Fault) return failure(`${text}${error.message}`);
  throw error;
};

function render(text: string, data: Record<string, string>, struct: string): string {
  try {
    return new GoTemplate(text, {}, 'queryTemplate').run(data, struct);
  } catch (error) {
    throw error instanceof GoTemplateError
      ? failure(`LDAP search failed due to template parsing error: ${error.message}`)
      : error;
  }
}

const aliasesOf = ({ dereference_aliases: aliases }: Directory): DereferenceAliases =>
  aliases === 'finding' || aliases === 'searching' || aliases === 'always' ? aliases : 'never';

/** Whether users are searched for, instead of their DN being made of their name. */
const searches = ({ discoverdn, binddn, bindpass }: Directory): boolean =>
  discoverdn || (binddn !== '' && bindpass !== '');

function userFilter(directory: Directory, username: string): string {
  const { upndomain } = directory;
  const escaped = escapeFilter(username);
  const data =
    upndomain === ''
      ? { UserAttr: escapeFilter(directory.userattr), Username: escaped }
      : { UserAttr: 'userPrincipalName', Username: `${escaped}@${upndomain}` };
  return render(directory.userfilter || DEFAULT_USER_FILTER, data, 'struct { UserAttr string; Username string }');
}

async function findUser(directory: Directory, connection: LdapConnection, username: string): Promise<Entry[]> {
  try {
    await connection.bind(directory.binddn, directory.bindpass);
  } catch (error) {
    throw wrapped('LDAP bind (service) failed: ', error);
  }
  return connection.search({
    base: directory.userdn,
    scope: 'subtree',
    aliases: aliasesOf(directory),
    // More than one is refused, so that more need not come.
    sizeLimit: 2,
    filter: parseFilter(userFilter(directory, username)),
    attributes: [directory.userattr],
  });
}

const madeName = ({ upndomain, userattr, userdn }: Directory, username: string): string =>
  upndomain === '' ? `${userattr}=${escapeDnValue(username)},${userdn}` : `${escapeDnValue(username)}@${upndomain}`;

export async function bindDn(directory: Directory, connection: LdapConnection, username: string): Promise<string> {
  if (!searches(directory)) return madeName(directory, username);
  const [first, ...others] = await findUser(directory, connection, username).catch((error: unknown) => {
    throw wrapped('LDAP search for binddn failed ', error);
  });
  if (first === undefined || others.length > 0) throw failure('LDAP search for binddn 0 or not unique');
  return first.dn;
}

/** The DN of the user's own entry: with a domain, who binds as name@domain has to be searched for. */
export async function userDn(
  directory: Directory,
  connection: LdapConnection,
  bound: string,
  username: string,
): Promise<string> {
  if (directory.upndomain === '') return bound;
  try {
    const found = await connection.search({
      base: directory.userdn,
      scope: 'subtree',
      aliases: aliasesOf(directory),
      sizeLimit: NO_LIMIT,
      filter: parseFilter(`(userPrincipalName=${escapeDnValue(username)}@${directory.upndomain})`),
      attributes: [],
    });
    return found.at(-1)?.dn ?? '';
  } catch (error) {
    throw wrapped('LDAP search failed for detecting user: ', error);
  }
}

export async function aliasName(directory: Directory, connection: LdapConnection, username: string): Promise<string> {
  if (!searches(directory)) return madeName(directory, username);
  const start = 'LDAP search for entity alias attribute';
  let found: Entry[];
  try {
    found = await findUser(directory, connection, username);
  } catch (error) {
    throw wrapped(`${start} failed: `, error);
  }
  const [entry] = found;
  if (entry === undefined || found.length > 1) throw failure(`${start} 0 or not unique`);
  const [attribute] = entry.attributes;
  if (attribute === undefined || entry.attributes.length > 1) {
    throw failure('LDAP attribute missing for entity alias mapping');
  }
  if (attribute.values.length !== 1) {
    const name = directory.userattr;
    throw failure(`LDAP entity alias attribute ${name} empty or not unique for entity alias mapping`);
  }
  return decodeUtf8(attribute.values[0]!);
}

/** The names of the user's groups, each once, in the order in which the directory gave them. */
export async function groupsOf(
  directory: Directory,
  connection: LdapConnection,
  dn: string,
  username: string,
): Promise<string[]> {
  const names = new Set<string>();
  for (const entry of await groupEntries(directory, connection, dn, username)) {
    if ((parseDn(entry.dn) ?? []).length === 0) continue;
    const values = entry.attributes
      .filter(({ type }) => type === directory.groupattr)
      .flatMap((attribute) => attribute.values);
    // Where the attribute says nothing, the entry is the group itself.
    for (const value of values.length === 0 ? [entry.dn] : values.map(decodeUtf8)) {
      names.add(commonName(directory, value));
    }
  }
  return [...names];
}

async function groupEntries(
  directory: Directory,
  connection: LdapConnection,
  dn: string,
  username: string,
): Promise<Entry[]> {
  const { groupdn, groupfilter, max_page_size: size } = directory;
  if (directory.use_token_groups) return tokenGroups(directory, connection, dn);
  if (groupdn === '' || groupfilter === '') return [];
  const data = { UserDN: escapeFilter(dn), Username: escapeFilter(username) };
  const text = render(groupfilter, data, 'struct { UserDN string; Username string }');
  try {
    const request = {
      base: groupdn,
      scope: 'subtree',
      aliases: aliasesOf(directory),
      sizeLimit: NO_LIMIT,
      filter: parseFilter(text),
      attributes: [directory.groupattr],
    } as const;
    return await (size > 0 ? connection.searchInPages(request, size) : connection.search(request));
  } catch (error) {
    throw wrapped('LDAP search failed: ', error);
  }
}

/** The entries of the groups whose identifiers Active Directory computes for the user, nested ones too. */
async function tokenGroups(directory: Directory, connection: LdapConnection, dn: string): Promise<Entry[]> {
  const at = (base: string, attribute: string): Promise<Entry[]> =>
    connection.search({
      base,
      scope: 'base',
      aliases: aliasesOf(directory),
      sizeLimit: 1,
      filter: parseFilter('(objectClass=*)'),
      attributes: [attribute],
    });
  let user: Entry | undefined;
  try {
    [user] = await at(dn, 'tokenGroups');
  } catch (error) {
    throw wrapped('LDAP search failed: ', error);
  }
  const found: Entry[] = [];
  for (const sid of user?.attributes.find(({ type }) => type === 'tokenGroups')?.values ?? []) {
    const text = sidText(sid);
    if (text === undefined) continue;
    try {
      found.push(...(await at(`<SID=${text}>`, '1.1')));
    } catch (error) {
      // A group that cannot be read is none.
      if (!(error instanceof LdapError)) throw error;
    }
  }
  return found;
}

/** `S-1-5-21-…` (MS-DTYP, section 2.4.2.2); undefined for what is too short. */
export function sidText(bytes: Uint8Array): string | undefined {
  const count = bytes[1];
  if (count === undefined || bytes.length < 8 + count * 4) return undefined;
  const authority = bytes.subarray(2, 8).reduce((value, byte) => value * 256 + byte, 0);
  const parts = Array.from({ length: count }, (_, i) =>
    [3, 2, 1, 0].reduce((value, octet) => value * 256 + bytes[8 + i * 4 + octet]!, 0),
  );
  return ['S', bytes[0], authority, ...parts].join('-');
}

/** The CN in a DN; what has none is a name already. */
function commonName({ use_pre111_group_cn_behavior: old }: Directory, text: string): string {
  const found = parseDn(text)?.find(({ type }) => (old ? type === 'CN' : type.toLowerCase() === 'cn'));
  return found?.value ?? text;
}
