/** Whether a token has sudo on the path it is used at (not only the rights for the operation). */
import type { Request } from '../../framework/logical.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import { rightsOf } from '../policy/rights.ts';
import type { ServiceContext, TokenEntry } from '../services.ts';

/** `request` has been routed: its path is relative to its mount. */
export async function hasSudo(context: ServiceContext, request: Request, token: TokenEntry): Promise<boolean> {
  // A generated root token of a namespace may do everything there, but does not count as having sudo.
  if (token.namespaceId !== rootNamespace.id && token.policies.includes('root')) return false;
  const { acl } = await rightsOf(context, token);
  const path = (request.mount?.point ?? '') + request.path;
  return acl.check({ ...request, path, operation: 'read', data: {} }).sudo;
}
