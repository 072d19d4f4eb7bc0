/** What a standby forgets when the active node has changed a key, by the key's prefix (facts §3.6). */
import { auditTableKeys } from './audit/table.ts';
import { kindOf } from './mounts/defaults.ts';
import { namespaceFolder } from './namespaces/entry.ts';
import type { Running } from './post-unseal.ts';

const headersKey = 'sys/audited-headers-config/';

/** Rejects where the read set-up has to start again: the set of audit devices has changed. */
export async function invalidateKeys(keys: readonly string[], running: Running): Promise<void> {
  for (const key of keys) {
    // Most keys are a secret's: what nobody reads anything for is forgotten without a promise.
    const loading = invalidateKey(key, running);
    if (loading !== undefined) await loading;
  }
}

function invalidateKey(whole: string, running: Running): Promise<void> | void {
  const { realm, key } = running.namespaces.ofKey(whole);
  if (realm === undefined) return;
  const loading = key === whole ? invalidateShared(key, running) : undefined;
  if (loading !== undefined) return loading;
  const { services, mounts } = realm;
  if (key.startsWith(namespaceFolder)) return running.namespaces.invalidate(realm, key);
  if (key.startsWith('sys/policy/')) {
    services.policies.tellLock();
    return services.policies.invalidate(key.slice('sys/policy/'.length));
  }
  if (key.startsWith('sys/token/')) return services.tokens.invalidate(key.slice('sys/token/'.length));
  if (key.startsWith('sys/login-mfa/')) return services.identity.invalidateMfa(key);
  const row = mounts.invalidate(key);
  if (row !== undefined) return row;
  const route = mounts.router.byStorageKey(key);
  if (route === undefined) return;
  const inner = key.slice(route.prefix.length);
  if (kindOf(route.entry.type) === 'identity') services.identity.invalidate(inner);
  else route.backend.invalidate?.(inner);
}

/** What belongs to the node, not to a namespace; undefined when the key does not. */
function invalidateShared(key: string, { cors, audit, quotas }: Running): Promise<void> | undefined {
  if ((auditTableKeys as readonly string[]).includes(key)) throw new Error('the audit table has changed');
  if (key === 'sys/config/cors') return cors.load();
  if (key.startsWith(headersKey)) return audit.headers.load();
  return quotas.invalidate(key);
}
