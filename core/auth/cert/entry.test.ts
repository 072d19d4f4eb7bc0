import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { TestMount } from '../../framework/testing.ts';
import { createCert } from './cert.ts';

test('an entry from before the token_ names is read with what it says under the old ones', async () => {
  const mount = new TestMount(createCert, { mount: { class: 'auth', type: 'cert' } });
  const hour = 3_600_000_000_000;
  const stored = { Name: 'a', Policies: ['old'], TTL: hour, MaxTTL: 2 * hour, Period: hour, BoundCIDRs: ['1.2.3.4'] };
  await mount.context.storage.put('cert/a', encodeUtf8(JSON.stringify(stored)));
  // As 2.7.2 shows such an entry.
  expect((await mount.read('certs/a')).data).toMatchObject({
    bound_cidrs: ['1.2.3.4'],
    policies: ['old'],
    ttl: 3600,
    token_bound_cidrs: ['1.2.3.4'],
    token_max_ttl: 7200,
    token_period: 3600,
    token_policies: ['old'],
    token_ttl: 3600,
  });
});
