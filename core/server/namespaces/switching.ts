/**
 * A few paths act on a token or lease wherever it is: a request for them goes on in the namespace that the token's or
 * lease's id names. What it may do there the ACL says all the same.
 */
import type { Request } from '../../framework/logical.ts';
import { BarrierSealed } from '../../storage/barrier/barrier.ts';
import type { Active } from '../active.ts';
import type { Entered } from './enter.ts';
import { namespaceIdOf } from './ids.ts';

const ofCaller: ReadonlySet<string> = new Set([
  'sys/wrapping/lookup',
  'sys/wrapping/rewrap',
  'sys/wrapping/unwrap',
  'auth/token/lookup-self',
  'auth/token/renew-self',
  'auth/token/revoke-self',
]);
const ofToken: ReadonlySet<string> = new Set([
  'auth/token/lookup',
  'auth/token/renew',
  'auth/token/revoke',
  'auth/token/revoke-orphan',
]);
const ofLease: ReadonlySet<string> = new Set([
  'sys/leases/lookup',
  'sys/leases/renew',
  'sys/leases/revoke',
  'sys/leases/revoke-force',
]);

/** No promise where nothing has to be looked up, as for almost every request. */
export function switched(request: Request, active: Active): Entered | Promise<Entered> {
  const { path, data } = request;
  if (!path.startsWith('auth/token/') && !path.startsWith('sys/')) return { active, request };
  if (ofCaller.has(path) || (path === 'auth/token/lookup' && data['token'] === undefined)) {
    return ofCallersToken(request, active);
  }
  const named = ofToken.has(path) ? data['token'] : ofLease.has(path) ? data['lease_id'] : undefined;
  const id = typeof named === 'string' ? namespaceIdOf(named) : '';
  return id === '' ? { active, request } : into(id, request, active);
}

/** Only a token that is known has a namespace. */
function ofCallersToken(request: Request, active: Active): Entered | Promise<Entered> {
  const id = namespaceIdOf(request.clientToken);
  if (request.clientToken === '' || (id === '' ? 'root' : id) === active.namespace.id) return { active, request };
  return whereToken(request, active);
}

async function whereToken(request: Request, active: Active): Promise<Entered> {
  try {
    const token = await active.services.tokens.stored(request.clientToken, true);
    return token === undefined ? { active, request } : into(token.namespaceId, request, active);
  } catch (error) {
    // The check of the token will say so.
    if (error instanceof BarrierSealed) return { active, request };
    throw error;
  }
}

function into(id: string, request: Request, active: Active): Entered {
  const realm = active.namespaces.realm(id);
  return realm === undefined
    ? { active, request }
    : { active: realm, request: { ...request, namespace: realm.namespace } };
}
