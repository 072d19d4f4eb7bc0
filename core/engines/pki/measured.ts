/** What a `pki` mount counts and times, under upstream's names. */
import type { PkiCall } from './call.ts';

/** `what` is 'issue', 'sign', 'sign-verbatim' or 'revoke'; `role` where one is named. */
export async function measured<T>(
  what: string,
  role: string | undefined,
  call: PkiCall,
  work: () => Promise<T>,
): Promise<T> {
  const { metrics } = call.runtime;
  if (metrics === undefined) return work();
  const { path } = call.request.namespace;
  const namespace = path === '' ? 'root' : path.slice(0, -1);
  const labels = role === undefined ? { namespace } : { namespace, role };
  const name = `vault.pki.${what}`;
  const start = metrics.now();
  metrics.count(name, 1, labels);
  try {
    return await work();
  } catch (error) {
    metrics.count(`${name}.failure`, 1, labels);
    throw error;
  } finally {
    metrics.since(name, start, labels);
  }
}
