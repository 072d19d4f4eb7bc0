import { recorded } from '../../sim/story.ts';

recorded('cert/certs');
