/** Which namespace a request is in: the X-Vault-Namespace header, then the beginning of the path. */
import { coded } from '../../fault.ts';
import type { Namespace, Request } from '../../framework/logical.ts';
import { rootNamespace } from './root.ts';

/** 404 "namespace not found" for anything but root. */
export function resolveNamespace(request: Request): Namespace {
  const header = request.headers.get('x-vault-namespace')?.[0];
  if (header === undefined || header === '') return rootNamespace;
  const path = header.replace(/^\/+|\/+$/g, '');
  if (path === '' || path === 'root') return rootNamespace;
  throw coded(404, 'namespace not found');
}
