import { recorded } from '../../sim/story.ts';

recorded('oidc/all', { steady: 'logins that wait for a browser' });
