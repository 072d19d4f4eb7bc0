import { recorded } from '../../sim/story.ts';

recorded('kubernetes/auth-config');
recorded('kubernetes/auth-keys');
recorded('kubernetes/auth-login');
recorded('kubernetes/auth-reviews');
recorded('kubernetes/auth-roles');
recorded('kubernetes/auth-selectors');
recorded('kubernetes/empty-values');
recorded('kubernetes/role-changes');
recorded('kubernetes/secrets');
