import type { Auth } from './logical.ts';

/** What a login answers before anything is known of it: made anew each time, since the request path fills it in. */
export const emptyAuth = (): Auth => ({
  internal: {},
  displayName: '',
  policies: [],
  metadata: {},
  tokenType: 'default',
  ttl: 0,
  maxTtl: 0,
  renewable: false,
});
