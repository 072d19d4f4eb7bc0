import { recorded } from '../../sim/story.ts';

recorded('kubernetes/empty-values');
recorded('kubernetes/role-changes');
