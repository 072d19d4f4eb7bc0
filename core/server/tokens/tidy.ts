/** `auth/token/tidy`: takes away what crashes left behind of tokens. */
import { bareId, namespaceIdOf } from '../namespaces/ids.ts';
import type { ServiceContext } from '../services.ts';
import type { TokenStore } from './store.ts';

/** What is counted, in the order in which it is told. */
const TOLD = {
  parents: 'entries scanned in parent prefix',
  parentsGone: 'entries deleted in parent prefix',
  children: 'tokens scanned in parent index list',
  childrenGone: 'tokens revoked in parent index list',
  accessors: 'accessors scanned',
  accessorsEmpty: 'deleted accessors which had empty tokens',
  invalid: 'revoked tokens which were invalid but present in accessors',
  accessorsGone: 'deleted accessors which had invalid tokens',
  cubbyholes: 'deleted cubbyhole keys that were invalid',
} as const;

export async function tidyTokens(context: ServiceContext, store: TokenStore): Promise<void> {
  const { log } = context.runtime;
  const counts: Record<keyof typeof TOLD, number> = {
    parents: 0,
    parentsGone: 0,
    children: 0,
    childrenGone: 0,
    accessors: 0,
    accessorsEmpty: 0,
    invalid: 0,
    accessorsGone: 0,
    cubbyholes: 0,
  };
  log.write('info', 'token', 'beginning tidy operation on tokens');
  for (const folder of await store.parentNames()) {
    counts.parents++;
    const parent = folder.replace(/\/$/, '');
    const gone = (await store.byName(parent, true)) === undefined;
    for (const child of await store.children(parent)) {
      counts.children++;
      if (context.scope.cancelled) return;
      // Those in other namespaces are looked after there.
      if (namespaceIdOf(child) !== '' && namespaceIdOf(child) !== context.namespace.id) continue;
      const exists = (await store.byName(bareId(child), true)) !== undefined;
      // A child that outlived its parent is an orphan.
      if (exists && gone) await store.orphan(bareId(child));
      if (exists && !gone) continue;
      await store.unlinkChild(parent, child);
      counts.childrenGone++;
    }
  }
  for (const name of await store.accessorNames()) {
    if (context.scope.cancelled) return;
    counts.accessors++;
    const entry = await store.accessorByName(name);
    const token = entry === undefined ? undefined : await store.find(entry.tokenId, true);
    if (token === undefined) {
      await store.removeAccessor(name);
      counts.accessorsGone++;
    } else if (token.accessor === '') {
      await context.services.leases.revokeToken(token);
      counts.invalid++;
    }
  }
  for (const [what, told] of Object.entries(TOLD)) {
    log.write('info', 'token', `number of ${told}`, { count: counts[what as keyof typeof TOLD] });
  }
  log.write('info', 'token', 'finished tidy operation on tokens');
}
