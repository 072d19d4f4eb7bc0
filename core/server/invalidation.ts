/** What a standby forgets when the active node has changed a key, by the key's prefix (facts §3.6). */
import { auditTableKeys } from './audit/table.ts';
import type { Running } from './post-unseal.ts';

const headersKey = 'sys/audited-headers-config/';

/** Rejects where the read set-up has to start again: the set of audit devices has changed. */
export async function invalidateKeys(keys: readonly string[], running: Running): Promise<void> {
  for (const key of keys) await invalidateKey(key, running);
}

async function invalidateKey(key: string, running: Running): Promise<void> {
  const { services, mounts } = running;
  if (key.startsWith('sys/policy/')) return services.policies.invalidate(key.slice('sys/policy/'.length));
  if (key.startsWith('sys/token/')) return services.tokens.invalidate(key.slice('sys/token/'.length));
  if (key.startsWith('sys/login-mfa/')) return services.identity.invalidateMfa(key);
  if (key === 'sys/config/cors') return running.cors.load();
  if (key.startsWith(headersKey)) return running.audit.headers.load();
  if ((auditTableKeys as readonly string[]).includes(key)) throw new Error('the audit table has changed');
  if (await running.quotas.invalidate(key)) return;
  if (await mounts.invalidate(key)) return;
  const route = mounts.router.byStorageKey(key);
  if (route === undefined) return;
  const inner = key.slice(route.prefix.length);
  if (route.entry.type === 'identity') services.identity.invalidate(inner);
  else route.backend.invalidate?.(inner);
}
