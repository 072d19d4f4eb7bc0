/** The `ldap` auth method: users and groups of a directory. Gone from 2.7; here it is 2.6.2's. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { configPath, storage, type LdapStorage } from './config.ts';
import { loginPath, renew } from './login.ts';
import { groups, namePaths, users } from './names.ts';

export const ldap = engine<undefined, LdapStorage>({
  type: 'ldap',
  class: 'auth',
  idPrefix: 'ldap',
  about: `Users log in with the name and the password that a directory knows. Which policies they get is filed under the
names of groups ("groups/") and of users ("users/").`,
  storage: { ...storage, users, groups },
  renewAuth: renew,
})
  .include(configPath)
  .include(namePaths)
  .include(loginPath);

export const createLdapAuth = (context: BackendContext): Backend => createBackend(ldap, context);
