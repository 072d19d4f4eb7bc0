import { recorded } from '../../sim/story.ts';

recorded('kv/metadata');
recorded('kv/upgrade');
recorded('kv/v1');
recorded('kv/versions');
