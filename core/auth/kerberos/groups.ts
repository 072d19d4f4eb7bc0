/** `groups`: which policies the members of the directory's groups have. Names are taken as they are. */
import { assert } from '../../assert.ts';
import { asStrings } from '../../codec/json-fields.ts';
import { isObject } from '../../codec/json.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { parsePolicies } from '../../framework/token-params.ts';
import type { KerberosContext, KerberosStorage } from './storage.ts';

export const groups = collection<readonly string[]>('group/', {
  encode: (policies) => ({ Policies: policies }),
  decode: (stored) => {
    assert(isObject(stored), 'a stored group is an object');
    return asStrings(stored['Policies']) ?? [];
  },
});

const HELP = 'Whoever logged in before keeps the policies of a group that is deleted, or changed.';

export const groupPaths = paths<undefined, KerberosStorage, KerberosContext>()
  .path(
    'groups/:name+',
    'A group of the directory, and the policies of its members.',
    {
      name: field.string('Name of the group.', { required: true }),
      policies: field.commaStrings('The policies of the group.', { always: true }),
    },
    {
      read: {
        run: async ({ name }, { store }) => {
          const policies = await store.groups.get(name);
          return policies && { policies };
        },
      },
      update: {
        id: { verb: 'write' },
        run: ({ name, policies }, { store }) => store.groups.put(name, parsePolicies(policies)),
      },
      delete: { run: ({ name }, { store }) => store.groups.delete(name) },
    },
    { help: HELP, id: { prefix: 'kerberos', suffix: 'group' } },
  )
  .path(
    'groups',
    'The names of the groups that have policies here.',
    pageFields,
    { list: { run: (page, { store }) => store.groups.list(page) } },
    { help: HELP, id: { prefix: 'kerberos', verb: 'list', suffix: 'groups' } },
  );
