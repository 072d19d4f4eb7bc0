import { describe, expect, test } from 'vitest';
import { Fault, coded, failure, permissionDenied, refuse } from '../fault.ts';
import type { Response } from '../framework/logical.ts';
import { ReadOnly } from '../storage/storage.ts';
import { ask, exchange, fakeNode } from './api.fixture.ts';

const ok = { data: { a: 1 } } satisfies Response;

const put = (body: string, headers: Record<string, string> = {}) => {
  const node = fakeNode();
  return ask(node, 'PUT /v1/kv/a', { body, headers }).then((answer) => ({ answer, data: node.seen[0]?.data }));
};
const refused = (what: string) =>
  `400 {"errors":["refused JSON input due to high complexity: exceeded maximum ${what}"]}`;
const strings = (count: number) => JSON.stringify({ a: Array.from({ length: count }, () => 'x') });
const numbers = (count: number) => JSON.stringify({ a: Array.from({ length: count }, () => 1) });
const answered = (response: Response | undefined, line = 'GET /v1/kv/a') =>
  ask(fakeNode({ answer: () => response }), line);
const cannot = () => {
  throw new ReadOnly();
};

describe('paths', () => {
  // Answers of a 2.7.2 server.
  test.each([
    ['GET /v1/sys', '/v1/sys/'],
    ['GET /v1/secret//x', '/v1/secret/x'],
    ['GET /v1/sys/../sys/mounts', '/v1/sys/mounts'],
    ['GET /v1/cubbyhole//a%20b%3Cx?y=<', '/v1/cubbyhole/a%20b%3Cx?y=<'],
    ['GET /v1/cubbyhole/a/..', '/v1/cubbyhole'],
    ['GET /v1//', '/v1/'],
    ['GET /v1//a#(é%20%2Fb', '/v1/a%23%28%C3%A9%20/b'],
    ['GET /?x=1', '/ui/'],
    ['GET /ui', '/ui/'],
  ])('%s leads to %s', async (line, location) => {
    const response = await exchange(fakeNode(), line);
    expect(response?.status).toBe(307);
    expect(response?.headers).toEqual([
      ['Cache-Control', 'no-store'],
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Location', location],
      ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
    ]);
    const link = location.replace('<', '&lt;');
    expect(new TextDecoder().decode(response?.body)).toBe(`<a href="${link}">Temporary Redirect</a>.\n\n`);
  });

  test.each([
    ['GET /ui/index.html', './'],
    ['POST /ui/x/index.html/?a=b', './?a=b'],
  ])('%s leads to its folder, %s', async (line, location) => {
    const response = await exchange(fakeNode(), line);
    expect(response?.status).toBe(301);
    expect(response?.headers).toContainEqual(['Location', location]);
    expect(response?.body).toHaveLength(0);
  });

  test.each([
    ['GET /v2/x', '404 {"errors":[]}'],
    ['GET /v1', '404 {"errors":[]}'],
    ['GET //v1/sys/health', '404 {"errors":[]}'],
    ['GET /v1/sys/%2e%2e/x', '400 {"errors":["relative paths not supported"]}'],
    ['GET /v1/cubbyhole/..%2fa', '400 {"errors":["relative paths not supported"]}'],
    ['GET /v1/cubbyhole/..?help=1', '400 {"errors":["relative paths not supported"]}'],
    ['HELP /v1/./cubbyhole/a', '400 {"errors":["relative paths not supported"]}'],
    ['GET /v1/cubbyhole/a%00b', '400'],
    ['GET /v1/cubbyhole/%zz', '400 400 Bad Request'],
  ])('%s is answered %s', async (line, answer) => {
    expect(await ask(fakeNode(), line)).toBe(answer);
  });

  test('escapes are undone, the query is not part of the path', async () => {
    const node = fakeNode();
    await ask(node, 'GET /v1/cubbyhole/a%2Fb%20c%C3%A9?x=1');
    expect(node.seen[0]?.path).toBe('cubbyhole/a/b cé');
  });
});

