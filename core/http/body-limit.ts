/** How long a body may be. Upstream reads it before all else, and looks at nothing of a request that has more. */
import { errors } from './reply.ts';
import type { Reply } from './reply.ts';

/** Snapshots are as long as they are, and not JSON. */
export const isSnapshot = ({ url }: { readonly url: string }): boolean =>
  /^\/v1\/sys\/storage\/raft\/snapshot(-force)?(\?|$)/.test(url);

/** In bytes. `configured` is the listener's; 0: as long as it likes. */
export const bodyLimit = (request: { readonly url: string }, configured: number): number =>
  configured <= 0 || isSnapshot(request) ? Number.POSITIVE_INFINITY : configured;

export const bodyTooLarge: Reply = {
  ...errors(413, 'http: request body too large'),
  bare: true,
  headers: [
    ['Connection', 'close'],
    ['Content-Type', 'application/json'],
  ],
};
