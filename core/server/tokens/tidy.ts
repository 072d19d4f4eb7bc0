/** `auth/token/tidy`: takes away what crashes left behind of tokens. */
import { bareId, namespaceIdOf } from '../namespaces/ids.ts';
import type { ServiceContext } from '../services.ts';
import type { TokenStore } from './store.ts';

export async function tidyTokens(context: ServiceContext, store: TokenStore): Promise<void> {
  const { log } = context.runtime;
  log.write('info', 'token', 'beginning tidy operation on tokens');
  for (const folder of await store.parentNames()) {
    const parent = folder.replace(/\/$/, '');
    const gone = (await store.byName(parent, true)) === undefined;
    for (const child of await store.children(parent)) {
      if (context.scope.cancelled) return;
      // Those in other namespaces are looked after there.
      if (namespaceIdOf(child) !== '' && namespaceIdOf(child) !== context.namespace.id) continue;
      const exists = (await store.byName(bareId(child), true)) !== undefined;
      // A child that outlived its parent is an orphan.
      if (exists && gone) await store.orphan(bareId(child));
      if (!exists || gone) await store.unlinkChild(parent, child);
    }
  }
  for (const name of await store.accessorNames()) {
    if (context.scope.cancelled) return;
    const entry = await store.accessorByName(name);
    const token = entry === undefined ? undefined : await store.find(entry.tokenId, true);
    if (token === undefined) await store.removeAccessor(name);
    else if (token.accessor === '') await context.services.leases.revokeToken(token);
  }
  log.write('info', 'token', 'finished tidy operation on tokens');
}
