/** How many leases are revoked at once. */
import { variableOf } from '../configuration/variable.ts';
import type { ServiceContext } from '../services.ts';

const USUAL = 200;
const MOST = 10_000;

/** By the environment, unless it says something odd, which is told once for all namespaces. */
export function revocationWorkers({ runtime, namespace }: Pick<ServiceContext, 'runtime' | 'namespace'>): number {
  const value = variableOf(runtime, 'LEASE_REVOCATION_WORKERS');
  if (value === '') return USUAL;
  const count = /^[+-]?[0-9]+$/.test(value) ? Number(value) : NaN;
  if (count >= 1 && count <= MOST) return count;
  const odd = Number.isSafeInteger(count) ? 'out of range' : 'must be an integer';
  if (namespace.path === '') {
    runtime.log.write('warn', 'expiration', `vault lease revocation workers override ${odd}`, { value });
  }
  return USUAL;
}
