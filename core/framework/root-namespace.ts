/** The namespace that all others are in. */
import type { Namespace } from './logical.ts';

export const rootNamespace: Namespace = { id: 'root', uuid: '00000000-0000-0000-0000-000000000000', path: '' };
