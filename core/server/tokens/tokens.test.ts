import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { HOUR, SECOND } from '../../runtime.ts';
import type { InmemStorage } from '../../storage/inmem.ts';
import type { TokenEntry } from '../services.ts';
import type { TestServices } from '../services.fixture.ts';
import { settle, testServices } from '../services.fixture.ts';
import { batchEncodingError } from './batch.ts';
import { decodeToken, encodeToken } from './entry.ts';
import type { TokenStore } from './store.ts';

const decoder = new TextDecoder();

async function make(setup: TestServices, options: Partial<TokenEntry> = {}): Promise<TokenEntry> {
  const { store } = setup.services.tokens as unknown as { store: TokenStore };
  const entry = await store.create({
    parent: '',
    policies: ['default'],
    inlinePolicy: '',
    path: 'auth/token/create',
    meta: undefined,
    displayName: 'token',
    numUses: 0,
    creationTime: setup.clock.wall(),
    ttl: HOUR,
    explicitMaxTtl: 0,
    period: 0,
    role: '',
    entityId: '',
    noIdentityPolicies: false,
    namespaceId: 'root',
    type: 'service',
    boundCidrs: [],
    strictlyBindIp: false,
    ...options,
    id: '',
  });
  if (entry.type === 'service') {
    await setup.services.leases.registerAuth(entry, {
      ttl: entry.ttl,
      maxTtl: 0,
      renewable: true,
      internal: {},
      displayName: 'token',
      policies: ['default'],
      metadata: {},
      tokenType: 'service',
      clientToken: entry.id,
      accessor: entry.accessor,
    });
  }
  return entry;
}

async function keys(storage: InmemStorage, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await storage.list(prefix)) {
    if (name.endsWith('/')) found.push(...(await keys(storage, prefix + name)));
    else found.push(prefix + name);
  }
  return found;
}

describe('token entries', () => {
  test('a stored entry has the bytes of a real server', () => {
    const text =
      '{"type":1,"id":"s.ifkrXIx5oOffGbbBYEnmohhw","accessor":"7ZziJKpXK86R9hwzwdoy5NV0","parent":"root","policies":["default","pp"],"inline_policy":"","path":"auth/token/create/z","meta":{"a":"b"},"internal_meta":null,"display_name":"token","num_uses":0,"creation_time":1795405317,"ttl":35996400000000000,"explicit_max_ttl":0,"role":"z","period":0,"DisplayName":"","NumUses":0,"CreationTime":0,"ExplicitMaxTTL":0,"entity_id":"","no_identity_policies":false,"bound_cidrs":["10.0.0.0/8"],"namespace_id":"root","cubbyhole_id":"yZSUTm1jcjFBGwsTtob6YZYF"}';
    const bytes = new TextEncoder().encode(text);
    expect(decoder.decode(encodeToken(decodeToken(bytes)))).toBe(text);
  });

  test('accessors of the root namespace and chosen ids are SHA-1, tokens with a dot HMAC', async () => {
    const { services, storage } = testServices();
    await storage.put('sys/token/salt', new TextEncoder().encode('3543c9ed-14bc-54f0-2304-c4a6bec20547'));
    expect(await services.tokens.saltedId('root')).toBe('7eb2f1781f344e60aecc1188dc24a7ee5e637baa');
    expect(await services.tokens.saltedId('s.C3fMQoJpsLVSZJDX1Z8HLGaH')).toBe(
      'h28049d0aa764b6d029dc44c4b189aa908c55f561a0c2a4ae29d9995843be47b3',
    );
  });
});

