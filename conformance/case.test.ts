import { describe, expect, test } from 'vitest';
import { CaseError, loadCases, parseCase, printCase } from './case.ts';
import { Conversation } from './conversation.ts';

const text = `# About this
POST a/b {"x":"} ]"} as $token -> id=.data.id, t=.auth.client_token
  X-Vault-Wrap-TTL: 60s
LIST a/c @1
PUT a/d as none
  body: not json
POST a/acme/new-account {"x":1} as none -> kid=Location, last=.orders.0/, cert=pem
  jws: alice $kid
POST a/ocsp as none
  bytes: MEI=
`;

describe('a case', () => {
  test('says who asks what, and what is kept of the answer', () => {
    const { about, server, steps } = parseCase(text, 'area/name');
    expect([about, server]).toEqual(['About this', 'dev']);
    expect(steps).toMatchObject([
      {
        method: 'POST',
        path: 'a/b',
        body: '{"x":"} ]"}',
        as: '$token',
        headers: [['X-Vault-Wrap-TTL', '60s']],
        captures: [
          { name: 'id', at: ['data', 'id'] },
          { name: 't', at: ['auth', 'client_token'] },
        ],
      },
      { method: 'LIST', path: 'a/c', as: 'root', node: 1 },
      { method: 'PUT', path: 'a/d', as: 'none', body: 'not json' },
      {
        jws: { key: 'alice', account: '$kid' },
        captures: [
          { name: 'kid', source: { header: 'Location' } },
          { name: 'last', at: ['orders', '0'], last: true },
          { name: 'cert', source: 'pem' },
        ],
      },
      { body: 'MEI=', bytes: true },
    ]);
  });

  test('is printed as it is read', () => {
    const { steps } = parseCase(text.replace(' @1', ''), 'area/name');
    const again = parseCase(printCase('About this', steps), 'area/name').steps;
    const placed = (list: typeof steps) => list.map((step) => ({ ...step, line: 0 }));
    expect(placed(again)).toEqual(placed(steps));
  });

  test.each([
    ['get a', 'not a request'],
    ['GET a {"x":1', 'the body does not end'],
    ['GET a -> x=data', 'a path in a response starts with a dot'],
    ['  X: y', 'a detail without a request'],
    ['server: mainframe', 'unknown kind of server'],
    ['GET a to b', 'after the body come'],
  ])('%j is a mistake with its line', (line, why) => {
    expect(() => parseCase(`\n${line}`, 'area/name')).toThrow(CaseError);
    expect(() => parseCase(`\n${line}`, 'area/name')).toThrow(`area/name:2: ${why}`);
  });

  test('each that is kept here can be read and says what it is about', () => {
    for (const { about, steps } of loadCases()) {
      expect(about).not.toBe('');
      expect(steps.length).toBeGreaterThan(0);
    }
  });
});

test("what is awaited is in the answer's body, or is its status", () => {
  const { steps } = parseCase('GET a\n  until: .status=valid\nGET b\n  until: status=200\n', 'area/until');
  const answer = { status: 200, headers: [], body: '{"status":"pending"}' };
  const told = new Conversation(steps, { addresses: ['http://a'], token: 'root', version: '2.7.2' });
  expect(told.askAgain(answer)).toBe(50);
  told.hear({ ...answer, body: '{"status":"valid"}' }, 0);
  expect(told.askAgain(answer)).toBeUndefined();
});
