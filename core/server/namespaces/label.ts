import type { Namespace } from '../../framework/logical.ts';

/** How metrics name a namespace. */
export const namespaceLabel = ({ path }: Pick<Namespace, 'path'>): string => (path === '' ? 'root' : path.slice(0, -1));
