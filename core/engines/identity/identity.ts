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

export const identity = engine<undefined, object, IdentityContext>({
  type: 'identity',
  about: 'Keeps track of people and machines across auth methods: entities, their aliases, and groups of them.',
})
  .include(entityPaths)
  .include(mergePaths)
  .include(aliasPaths)
  .include(groupAliasPaths)
  .include(groupPaths)
  .include(lookupPaths);

export const createIdentityBackend = (context: IdentityContext): Backend => createBackend(identity, context);
