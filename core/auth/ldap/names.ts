/** `users` and `groups`: which policies they have here, beside what the directory says. */
import { asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { assert } from '../../assert.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { scanNames } from '../../framework/scan.ts';
import { parsePolicies } from '../../framework/token-params.ts';
import { canonical, readConfig, type LdapStorage } from './config.ts';

export interface User {
  readonly groups: readonly string[];
  readonly policies: readonly string[];
}

export interface Group {
  readonly policies: readonly string[];
}

export const users = collection<User>('user/', {
  encode: ({ groups: own, policies }) =>
    new Map<string, JsonValue>([
      ['Groups', own],
      ['Policies', policies],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored user is an object');
    return { groups: asStrings(stored['Groups']) ?? [], policies: asStrings(stored['Policies']) ?? [] };
  },
});

export const groups = collection<Group>('group/', {
  encode: ({ policies }) => ({ Policies: policies }),
  decode: (stored) => {
    assert(isObject(stored), 'a stored group is an object');
    // Older servers filed the policies as one text.
    const policies = asStrings(stored['Policies']) ?? parsePolicies((asString(stored['Policies']) ?? '').split(','));
    return { policies };
  },
});

const HELP = `Names that the directory does not tell apart by case are filed in lower case, unless "config" says that
case matters.`;

const policiesField = (whose: string) =>
  field.commaStrings(`The policies of the ${whose}.`, {
    always: true,
    display: { description: `A list of policies associated to the ${whose}.` },
  });

const unique = (names: readonly string[]): string[] =>
  [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))].sort();

const named = paths<undefined, LdapStorage>();

export const namePaths = named
  .path(
    'groups/:name+',
    'A group of the directory, and the policies of its members.',
    { name: field.string('Name of the group.', { required: true }), policies: policiesField('group') },
    {
      read: {
        run: async ({ name }, call) => {
          const group = await call.store.groups.get(canonical(name, await readConfig(call)));
          return group && { policies: group.policies };
        },
      },
      update: {
        id: { verb: 'write' },
        run: async ({ name, policies }, call) =>
          call.store.groups.put(canonical(name, await readConfig(call)), { policies: parsePolicies(policies) }),
      },
      delete: { run: ({ name }, { store }) => store.groups.delete(name) },
    },
    { help: HELP, id: { prefix: 'ldap', suffix: 'group' }, display: { itemType: 'Group', action: 'Create' } },
  )
  .path(
    'groups',
    'The names of the groups that have policies here.',
    {},
    { list: { run: (_, { storage }) => scanNames((folder) => storage.list(`group/${folder}`)) } },
    { help: HELP, id: { prefix: 'ldap', suffix: 'groups' }, display: { navigation: true, itemType: 'Group' } },
  )
  .path(
    'users/:name+',
    'A user of the directory: policies, and groups beside those of the directory.',
    {
      name: field.string('Name of the user.', { required: true }),
      groups: field.commaStrings('More groups of the user.', {
        always: true,
        display: { description: 'A list of additional groups associated with the user.' },
      }),
      policies: field.commaStrings('The policies of the user.', {
        always: true,
        display: { description: 'A list of policies associated with the user.' },
      }),
    },
    {
      read: {
        run: async ({ name }, call) => {
          const user = await call.store.users.get(canonical(name, await readConfig(call)));
          return user && { groups: user.groups.join(','), policies: user.policies };
        },
      },
      update: {
        id: { verb: 'write' },
        run: async ({ name, groups: own, policies }, call) => {
          const config = await readConfig(call);
          await call.store.users.put(canonical(name, config), {
            groups: unique(own.map((group) => canonical(group, config))),
            policies: parsePolicies(policies),
          });
        },
      },
      delete: { run: ({ name }, { store }) => store.users.delete(name) },
    },
    { help: HELP, id: { prefix: 'ldap', suffix: 'user' }, display: { itemType: 'User', action: 'Create' } },
  )
  .path(
    'users',
    'The names of the users that have policies or groups here.',
    {},
    { list: { run: (_, { storage }) => scanNames((folder) => storage.list(`user/${folder}`)) } },
    { help: HELP, id: { prefix: 'ldap', suffix: 'users' }, display: { navigation: true, itemType: 'User' } },
  );
