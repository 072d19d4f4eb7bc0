import { recorded } from '../../sim/story.ts';

recorded('ssh/issuers');
recorded('ssh/otp');
recorded('ssh/roles');
recorded('ssh/sign');
recorded('ssh/templates');
