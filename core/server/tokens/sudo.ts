/** Whether a token has sudo on the path it is used at (not only the rights for the operation). */
import type { Request } from '../../framework/logical.ts';
import type { ServiceContext, TokenEntry } from '../services.ts';

/** `request` has been routed: its path is relative to its mount. */
export async function hasSudo(context: ServiceContext, request: Request, token: TokenEntry): Promise<boolean> {
  const { policies, identity } = context.services;
  const entity = token.entityId === '' ? undefined : await identity.entity(token.entityId);
  const derived = entity === undefined || token.noIdentityPolicies ? [] : await identity.policies(entity);
  const acl = await policies.acl({
    namespace: request.namespace,
    policies: [...token.policies, ...derived],
    ...(entity && { entity }),
    ...(token.inlinePolicy !== '' && { inlinePolicy: token.inlinePolicy }),
  });
  const path = (request.mount?.point ?? '') + request.path;
  return acl.check({ ...request, path, operation: 'read', data: {} }).sudo;
}
