/** Requests that the server itself makes to a backend: renewals and revocations. */
import type { Operation, Request } from '../../framework/logical.ts';
import type { ServiceContext } from '../services.ts';

export const internalRequest = (
  context: ServiceContext,
  operation: Operation,
  path: string,
  parts: Partial<Pick<Request, 'secret' | 'auth' | 'data' | 'clientCertificates'>>,
): Request => ({
  id: context.system.uuid(),
  operation,
  path,
  data: {},
  namespace: context.namespace,
  clientToken: '',
  headers: new Map(),
  remote: { address: '', port: 0 },
  unauthenticated: false,
  standby: !context.active,
  ...parts,
});
