import { recorded } from '../../sim/story.ts';

recorded('identity/aliases');
recorded('identity/empty-values');
recorded('identity/entities');
recorded('identity/groups');
recorded('identity/lookup-merge');
recorded('identity/mfa', { calm: 'logins that wait for a second factor' });
recorded('identity/mfa-namespaces');
recorded('identity/oidc-provider', { calm: 'codes that wait to be exchanged' });
recorded('identity/oidc-tokens');
recorded('identity/redirects');
recorded('identity/refusals');
