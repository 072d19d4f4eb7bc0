import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../runtime.ts';
import { testServices } from '../services.fixture.ts';

const wrapOne = async (format: 'uuid' | 'jwt' = 'uuid') => {
  const setup = testServices();
  await setup.services.wrapping.setup();
  const request = setup.request({ path: 'secrets/a' });
  const info = await setup.services.wrapping.wrap(
    request,
    { data: { v: 1 } },
    { ttl: MINUTE, format, displayName: 'who' },
  );
  const validate = (token: string) =>
    setup.services.wrapping.validate(setup.request({ path: 'sys/wrapping/unwrap', data: { token } }));
  return { ...setup, info, validate };
};

const invalid = 'wrapping token is not valid or does not exist';

describe('wrapping', () => {
  test('what is wrapped comes out once', async () => {
    const { services, info, validate } = await wrapOne();
    const token = await validate(info.token);
    expect(await services.wrapping.unwrap(token, false)).toBe(
      '{"request_id":"request","lease_id":"","renewable":false,"lease_duration":0,"data":{"v":1},"wrap_info":null,"warnings":null,"auth":null}',
    );
    await expect(validate(info.token)).rejects.toThrow(invalid);
  });

  test('of two who unwrap at once one gets it', async () => {
    const { services, info } = await wrapOne();
    const both = await Promise.allSettled([
      services.wrapping.unwrap(info.token, false),
      services.wrapping.unwrap(info.token, false),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a JWT carries the token, and a changed one is refused', async () => {
    const { info, validate } = await wrapOne('jwt');
    const [head, claims, signature] = info.token.split('.') as [string, string, string];
    expect(head).toBe('eyJhbGciOiJFUzUxMiIsInR5cCI6IkpXVCJ9');
    expect(await validate(info.token)).toMatch(/^s\./);
    await expect(validate(`${head}.${claims}.AAAA${signature.slice(4)}`)).rejects.toThrow(
      'error validating wrapping token: wrapping token signature could not be validated: go-jose/go-jose: error in cryptographic primitive',
    );
    await expect(validate('eyJ.a.b')).rejects.toThrow(invalid);
  });

  test('rewrapping keeps path and lifetime and ends the old token', async () => {
    const { services, info, validate } = await wrapOne();
    const next = await services.wrapping.rewrap(info.token, 'who');
    expect(next).toMatchObject({ creationPath: 'secrets/a', ttl: MINUTE });
    await expect(validate(info.token)).rejects.toThrow(invalid);
    expect(await services.wrapping.unwrap(await validate(next.token), false)).toContain('"data":{"v":1}');
  });

  test('an unopened wrapping ends with its lifetime and leaves nothing', async () => {
    const { services, clock, storage, info, validate } = await wrapOne();
    await clock.advance(2 * MINUTE);
    await expect(validate(info.token)).rejects.toThrow(invalid);
    expect(await storage.list('sys/token/id/')).toEqual([]);
    expect(await storage.list('logical/cubbyhole-uuid/')).toEqual([]);
    expect(await services.leases.list('')).toEqual([]);
  });

  test('no token and an empty token have their own texts', async () => {
    const { services, request, validate } = await wrapOne();
    await expect(services.wrapping.validate(request({}))).rejects.toThrow(
      'error validating wrapping token: token is empty',
    );
    await expect(validate('')).rejects.toThrow('error validating wrapping token: empty token in request body');
  });
});
