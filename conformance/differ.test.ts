/** Wrong answers planted into a correct server are found, each; what may differ is not. */
import { describe, expect, test } from 'vitest';
import type { Exchange } from './canonical.ts';
import { parseCase } from './case.ts';
import type { Difference } from './differ.ts';
import { compareExchanges } from './differ.ts';
import { play } from './play.ts';
import type { Change } from './proxy.fixture.ts';
import { changed, edit } from './proxy.fixture.ts';
import { oursInProcess } from './targets/ours.ts';

const played = parseCase(
  `# enough of everything
POST sys/mounts/kv {"type":"kv"}
POST auth/token/create {"policies":["default","nope"],"ttl":"1h"} -> t=.auth.client_token, a=.auth.accessor
GET auth/token/lookup-self as $t
POST auth/token/lookup-accessor {"accessor":"$a"}
PUT kv/a {"x":1.50}
GET kv/a
LIST kv
GET kv/none
GET kv/a as nobody
DELETE kv/a
GET sys/mounts
LIST auth/token/accessors
`,
  'test/planted',
);

const steps = played.steps.map((step) =>
  step.method === 'LIST' ? { ...step, method: 'GET', path: `${step.path}?list=true` } : step,
);

async function planted(change: Change): Promise<Difference[]> {
  const wrong = await changed('wrong', change).start('dev');
  const right = await oursInProcess().start('dev');
  try {
    return compareExchanges(await play('right', right, steps), await play('wrong', wrong, steps));
  } finally {
    await wrong.stop();
    await right.stop();
  }
}

test('two servers that are the same do not differ', async () => {
  expect(await planted((_, answer) => answer)).toEqual([]);
});

test('whether a second has passed before a renewal is no difference', async () => {
  const cut = (from: string, to: string): string =>
    `"warnings":["TTL of \\"${from}\\" exceeded the effective max_ttl of \\"${to}\\"; TTL value is capped accordingly"]`;
  expect(await planted(edit('/v1/kv/a', '"warnings":null', cut('768h', '768h')))).toEqual([]);
  expect(await planted(edit('/v1/kv/a', '"warnings":null', cut('769h', '768h')))).not.toEqual([]);
});

test('which of several wrong fields a Go map has told is no difference', () => {
  const told = (field: string, url: string, end = ''): Exchange[] => {
    const warning = `issuance may fail: error validating templated ${field}; invalid URI: ${url}\n\nConsider${end}`;
    return [{ request: 'POST pki/config/urls', status: 200, headers: [], body: { warnings: [warning] } }];
  };
  expect(compareExchanges(told('ocsp_servers', 'a'), told('issuing_certificates', 'b'))).toEqual([]);
  expect(compareExchanges(told('ocsp_servers', 'a'), told('ocsp_servers', 'b'))).toHaveLength(1);
  expect(compareExchanges(told('ocsp_servers', 'a'), told('issuing_certificates', 'b', '!'))).toHaveLength(1);
});

test('what is left of a lifetime may differ by the time that the case has taken, and five seconds', () => {
  const at = (ttl: number, played?: number): Exchange[] => [
    { request: 'GET lease', status: 200, headers: [], body: { ttl }, ...(played === undefined ? {} : { played }) },
  ];
  expect(compareExchanges(at(100), at(88, 8))).toEqual([]);
  expect(compareExchanges(at(88, 8), at(100, 1))).toEqual([]);
  expect(compareExchanges(at(100), at(88, 6))).toMatchObject([{ kind: 'value', at: '.ttl' }]);
  const after = (seconds: number): Exchange[] => [
    { request: 'GET limited', status: 429, headers: [`Retry-After: ${seconds}`], body: {} },
  ];
  expect(compareExchanges(after(58), after(55))).toEqual([]);
  expect(compareExchanges(after(58), after(50))).toMatchObject([{ kind: 'header', at: 'header Retry-After' }]);
});

describe('a planted wrong answer is found', () => {
  test.each<[string, Change, Partial<Difference>[]]>([
    [
      'a wrong status',
      ({ path }, answer) => (path === '/v1/kv/none' ? { ...answer, status: 403 } : answer),
      [{ kind: 'status', expected: '404', actual: '403' }],
    ],
    ['a missing null', edit('/v1/kv/a', ',"wrap_info":null', ''), [{ kind: 'missing', at: '.wrap_info' }]],
    [
      'a changed error text',
      (_request, answer) => ({ ...answer, body: answer.body.replace('permission denied', 'Permission denied') }),
      [{ kind: 'text', at: '.errors[0]' }],
    ],
    [
      'a wrong warning',
      edit('/v1/auth/token/create', 'Policy \\"nope\\" does not exist', 'Policy does not exist'),
      [{ kind: 'text', at: '.warnings[0]' }],
    ],
    [
      'a warning too many',
      edit('/v1/kv?list', '"warnings":null', '"warnings":["no"]'),
      [{ kind: 'type', at: '.warnings' }],
    ],
    [
      'an accessor that changes',
      edit('/v1/auth/token/lookup-self', /"accessor":"[^"]+"/, '"accessor":"AbCdEfGhIjKlMnOpQrStUvWx"'),
      [{ kind: 'id', at: '.data.accessor' }],
    ],
    [
      'a request id that is used twice',
      (_, answer) => ({
        ...answer,
        body: answer.body.replace(/"request_id":"[^"]+"/, '"request_id":"00000000-1111-2222-3333-444444444444"'),
      }),
      [{ kind: 'text', at: '.request_id' }],
    ],
    ['a number in another form', edit('/v1/kv/a', '1.50', '1.5'), [{ kind: 'type', at: '.data.x' }]],
    [
      'a lifetime that is wrong',
      edit('/v1/auth/token/lookup-self', '"creation_ttl":3600', '"creation_ttl":3500'),
      [{ kind: 'value', at: '.data.creation_ttl' }],
    ],
    [
      'another order of fields',
      edit('/v1/kv/none', '{"errors":[]}', '{"errors":[],"x":1}'),
      [{ kind: 'extra', at: '.x' }],
    ],
    [
      'a header that is gone',
      ({ path }, answer) =>
        path === '/v1/kv/none'
          ? { ...answer, headers: answer.headers.filter(([name]) => name !== 'Cache-Control') }
          : answer,
      [{ kind: 'header', at: 'header Cache-Control' }],
    ],
    [
      'a body where there is none',
      ({ method, path }, answer) =>
        method === 'DELETE' && path === '/v1/kv/a' ? { ...answer, status: 200, body: '{}\n' } : answer,
      [{ kind: 'status' }, { kind: 'extra', at: 'body' }],
    ],
    ['a final newline that is missing', edit('/v1/kv/none', '\n', ''), [{ kind: 'text', at: 'end of body' }]],
  ])('%s', async (_, change, expected) => {
    const found = await planted(change);
    expect(found.length).toBeGreaterThan(0);
    for (const part of expected) expect(found).toContainEqual(expect.objectContaining(part));
  });
});
