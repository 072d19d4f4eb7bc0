import { recorded } from '../../sim/story.ts';

recorded('transit/crypt');
recorded('transit/export');
recorded('transit/external');
recorded('transit/external-keys');
recorded('transit/import');
recorded('transit/keys');
recorded('transit/no-version');
recorded('transit/sign');
