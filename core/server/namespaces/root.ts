/** The root namespace, the only one so far; every request and stored row names its namespace already. */
import type { Namespace } from '../../framework/logical.ts';

export const rootNamespace: Namespace = { id: 'root', uuid: '00000000-0000-0000-0000-000000000000', path: '' };
