/** Tokens, accessors and leases of a namespace other than root end in '.' and the namespace's id. */
import type { Namespace } from '../../framework/logical.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';

/** What tokens begin with. */
const prefixes: ReadonlySet<string> = new Set(['s.', 'b.', 'hvs.', 'hvb.']);

/** The id of the namespace that an id names; '' where it names none. */
export function namespaceIdOf(id: string): string {
  const last = id.slice(id.lastIndexOf('/') + 1);
  const dot = last.lastIndexOf('.');
  return dot < 0 || prefixes.has(last.slice(0, dot + 1)) ? '' : last.slice(dot + 1);
}

/** `id` as the namespace hands it out. */
export const inNamespace = (id: string, namespace: Namespace): string =>
  namespace.id === rootNamespace.id ? id : `${id}.${namespace.id}`;

/** `id` without its namespace. */
export function bareId(id: string): string {
  const namespace = namespaceIdOf(id);
  return namespace === '' ? id : id.slice(0, -namespace.length - 1);
}
