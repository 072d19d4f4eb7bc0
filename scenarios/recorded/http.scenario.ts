import { recorded } from '../../sim/story.ts';

recorded('http/envelope', { apart: [/^GET \/robots.txt: header Accept-Ranges/] });
recorded('http/nearly-right', { calm: 'requests that quotas have counted' });
recorded('http/odd-values');
recorded('http/options-namespaces');
recorded('http/other-bases');
recorded('http/routes');
recorded('http/sent-empty');
