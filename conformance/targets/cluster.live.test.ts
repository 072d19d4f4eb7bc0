/** Each target can be a cluster of three: the same case, asked of its leader and its standbys, is answered the same. */
import { expect, test } from 'vitest';
import type { Exchange } from '../canonical.ts';
import { parseCase } from '../case.ts';
import { compareExchanges } from '../differ.ts';
import { playFresh } from '../play.ts';
import { differenceText } from '../report/table.ts';
import { openTarget } from './target.ts';

const played = parseCase(
  `server: cluster
GET sys/leader as none @0
GET sys/leader as none @1
GET sys/health as none @1
GET sys/health?standbyok=true as none @2
POST sys/mounts/kv {"type":"kv","options":{"version":"1"}} @1
PUT kv/a {"x":1} @2
GET kv/a @0
LIST kv @1
  until: status=200
PUT kv/a {"x":2} @0
DELETE kv/a @1
GET kv/a @0
POST sys/policies/acl/p {"policy":"path \\"kv/*\\" { capabilities = [\\"read\\"] }"} @2
POST auth/token/create {"policies":["p"]} @1 -> t=.auth.client_token
PUT kv/a {"x":1} as $t @2
GET sys/storage/raft/autopilot/state as none @0
GET nothing/at/all @1
`,
  'cluster/targets',
);

let expected: Exchange[];

test('the real program', async () => {
  expected = await playFresh(await openTarget('program:2.7.2'), played);
  expect(expected.map(({ status }) => status)).toContain(429);
});

// Mostly they wait for an election.
test.concurrent.each(['program:2.7.2', 'ours', 'ours:program'])('%s', async (spec) => {
  const found = compareExchanges(expected, await playFresh(await openTarget(spec), played));
  expect(found.map(differenceText)).toEqual([]);
});
