import { recorded } from '../../sim/story.ts';

recorded('token/accessors');
recorded('token/batch');
recorded('token/create');
recorded('token/empty-values');
recorded('token/foreign-parent');
recorded('token/last-use');
recorded('token/limited');
recorded('token/renew-revoke', { calm: 'it revokes the token that knows whether all are voters' });
recorded('token/roles');
recorded('token/two-wrong');