describe('tokens', () => {
  test('a use is burnt before the last one marks the token as being revoked', async () => {
    const setup = testServices();
    const { tokens } = setup.services;
    const token = await make(setup, { numUses: 2 });
    expect((await tokens.use(token))?.numUses).toBe(1);
    expect((await tokens.use(token))?.numUses).toBe(-1);
    expect(await tokens.use(token)).toBeUndefined();
    expect(await tokens.lookup(token.id)).toBeUndefined();
  });

  test('uses that race are all counted', async () => {
    const setup = testServices();
    const token = await make(setup, { numUses: 3 });
    const used = await Promise.all(Array.from({ length: 5 }, () => setup.services.tokens.use(token)));
    expect(used.map((entry) => entry?.numUses)).toEqual([2, 1, -1, undefined, undefined]);
  });

  test('a token is gone at its expiry by the wall clock, and its storage soon after', async () => {
    const setup = testServices();
    const token = await make(setup, { ttl: 10 * SECOND });
    await setup.clock.advance(9 * SECOND);
    expect(await setup.services.tokens.lookup(token.id)).toBeDefined();
    await setup.clock.advance(2 * SECOND);
    expect(await setup.services.tokens.lookup(token.id)).toBeUndefined();
    expect(await keys(setup.storage, 'sys/token/id/')).toEqual([]);
  });

  test('a token without a lease is revoked when it is first looked at', async () => {
    const setup = testServices();
    const token = await make(setup);
    for (const key of await keys(setup.storage, 'sys/expire/')) await setup.storage.delete(key);
    setup.services.leases.stop();
    const again = testServices(setup.storage);
    expect(await again.services.tokens.lookup(token.id)).toBeUndefined();
    expect(await keys(setup.storage, 'sys/token/id/')).toEqual([]);
  });

  test('a batch token is not stored, survives the trip through its id, and dies with its parent', async () => {
    const setup = testServices();
    const parent = await make(setup);
    const before = await keys(setup.storage, 'sys/');
    const batch = await make(setup, { type: 'batch', parent: parent.id, meta: { a: 'b' }, boundCidrs: ['10.0.0.0/8'] });
    expect(await keys(setup.storage, 'sys/')).toEqual(before);
    const found = await setup.services.tokens.lookup(batch.id);
    expect(found).toEqual({ ...batch, creationTime: Math.floor(batch.creationTime / SECOND) * SECOND });
    await setup.services.tokens.revoke(parent.id);
    expect(await setup.services.tokens.lookup(batch.id)).toBeUndefined();
    expect(await setup.services.tokens.lookup('b.AAAA')).toBeUndefined();
  });

  test.each([
    ['b.AAAA', undefined],
    ['b.AAAA.ns1234', undefined],
    ['s.A!A', undefined],
    ['b.A!A', 'illegal base64 data at input byte 1'],
    ['b.AAAA.x.ns1234', 'illegal base64 data at input byte 4'],
  ])('%s is spelt without regard to its namespace', (id, wrong) => {
    expect(batchEncodingError(id)).toBe(wrong);
  });

  test('a standby drops a cached token when its entry changes elsewhere', async () => {
    const setup = testServices();
    const token = await make(setup);
    const standby = testServices(setup.storage, false);
    expect(await standby.services.tokens.lookup(token.id)).toBeDefined();
    await setup.services.tokens.revoke(token.id);
    const name = await setup.services.tokens.saltedId(token.id);
    standby.services.tokens.invalidate(`id/${name}`);
    expect(await standby.services.tokens.lookup(token.id)).toBeUndefined();
  });

  property.prop([fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 15 })], { numRuns: 30 })(
    'revoking the root of any tree leaves nothing of it',
    async (parents) => {
      const setup = testServices();
      const bystander = await make(setup);
      const before = await keys(setup.storage, '');
      const tree: TokenEntry[] = [await make(setup)];
      for (const parent of parents) {
        tree.push(await make(setup, { parent: tree[parent % tree.length]!.id }));
      }
      for (const token of tree) {
        await setup.storage.put(`logical/cubbyhole-uuid/${token.cubbyholeId}/a`, new Uint8Array(1));
      }
      await setup.services.tokens.revoke(tree[0]!.id);
      await settle();
      expect(await keys(setup.storage, '')).toEqual(before);
      expect(await setup.services.tokens.lookup(bystander.id)).toBeDefined();
    },
  );
});
