import { recorded } from '../../sim/story.ts';

recorded('cubbyhole/cubbyhole');
