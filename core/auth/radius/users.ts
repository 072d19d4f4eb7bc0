/** `users`: which policies people have whom the RADIUS server lets in. */
import { assert } from '../../assert.ts';
import { asStrings } from '../../codec/json-fields.ts';
import { isObject } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { parsePolicies } from '../../framework/token-params.ts';
import type { RadiusStorage } from './config.ts';

export interface User {
  readonly policies: readonly string[];
}

export const users = collection<User>('user/', {
  encode: ({ policies }) => ({ Policies: policies }),
  decode: (stored) => {
    assert(isObject(stored), 'a stored user is an object');
    return { policies: asStrings(stored['Policies']) ?? [] };
  },
});

const HELP = `Names are looked for in lower case. Deleting a user does not revoke the tokens that it has, but they are no
longer renewed unless whoever is not filed has the same policies.`;

export const userPaths = paths<undefined, RadiusStorage>()
  .path(
    'users/:name+',
    'A user of the RADIUS server, and the policies it has here.',
    {
      name: field.string('Name of the user.', { required: true }),
      policies: field.commaStrings('The policies of the user.', {
        always: true,
        display: { description: 'A list of policies associated to the user.' },
      }),
    },
    {
      read: {
        run: async ({ name }, { store }) => {
          const user = await store.users.get(name.toLowerCase());
          return user && { policies: user.policies };
        },
      },
      write: {
        id: { verb: 'write' },
        run: async ({ name, policies: sent }, { store }) => {
          const policies = parsePolicies(sent);
          if (policies.includes('root')) throw refuse('root policy cannot be granted by an auth method');
          // Under the name as it was sent, where only lower case will be found.
          await store.users.put(name, { policies });
        },
      },
      delete: { run: ({ name }, { store }) => store.users.delete(name) },
    },
    {
      exists: async ({ name }, { store }) => (await store.users.get(name.toLowerCase())) !== undefined,
      help: HELP,
      id: { suffix: 'user' },
      display: { itemType: 'User', action: 'Create' },
    },
  )
  .path(
    'users',
    'The names of the users that have policies here.',
    pageFields,
    { list: { run: ({ after, limit }, { store }) => store.users.list({ after, limit }) } },
    { help: HELP, id: { suffix: 'users' }, display: { navigation: true, itemType: 'User' } },
  );
