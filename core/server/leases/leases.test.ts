import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Caller, Response } from '../../framework/logical.ts';
import { HOUR, MINUTE, SECOND } from '../../runtime.ts';
import type { TestServices } from '../services.fixture.ts';
import { HandClock, settle, testServices } from '../services.fixture.ts';
import { Deadlines } from './deadlines.ts';
import { decodeLease, encodeLease } from './entry.ts';
import { FairQueue } from './fair-queue.ts';
import { revocationWorkers } from './workers.ts';

const caller: Caller = {
  clientToken: 'root',
  accessor: '',
  tokenType: 'service',
  policies: ['root'],
  displayName: '',
  entityId: '',
  namespaceId: 'root',
  cubbyholeId: '',
};

async function lend(setup: TestServices, id: string, ttl = HOUR): Promise<string> {
  const response: Response = { data: { id }, secret: { ttl, maxTtl: 0, renewable: true, internal: { id } } };
  await setup.services.leases.register(setup.request({ path: 'secrets/creds/a', caller }), response);
  return response.secret!.leaseId!;
}

describe('lease entries', () => {
  test('a stored lease has the bytes of a real server', () => {
    const text =
      '{"lease_id":"ssh/creds/otp/vqBINYBqonD7AtB0lruxNjC7","client_token":"root","token_type":1,"path":"ssh/creds/otp","data":{"ip":"1.2.3.4","port":22},"secret":{"lease":2764800000000000,"max_ttl":0,"renewable":false,"internal_data":{"otp":"c4e1","secret_type":"secret_otp_type"},"LeaseID":""},"auth":null,"issue_time":"2026-11-23T03:34:18.408901Z","expire_time":"2026-12-25T03:34:18.408902Z","last_renewal_time":"0001-01-01T00:00:00Z","login_role":"","version":1,"revokeErr":""}';
    expect(new TextDecoder().decode(encodeLease(decodeLease(new TextEncoder().encode(text))))).toBe(text);
    const login =
      '{"lease_id":"auth/userpass/login/bob/h40","client_token":"s.O9","token_type":0,"path":"auth/userpass/login/bob","data":null,"secret":null,"auth":{"lease":3600000000000,"max_ttl":0,"renewable":true,"internal_data":null,"display_name":"userpass-bob","policies":["pp"],"token_policies":["default","pp"],"identity_policies":null,"external_namespace_policies":null,"no_default_policy":false,"metadata":{"username":"bob"},"client_token":"s.O9","accessor":"H6","period":0,"explicit_max_ttl":0,"num_uses":0,"entity_id":"05","alias":{"mount_type":"userpass","mount_accessor":"auth_userpass_7e44d436","name":"bob"},"group_aliases":null,"bound_cidrs":null,"creation_path":"","token_type":1,"orphan":true,"policy_results":null,"mfa_requirement":null,"entity_created":true,"list_scan_response_keys_filter_path":""},"issue_time":"2026-11-23T03:41:57.325875Z","expire_time":"2026-11-23T04:41:57.32587Z","last_renewal_time":"0001-01-01T00:00:00Z","login_role":"","version":1,"revokeErr":""}';
    expect(new TextDecoder().decode(encodeLease(decodeLease(new TextEncoder().encode(login))))).toBe(login);
  });
});