describe('methods', () => {
  test.each([
    ['GET', 'read', 'kv/a'],
    ['PUT', 'update', 'kv/a'],
    ['POST', 'update', 'kv/a'],
    ['DELETE', 'delete', 'kv/a'],
    ['HEAD', 'header', 'kv/a'],
    ['LIST', 'list', 'kv/a/'],
    ['SCAN', 'scan', 'kv/a/'],
    ['HELP', 'help', 'kv/a'],
  ])('%s is %s', async (method, operation, path) => {
    const node = fakeNode();
    await ask(node, `${method} /v1/kv/a`);
    expect(node.seen[0]).toMatchObject({ operation, path });
  });

  test('a read with list=true is a list, and list is no parameter then', async () => {
    const node = fakeNode();
    await ask(node, 'GET /v1/kv?list=true&x=1&y=1&y=2');
    expect(node.seen[0]).toMatchObject({ operation: 'list', path: 'kv/' });
    expect({ ...node.seen[0]?.data }).toEqual({ x: '1', y: ['1', '2'] });
  });

  test.each([
    ['GET /v1/kv/?list=yes', '400 {"errors":[]}'],
    ['GET /v1/kv/?list=true&scan=true', '400 {"errors":[]}'],
    ['TRACE /v1/kv/a', '405 {"errors":[]}'],
    ['get /v1/kv/a', '405 {"errors":[]}'],
    ['PATCH /v1/kv/a', '400 {"errors":["mime: no media type"]}'],
  ])('%s is refused: %s', async (line, answer) => {
    expect(await ask(fakeNode(), line)).toBe(answer);
  });

  test('a patch needs its content type', async () => {
    const node = fakeNode();
    expect(await ask(node, 'PATCH /v1/kv/a', { headers: { 'content-type': 'application/json' }, body: '{}' })).toBe(
      '415 {"errors":["PATCH requires Content-Type of application/merge-patch+json, provided application/json"]}',
    );
    await ask(node, 'PATCH /v1/kv/a', { headers: { 'content-type': 'application/merge-patch+json' }, body: '{"b":2}' });
    expect(node.seen[0]).toMatchObject({ operation: 'patch', data: { b: 2 } });
  });
});

