import { expect, test } from 'vitest';
import { encodePem } from '../../../codec/pem.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { fakeRuntime } from '../../../framework/testing.ts';
import { NetworkError, type Greeted } from '../../../runtime.ts';
import { checkDns } from './check-dns.ts';
import { checkTls } from './check-tls.ts';

const identifier = { type: 'dns', value: 'a.test', original: 'a.test', isWildcard: false, isIpv6: false } as const;
const claim = { identifier, token: 't', thumbprint: 'p', resolver: '' };

const overTls = (greet: () => Promise<Greeted>) => {
  const streams = { dial: () => Promise.reject(new Error('not asked')), greet };
  return checkTls({ ...claim, runtime: { ...fakeRuntime(), streams } });
};

test('a server that cannot be reached, speaks something else or shows nonsense proves nothing', async () => {
  const refused = new NetworkError('refused', 'dial tcp 1.2.3.4:443: connect: connection refused');
  expect(await overTls(() => Promise.reject(refused))).toBe(
    'tls-alpn-01: failed to dial host: dial tcp 1.2.3.4:443: connect: connection refused',
  );
  expect(await overTls(() => Promise.resolve({ protocol: 'h2', certificates: [] }))).toContain(
    'negotiated unexpected ALPN protocol h2',
  );
  const nonsense = [encodeUtf8(encodePem('X', new Uint8Array(1)))];
  expect(await overTls(() => Promise.resolve({ protocol: 'acme-tls/1', certificates: nonsense }))).toContain(
    'failed to parse certificate',
  );
});

test('only the hash of the proof counts among the texts of a name', async () => {
  const withTexts = (...found: string[]) =>
    checkDns({ ...claim, runtime: { ...fakeRuntime(), names: { texts: () => Promise.resolve(found) } } });
  expect(await withTexts('t.p', 'x')).toBe('dns-01: challenge failed against 2 records');
  // SHA-256 of `t.p`.
  expect(await withTexts('x', '8QTinVliayJsw89jzDfZHWf3TQIMoQnGeXNhH8mGIec')).toBeUndefined();
});
