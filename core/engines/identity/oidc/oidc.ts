/** identity/oidc: identity tokens, and the OpenID Connect provider. */
import type { PathSet } from '../../../framework/engine.ts';
import type { IdentityContext } from '../directory.ts';
import type { IdentityRunning } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import type { identityStore, IdentityState } from '../state.ts';
import { ALLOW_ALL, assignmentPaths } from './assignment-paths.ts';
import { authorizePaths } from './authorize.ts';
import { clientPaths } from './client-paths.ts';
import { exchangePaths } from './exchange.ts';
import { introspectPaths } from './introspect.ts';
import { issuerPaths } from './issuer.ts';
import { keyPaths } from './key-paths.ts';
import { DEFAULT_KEY, unusedDefaultKey } from './keys.ts';
import { DEFAULT_PROVIDER, providerPaths } from './provider-paths.ts';
import { rolePaths } from './role-paths.ts';
import { scopePaths } from './scope-paths.ts';
import { userInfoPaths } from './userinfo.ts';

export const oidcPaths: PathSet<IdentityState, typeof identityStore, IdentityContext> = identityPaths()
  .include(issuerPaths)
  .include(keyPaths)
  .include(rolePaths)
  .include(introspectPaths)
  .include(assignmentPaths)
  .include(scopePaths)
  .include(clientPaths)
  .include(providerPaths)
  .include(authorizePaths)
  .include(exchangePaths)
  .include(userInfoPaths);

/** What is there from the beginning: a key, a provider for everybody, an assignment of everybody. */
export async function makeDefaults({ store, context }: IdentityRunning): Promise<void> {
  const wrote = (what: string): void => context.runtime.log.write('debug', 'core', `wrote OIDC ${what}`);
  if ((await store.providers.get(DEFAULT_PROVIDER)) === undefined) {
    await store.providers.put(DEFAULT_PROVIDER, { issuer: '', allowedClientIds: ['*'], scopesSupported: [] });
    wrote('default provider');
  }
  if ((await store.namedKeys.get(DEFAULT_KEY)) === undefined) {
    await store.namedKeys.put(DEFAULT_KEY, unusedDefaultKey(context.runtime.clock.wall()));
    wrote('default key');
  }
  if ((await store.assignments.get(ALLOW_ALL)) === undefined) {
    await store.assignments.put(ALLOW_ALL, { groupIds: ['*'], entityIds: ['*'] });
    wrote('allow_all assignment');
  }
}
