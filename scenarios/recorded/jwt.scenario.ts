import { recorded } from '../../sim/story.ts';

recorded('jwt/cel');
recorded('jwt/config');
recorded('jwt/empty-values', { apart: [/unsupported protocol scheme/] });
recorded('jwt/login');
recorded('jwt/oidc');
recorded('jwt/roles');