describe('bodies', () => {
  test.each(['', ' ', 'null', '{}'])('%j is no data', async (body) => {
    expect({ ...(await put(body)).data }).toEqual({});
  });

  test.each([
    ['[1]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['{"a":1', 'unexpected EOF'],
    ['{"a":1}x', "invalid character 'x' looking for beginning of value"],
    ['{"a":1}{"a":bad}', "invalid character 'b' looking for beginning of value"],
    ['{"a":1}nul', 'unexpected EOF'],
  ])('%j cannot be read', async (body, message) => {
    expect((await put(body)).answer).toBe(
      `400 ${JSON.stringify({ errors: [`failed to decode JSON input: ${message}`] })}`,
    );
  });

  test.each(['{"a":1} {"b":2}', '{"a":1}{', '{"a":1}null'])('of %j the first value counts', async (body) => {
    expect({ ...(await put(body)).data }).toEqual({ a: 1 });
  });

  test('forms are data too, unless they look like JSON', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    expect({ ...(await put('a=1&b=2&a=3', form)).data }).toEqual({ a: '1,3', b: '2' });
    expect({ ...(await put('{"a":1}', form)).data }).toEqual({ a: 1 });
    expect((await put('a=%zz', form)).answer).toBe('400 {"errors":["error parsing form data"]}');
    expect((await put('x=1;y=2', form)).answer).toBe('400 {"errors":["error parsing form data"]}');
  });

  test('size and complexity have limits', async () => {
    expect((await put(strings(999))).answer).toBe('204');
    expect((await put(strings(1_000))).answer).toBe(refused('number of strings'));
    // 161 for {"a":[]} and 24 a number, of 100,000.
    expect((await put(numbers(4_159))).answer).toBe('204');
    expect((await put(numbers(4_160))).answer).toBe(refused('estimated memory limits'));
    expect((await put(`"${'x'.repeat(100_000)}"`)).answer).toBe('413 {"errors":["http: request body too large"]}');
  });
});

describe('headers', () => {
  test.each<[Record<string, string>, string]>([
    [{ 'x-vault-token': 't' }, 't'],
    [{ authorization: 'Bearer t' }, 't'],
    [{ authorization: 'Bearer  t' }, 't'],
    [{ authorization: 'bearer t' }, ''],
    [{ authorization: 'Bearer x', 'x-vault-token': 't' }, 't'],
    [{}, ''],
  ])('%j carries the token %j', async (headers, token) => {
    const node = fakeNode();
    await ask(node, 'GET /v1/kv/a', { headers });
    expect(node.seen[0]?.clientToken).toBe(token);
  });

  test.each([
    ['60', { ttl: 60_000_000, format: 'uuid' }],
    ['1d', { ttl: 86_400_000_000, format: 'uuid' }],
    ['0', undefined],
    ['', undefined],
  ])('a wrap TTL of %j asks for %j', async (value, wrap) => {
    const node = fakeNode();
    await ask(node, 'GET /v1/kv/a', { headers: { 'x-vault-wrap-ttl': value } });
    expect(node.seen[0]?.wrap).toEqual(wrap);
  });

  test.each([
    ['-1', 'requested wrap ttl cannot be negative'],
    ['bogus', 'time: invalid duration \\"bogus\\"'],
    ['1.5', 'time: missing unit in duration \\"1.5\\"'],
  ])('a wrap TTL of %j is refused', async (value, text) => {
    expect(await ask(fakeNode(), 'GET /v1/kv/a', { headers: { 'x-vault-wrap-ttl': value } })).toBe(
      `400 {"errors":["error parsing X-Vault-Wrap-TTL header: ${text}"]}`,
    );
  });

  test('the namespace comes back, and some paths know none', async () => {
    const headers = { 'x-vault-namespace': 'ns1' };
    const response = await exchange(fakeNode({ answer: () => ok }), 'GET /v1/kv/a', { headers });
    expect(response?.headers).toContainEqual(['X-Vault-Namespace', 'ns1']);
    const refused = '400 {"errors":["operation unavailable in namespaces"]}';
    for (const path of ['sys/health', 'sys/raw/x', 'sys/storage/raft/join', 'sys/step-down']) {
      expect(await ask(fakeNode(), `GET /v1/${path}`, { headers })).toBe(refused);
    }
    expect(await ask(fakeNode(), 'GET /v1/sys/leader', { headers })).toBe('200 {"ha_enabled":false}');
  });
});

describe('responses', () => {
  const envelope =
    '"request_id":"00000000-0000-0000-0000-000000000000","lease_id":"","renewable":false,"lease_duration":0';

  test('nothing is 404 for reads and 204 for writes', async () => {
    expect(await answered(undefined)).toBe('404 {"errors":[]}');
    expect(await answered(undefined, 'LIST /v1/kv/a')).toBe('404 {"errors":[]}');
    expect(await answered(undefined, 'PUT /v1/kv/a')).toBe('204');
    expect(await answered({ data: { keys: [] } }, 'LIST /v1/kv/a')).toBe('404 {"errors":[]}');
  });

  test('the envelope has all its fields, in order', async () => {
    expect(await answered(ok)).toBe(`200 {${envelope},"data":{"a":1},"wrap_info":null,"warnings":null,"auth":null}`);
    expect(await answered({ warnings: ['careful <x>'] })).toBe(
      `200 {${envelope},"data":null,"wrap_info":null,"warnings":["careful \\u003cx\\u003e"],"auth":null}`,
    );
  });

  test('some routes of sys/ repeat their data at the top', async () => {
    const text = `{"a":1,${envelope},"data":{"a":1},"wrap_info":null,"warnings":null,"auth":null}`;
    expect(await answered(ok, 'GET /v1/sys/mounts/kv/tune')).toBe(`200 ${text}`);
    expect(await answered(ok, 'GET /v1/sys/policies/acl')).toMatch(/^200 \{"request_id"/);
  });

  test('a wrapped answer shows only where to fetch it', async () => {
    const wrapInfo = { token: 's.x', accessor: 'y', ttl: 60_000_000, creationTime: 1_500_000, creationPath: 'kv/a' };
    expect(await answered({ data: { secret: 1 }, wrapInfo })).toBe(
      '200 {"request_id":"","lease_id":"","renewable":false,"lease_duration":0,"data":null,"wrap_info":{"token":"s.x","accessor":"y","ttl":60,"creation_time":"1970-01-01T00:00:01.5Z","creation_path":"kv/a"},"warnings":null,"auth":null}',
    );
  });

  test('help comes without envelope', async () => {
    expect(await answered({ data: { help: 'x', see_also: null } }, 'GET /v1/kv/a?help=1')).toBe(
      '200 {"help":"x","see_also":null}',
    );
  });

  test.each<[Error, string]>([
    [permissionDenied(), '403 {"errors":["permission denied"]}'],
    [
      failure('1 error occurred:\n\t* permission denied\n\n'),
      '403 {"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}',
    ],
    [
      failure('1 error occurred:\n\t* unsupported operation\n\n'),
      '405 {"errors":["1 error occurred:\\n\\t* unsupported operation\\n\\n"]}',
    ],
    [failure('unsupported path'), '404 {"errors":["unsupported path"]}'],
    [failure('boom'), '500 {"errors":["boom"]}'],
    [refuse('missing data fields'), '400 {"errors":["missing data fields"]}'],
    [coded(418, 'tea'), '418 {"errors":["tea"]}'],
    [coded(503, 'Vault is sealed'), '503 {"errors":["Vault is sealed"]}'],
    [
      new Fault('error', 'request path "x": rate limit quota exceeded'),
      '429 {"errors":["request path \\"x\\": rate limit quota exceeded"]}',
    ],
  ])('%s becomes its status', async (error, text) => {
    const node = fakeNode({
      answer: () => {
        throw error;
      },
    });
    expect(await ask(node, 'GET /v1/kv/a')).toBe(text);
  });
});

describe('standbys', () => {
  const active = { status: 200, headers: [['X', 'active']], body: new Uint8Array(0) } as const;
  const forwarding = {
    activeAddress: () => Promise.resolve('http://active:8200'),
    forward: () => Promise.resolve(active),
  };

  test('what only the active node can answer is forwarded whole', async () => {
    expect(await exchange(fakeNode({ ...forwarding, route: () => 'forward' }), 'GET /v1/kv/a')).toBe(active);
    expect(await exchange(fakeNode({ ...forwarding, answer: cannot }), 'GET /v1/kv/a')).toBe(active);
  });

  test('a question for help is not', async () => {
    expect(await ask(fakeNode({ ...forwarding, answer: cannot }), 'GET /v1/kv/a?help=1')).toBe(
      '500 {"errors":["please forward to the active node"]}',
    );
  });

  test('a client that wants no forwarding is sent there', async () => {
    const headers = { 'x-vault-no-request-forwarding': 'true' };
    const response = await exchange(fakeNode({ ...forwarding, answer: cannot }), 'PUT /v1/kv/a?x=1', { headers });
    expect(response?.status).toBe(307);
    expect(response?.headers).toContainEqual(['Location', 'http://active:8200/v1/kv/a?x=1']);
    expect(response?.body.length).toBe(0);
  });

  test('without an active node there is nobody to ask', async () => {
    expect(await ask(fakeNode({ answer: cannot }), 'GET /v1/kv/a')).toBe(
      '500 {"errors":["local node not active but active cluster node not found"]}',
    );
  });
});
