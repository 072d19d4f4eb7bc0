import { recorded } from '../../sim/story.ts';

recorded('jwt/browser', { steady: 'logins that wait for a browser' });
recorded('jwt/cel');
recorded('jwt/cel-fields');
recorded('jwt/config');
recorded('jwt/empty-values', { apart: [/unsupported protocol scheme/] });
recorded('jwt/login');
recorded('jwt/oidc');
recorded('jwt/roles');
