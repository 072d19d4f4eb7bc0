import { emptyAuth } from '../../framework/empty-auth.ts';
import type { Auth } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';

/** What the lease of a token with a wrapped answer, or with a request that waits, keeps of it. */
export const wrappingAuth = (clientToken: string, ttl: Micros): Auth => ({
  ...emptyAuth(),
  ttl,
  policies: ['response-wrapping'],
  clientToken,
});
