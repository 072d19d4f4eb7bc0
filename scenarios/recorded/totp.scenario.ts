import { recorded } from '../../sim/story.ts';

recorded('totp/totp', { calm: 'codes that were used' });
recorded('totp/two-wrong');
