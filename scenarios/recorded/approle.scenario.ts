import { recorded } from '../../sim/story.ts';

recorded('approle/login');
recorded('approle/parts');
recorded('approle/roles');
recorded('approle/strict-address');
