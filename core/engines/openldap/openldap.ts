/** The `ldap` secrets engine: accounts of a directory. Gone from 2.7; here it is 2.6.2's. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { Mutex } from '../../mutex.ts';
import { Scope } from '../../scope.ts';
import { every } from '../../ticker.ts';
import { storage, type OpenLdapState } from './call.ts';
import { configPaths } from './config-path.ts';
import { CHECK_OUT, checkOuts, libraryPaths } from './library-paths.ts';
import { CREDENTIALS, credentials, rolePaths } from './role-paths.ts';
import { RotationQueue } from './rotation-queue.ts';
import { staticRolePaths } from './static-role-paths.ts';
import { fillQueue, rotateDue, TICK } from './static-rotation.ts';

export const openldap = engine<OpenLdapState, typeof storage>({
  type: 'ldap',
  idPrefix: 'ldap',
  about: `Accounts of a directory: those that exist get a new password from time to time, others are made for a lease and
taken away with it, and sets of them are lent one at a time.`,
  storage,
  state: () => ({
    passwords: new Mutex(),
    rotating: undefined,
    roles: new KeyLocks(),
    sets: new KeyLocks(),
    queue: new RotationQueue(),
    managed: undefined,
    managing: new Mutex(),
    life: new Scope(),
  }),
  secrets: { [CREDENTIALS]: credentials, [CHECK_OUT]: checkOuts },
  initialize: async (running) => {
    const { system, runtime } = running.context;
    if (!system.active) return;
    await fillQueue(running);
    every(
      runtime.clock,
      TICK,
      running.state.life,
      () => rotateDue(running),
      (error) => {
        const text = error instanceof Error ? error.message : String(error);
        runtime.log.write('error', '', 'rotation of static roles failed', { error: text });
      },
    );
  },
  stop: ({ state }) => state.life.cancel(),
})
  .include(configPaths)
  .include(staticRolePaths)
  .include(rolePaths)
  .include(libraryPaths);

export const createOpenLdap = (context: BackendContext): Backend => createBackend(openldap, context);
