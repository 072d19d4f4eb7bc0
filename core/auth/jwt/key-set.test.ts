import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import type { Web } from '../../runtime.ts';
import { RemoteKeys } from './key-set.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.e30.AA';

async function refusal(type: string): Promise<string> {
  const headers = new Map([['content-type', [type]]]);
  const web = { request: () => Promise.resolve({ status: 200, headers, body: encodeUtf8('x') }) } as unknown as Web;
  const keys = new RemoteKeys(portableCrypto(), { web, tls: {} }, 'http://127.0.0.1/keys');
  return keys.verify(TOKEN).then(
    () => 'taken',
    (error: Error) => error.message,
  );
}

// As 2.7.2 says it of a set that is no JSON.
test.each([
  ['application/json', 'got Content-Type = application/json, but could not unmarshal as JSON'],
  ['APPLICATION/JSON; charset=utf-8', 'got Content-Type = application/json, but could not unmarshal as JSON'],
  ['', 'expected Content-Type = application/json, got ""'],
  ['application/json, text/html', 'expected Content-Type = application/json, got "application/json, text/html"'],
  ['application/json; a=b; a=c', 'expected Content-Type = application/json, got "application/json; a=b; a=c"'],
])('keys sent as %j', async (type, told) => {
  expect(await refusal(type)).toBe(
    `fetching keys oidc: failed to decode keys: ${told}: invalid character 'x' looking for beginning of value x`,
  );
});
