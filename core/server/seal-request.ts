/** Who may seal or step down: a token with sudo on the path. It burns a use; the request alone is audited. */
import { failure, refuse } from '../fault.ts';
import type { Request } from '../framework/logical.ts';
import type { Active } from './active.ts';
import { bareAuth, Trail } from './audit/trail.ts';
import { checkToken } from './auth-check.ts';
import { opened } from './tokens/as-sent.ts';

export async function authorise(sent: Request, active: Active): Promise<void> {
  // Sealing concerns this node alone, so even a standby decides for itself about tokens it does not know.
  await active.runtime.cpu.spend('request.read');
  const open = opened(sent, active);
  const request = open instanceof Promise ? await open : open;
  const checked = await checkToken(request, { ...active.check, standby: false });
  const { token, denied } = checked;
  if (token === undefined) throw refuse('permission denied', 403);
  const trail = new Trail(active.audit, request, active.mounts.router);
  trail.mount = 'unknown';
  trail.setUncounted(token);
  trail.auth = {
    ...bareAuth(request.tokenAsSent ?? token.id, token.accessor),
    displayName: token.displayName,
    policies: checked.auth?.policies ?? token.policies,
    tokenPolicies: token.policies,
    identityPolicies: checked.auth?.identityPolicies ?? [],
    metadata: token.meta,
    entityId: token.entityId,
    tokenType: token.type,
  };
  if (trail.enabled && !(await trail.request())) throw failure('failed to audit request, cannot continue');
  if (token.numUses !== 0) {
    const used = await active.services.tokens.use(token);
    if (used === undefined) throw refuse('permission denied', 403);
    if (used.numUses === -1) await active.services.tokens.revokeSpent(used);
  }
  if (denied) throw refuse(denied.message, 403);
}
