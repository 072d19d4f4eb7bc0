import { recorded } from '../../sim/story.ts';

recorded('http/envelope', { apart: [/^GET \/robots.txt: header Accept-Ranges/] });
recorded('http/nearly-right', { calm: 'requests that quotas have counted' });
recorded('http/odd-values');
recorded('http/options-namespaces');
recorded('http/other-bases');
// A standby does not wait for an index when it is asked for help, and may not know the token yet.
recorded('http/routes', { apart: [/^HELP nothing as \$t: (?:status is 500|\.errors\[0\] is please forward)/] });
recorded('http/sent-empty');
