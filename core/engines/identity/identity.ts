/** The identity engine: who people and machines are, whichever way they log in. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend } from '../../framework/logical.ts';
import { aliasPaths } from './alias.ts';
import type { IdentityContext } from './directory.ts';
import { entityPaths } from './entity.ts';
import { groupAliasPaths } from './group-alias.ts';
import { groupPaths } from './group.ts';
import { lookupPaths } from './lookup.ts';
import { mergePaths } from './merge.ts';
import { enforcementPaths } from './mfa/enforcement-paths.ts';
import { methodPaths } from './mfa/method-paths.ts';
import { secretPaths } from './mfa/secret-paths.ts';
import { placeOf, tendKeys } from './oidc/keys.ts';
import { makeDefaults, oidcPaths } from './oidc/oidc.ts';
import type { IdentityState } from './state.ts';
import { identityStore, newState } from './state.ts';

export const identity = engine<IdentityState, typeof identityStore, IdentityContext>({
  type: 'identity',
  about: 'Keeps track of people and machines across auth methods: entities, their aliases, and groups of them.',
  storage: identityStore,
  state: newState,
  initialize: async (running) => {
    if (running.context.system.active) await makeDefaults(running);
  },
  periodic: (running) => running.state.oidc.run(() => tendKeys(placeOf(running))),
})
  .include(entityPaths)
  .include(mergePaths)
  .include(aliasPaths)
  .include(groupAliasPaths)
  .include(groupPaths)
  .include(lookupPaths)
  .include(oidcPaths)
  .include(secretPaths)
  .include(methodPaths)
  .include(enforcementPaths);

export const createIdentityBackend = (context: IdentityContext): Backend => createBackend(identity, context);