describe('leases', () => {
  test('a secret is revoked when its lease ends, and nothing is left', async () => {
    const setup = testServices();
    const id = await lend(setup, 'one', 10 * SECOND);
    expect(await setup.services.leases.list('secrets/creds/a/')).toHaveLength(1);
    await setup.clock.advance(11 * SECOND);
    expect(setup.ended).toEqual(['one']);
    expect(await setup.services.leases.lookup(id)).toBeUndefined();
    expect(await setup.storage.list('sys/expire/token/')).toEqual([]);
  });

  test('a renewed lease outlives its first end but not the maximum since its issue', async () => {
    const setup = testServices();
    const id = await lend(setup, 'one', MINUTE);
    await setup.clock.advance(50 * SECOND);
    expect((await setup.services.leases.renew(id, HOUR)).secret?.ttl).toBe(HOUR);
    await setup.clock.advance(30 * MINUTE);
    expect(setup.ended).toEqual([]);
    const late = await setup.services.leases.renew(id, 10_000 * HOUR);
    expect(late.warnings?.[0]).toMatch(/^TTL of "10000h" exceeded the effective max_ttl of "767h29m\d+s"/);
    await expect(setup.services.leases.renew('secrets/none', 0)).rejects.toThrow('lease not found');
  });

  test('a revocation that fails is tried again later, and given up after six attempts', async () => {
    const setup = testServices();
    setup.refusals.set('*', `no connection ${'x'.repeat(300)}`);
    const id = await lend(setup, 'one', SECOND);
    await setup.clock.advance(2 * HOUR);
    const failures = setup.traced.filter((event) => event.kind === 'lease' && event.what === 'failed');
    expect(failures).toHaveLength(6);
    expect(setup.services.leases.irrevocable()).toEqual([
      {
        leaseId: id,
        error: expect.stringMatching(/^out of retries: failed to .* err: no connection x+\.\.\.$/),
        path: 'secrets/creds/a',
      },
    ]);
    expect((await setup.services.leases.lookup(id))?.revokeError).toHaveLength(240);
    await expect(setup.services.leases.renew(id, 0)).rejects.toThrow(
      'lease is expired and has failed previous revocation attempts',
    );
    setup.refusals.clear();
    await setup.clock.advance(25 * HOUR);
    expect(setup.ended).toEqual(['one']);
    expect(setup.services.leases.irrevocable()).toEqual([]);
  });

  test('what cannot work is given up at once', async () => {
    const setup = testServices();
    setup.refusals.set('*', 'unsupported operation');
    await lend(setup, 'one', SECOND);
    await setup.clock.advance(2 * SECOND);
    expect(setup.services.leases.irrevocable()).toHaveLength(1);
  });

  test('revoking by prefix stops at the first error, by force it does not', async () => {
    const setup = testServices();
    for (const id of ['a', 'b', 'c']) await lend(setup, id);
    setup.refusals.set('b', 'no');
    await expect(setup.services.leases.revokePrefix('secrets/creds')).rejects.toThrow(
      /^failed to revoke ".*" \(\d \/ 3\): failed to revoke entry: .* err: no$/,
    );
    await setup.services.leases.revokeForce('secrets');
    expect(await setup.services.leases.list('')).toEqual([]);
  });

  test('leases are restored after unseal, and those that ended meanwhile end now', async () => {
    const before = testServices();
    await lend(before, 'short', SECOND);
    await lend(before, 'long', HOUR);
    before.services.leases.stop();
    const after = testServices(before.storage);
    after.clock.now += MINUTE;
    await after.services.leases.restore();
    await after.clock.advance(SECOND);
    expect(after.ended).toEqual(['short']);
    await after.clock.advance(HOUR);
    expect(after.ended).toEqual(['short', 'long']);
  });

  test('a revoked token takes along what it holds', async () => {
    const setup = testServices();
    const root = await setup.services.tokens.createRoot('root');
    await lend(setup, 'one');
    await setup.services.tokens.revoke(root.id);
    await setup.clock.advance(SECOND);
    expect(setup.ended).toEqual(['one']);
    expect(await setup.services.leases.list('')).toEqual([]);
  });
});

describe('deadlines', () => {
  property.prop([fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 100 }), fc.boolean()), { maxLength: 60 })])(
    'pass in the order of their times, each once, and only those that stand',
    async (steps) => {
      const clock = new HandClock();
      const passed: string[] = [];
      const deadlines = new Deadlines(clock, (id) => passed.push(id));
      const expected = new Map<string, readonly [at: number, sequence: number]>();
      for (const [i, [name, at, keep]] of steps.entries()) {
        const id = `lease-${name}`;
        if (keep) {
          deadlines.set(id, clock.wall() + at * SECOND);
          expected.set(id, [at, i]);
        } else {
          deadlines.clear(id);
          expected.delete(id);
        }
      }
      await clock.advance(5 * MINUTE);
      const order = [...expected].sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1]).map(([id]) => id);
      expect(passed).toEqual(order);
      expect(deadlines.size).toBe(0);
    },
  );

  test('follow the wall clock when it jumps', async () => {
    const clock = new HandClock();
    const passed: string[] = [];
    const deadlines = new Deadlines(clock, (id) => passed.push(id));
    deadlines.set('a', clock.wall() + HOUR);
    clock.now += 2 * HOUR;
    await clock.advance(MINUTE);
    expect(passed).toEqual(['a']);
  });
});

test('the queue takes turns between groups and keeps to its workers', async () => {
  const queue = new FairQueue(1);
  const done: string[] = [];
  for (const job of ['a1', 'a2', 'a3', 'b1']) {
    queue.add(job[0]!, () => {
      done.push(job);
      return Promise.resolve();
    });
  }
  await settle();
  expect(done).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test.each([
  ['', 200, []],
  ['+7', 7, []],
  ['10000', 10_000, []],
  ['0', 200, ['vault lease revocation workers override out of range']],
  ['10001', 200, ['vault lease revocation workers override out of range']],
  [' 5', 200, ['vault lease revocation workers override must be an integer']],
  ['99999999999999999999', 200, ['vault lease revocation workers override must be an integer']],
])('BAO_LEASE_REVOCATION_WORKERS=%j gives %i workers', (value, workers, told) => {
  const said: string[] = [];
  const { runtime, namespace } = testServices().context;
  const log = { write: (_level: string, _name: string, message: string) => void said.push(message) };
  const environment = (name: string) => (name === 'BAO_LEASE_REVOCATION_WORKERS' ? value : undefined);
  expect(revocationWorkers({ runtime: { ...runtime, log, environment }, namespace })).toBe(workers);
  expect(said).toEqual(told);
});
