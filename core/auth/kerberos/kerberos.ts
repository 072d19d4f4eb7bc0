/** The `kerberos` auth method: tickets of a realm, and groups of a directory. Gone from 2.7; here it is 2.6.2's. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { SKEW } from './accept.ts';
import { configPath, configs } from './config.ts';
import { directories, directoryPath } from './directory-config.ts';
import { groupPaths, groups } from './groups.ts';
import { loginPath } from './login.ts';
import { Replays } from './replays.ts';
import type { KerberosContext, KerberosStorage } from './storage.ts';

export const kerberos = engine<undefined, KerberosStorage, KerberosContext>({
  type: 'kerberos',
  class: 'auth',
  idPrefix: 'kerberos',
  about: `Users log in with a ticket that a Kerberos realm gave them for this service. Which policies they get is filed under the
names of their groups in a directory ("groups/").`,
  storage: { configs, directories, groups },
})
  .include(configPath)
  .include(directoryPath)
  .include(loginPath)
  .include(groupPaths);

/** For the mounts of one process, which know together what was shown to any of them. */
export function kerberosAuth(): (context: BackendContext) => Backend {
  const replays = new Replays(SKEW);
  return (context) => createBackend(kerberos, { ...context, replays });
}
