/** Who may seal or step down: a token with sudo on the path, which burns a use and is audited like any request. */
import { failure, refuse } from '../fault.ts';
import type { Request } from '../framework/logical.ts';
import type { Active } from './active.ts';
import { Trail } from './audit/trail.ts';
import { checkToken, clientIdOf } from './auth-check.ts';

export async function authorise(request: Request, active: Active): Promise<void> {
  const trail = new Trail(active.audit, request, active.mounts.router);
  const checked = await checkToken(request, active.check);
  trail.auth = checked.auth;
  if (checked.token) trail.setClient(clientIdOf(checked.token, active.runtime.crypto), checked.token.accessor);
  if (trail.enabled && !(await trail.request(checked.denied?.message))) {
    throw failure('failed to audit request, cannot continue');
  }
  if (checked.token !== undefined && checked.token.numUses !== 0) {
    const used = await active.services.tokens.use(checked.token);
    if (used === undefined) throw refuse('permission denied', 403);
    if (used.numUses === -1) await active.services.tokens.revokeSpent(used);
  }
  if (checked.denied) throw refuse(checked.denied.message, 403);
}
