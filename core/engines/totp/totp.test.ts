import { expect, test } from 'vitest';
import { FakeClock, fakeRuntime, TestMount } from '../../framework/testing.ts';
import { SECOND } from '../../runtime.ts';
import { createTotp } from './totp.ts';

const mounted = (): TestMount => new TestMount(createTotp, { mount: { type: 'totp' } });
const codeOf = async (mount: TestMount, name: string): Promise<string> =>
  (await mount.read(`code/${name}`)).data!['code'] as string;
const used = ['code already used; wait until the next time period'];

test.each([
  [59, 'SHA1', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', '94287082'],
  [1111111109, 'SHA256', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA', '68084774'],
  [20000000000, 'SHA512', `${'GEZDGNBVGY3TQOJQ'.repeat(6)}GEZDGNA`, '47863826'],
])('gives the code of RFC 6238 at %i under %s', async (seconds, algorithm, key, code) => {
  const runtime = fakeRuntime(new FakeClock(seconds * SECOND));
  const mount = new TestMount(createTotp, { runtime });
  await mount.write('keys/k', { key, algorithm, digits: 8 });
  expect(await codeOf(mount, 'k')).toBe(code);
});

test('accepts a code once, also when it is of the period before, and forgets it when it is over', async () => {
  const mount = mounted();
  await mount.write('keys/k', { generate: true, issuer: 'I', account_name: 'a' });
  const code = await codeOf(mount, 'k');
  mount.clock.advance(30 * SECOND);
  expect((await mount.write('code/k', { code })).data).toEqual({ valid: true });
  expect((await mount.write('code/k', { code })).errors).toEqual(used);
  mount.clock.advance(60 * SECOND);
  await mount.backend.periodic!();
  expect((await mount.write('code/k', { code })).errors).toEqual(used);
  mount.clock.advance(31 * SECOND);
  await mount.backend.periodic!();
  expect((await mount.write('code/k', { code })).data).toEqual({ valid: false });
  expect((await mount.write('code/k', { code })).errors).toEqual(used);
});

test('a code is accepted once, however many try it at the same time', async () => {
  const mount = mounted();
  await mount.write('keys/k', { key: 'JBSWY3DPEHPK3PXP' });
  const code = await codeOf(mount, 'k');
  const answers = await Promise.all(Array.from({ length: 5 }, () => mount.write('code/k', { code })));
  expect(answers.filter(({ data }) => data?.['valid'] === true)).toHaveLength(1);
});

test.each([
  [{ key_size: 65_537 }, 'key_size cannot be greater than 65536'],
  [{ qr_size: 9_007_199_254_740_992 }, 'qr_size cannot be greater than 4096'],
])('makes no key and no picture that would stop the server: %j', async (size, refusal) => {
  const mount = mounted();
  const answer = await mount.write('keys/k', { generate: true, issuer: 'I', account_name: 'a', ...size });
  expect(answer.errors).toEqual([refusal]);
});
