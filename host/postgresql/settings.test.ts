import { afterEach, expect, it, vi } from 'vitest';
import { addressFault, parseAddress } from '../databases/postgresql-address.ts';
import { postgresSettings } from './settings.ts';

const stanza = (settings: Readonly<Record<string, string>>) => ({ type: 'postgresql', settings });
const read = (settings: Readonly<Record<string, string>>) => postgresSettings(stanza(settings), () => undefined);

afterEach(() => vi.unstubAllEnvs());

it('says nothing and has upstream’s values', () => {
  vi.stubEnv('BAO_PG_CONNECTION_URL', '');
  vi.stubEnv('VAULT_PG_CONNECTION_URL', '');
  expect(read({})).toMatchObject({
    address: '',
    table: 'openbao_kv_store',
    haEnabled: false,
    haTable: 'openbao_ha_locks',
    maxParallel: 128,
    transactions: 64,
    attempts: 1,
  });
  // Only this word turns it on.
  expect([read({ ha_enabled: '1' }).haEnabled, read({ ha_enabled: 'true' }).haEnabled]).toEqual([false, true]);
});

it('the environment’s address comes before the stanza’s, ours before Vault’s', () => {
  vi.stubEnv('VAULT_PG_CONNECTION_URL', 'vault');
  expect(read({ connection_url: 'own' }).address).toBe('vault');
  vi.stubEnv('BAO_PG_CONNECTION_URL', 'bao');
  expect(read({ connection_url: 'own' }).address).toBe('bao');
});

it('the first wrong number is named, and skip_create_table only when it is asked for', () => {
  const wrong = { transaction_max_parallel: 'x', max_connect_retries: 'y', skip_create_table: 'z' };
  expect(() => read(wrong)).toThrow(
    'failed parsing transaction_max_parallel parameter: strconv.Atoi: parsing "x": invalid syntax',
  );
  expect(() => read({ skip_create_table: 'z' }).skipsTables()).toThrow(
    'failed to parse value for `skip_create_table`: cannot parse \'\' as bool: strconv.ParseBool: parsing "z": invalid syntax',
  );
});

it.each([
  ['postgres://a:b%40@h:1/d?sslmode=disable', [{ host: 'h', port: 1 }], 'a', 'b@', 'd', 'disable'],
  ['postgresql://a@[::1]:5/d', [{ host: '::1', port: 5 }], 'a', '', 'd', 'prefer'],
  [
    'postgres://a@h1:1,h2/d',
    [
      { host: 'h1', port: 1 },
      { host: 'h2', port: 5432 },
    ],
    'a',
    '',
    'd',
    'prefer',
  ],
  [
    "host=h port=7 user=a password='b c' dbname=d sslmode=require",
    [{ host: 'h', port: 7 }],
    'a',
    'b c',
    'd',
    'require',
  ],
])('the address %s is read', (address, hosts, user, password, database, sslMode) => {
  expect(parseAddress(address)).toMatchObject({ hosts, user, password, database, sslMode });
  expect(addressFault(address)).toBeUndefined();
});

it('what the address leaves open the environment says', () => {
  for (const [name, value] of [
    ['PGHOST', 'there'],
    ['PGPORT', '9'],
    ['PGUSER', 'eve'],
    ['PGPASSWORD', 'pass'],
    ['PGDATABASE', 'base'],
    ['PGSSLMODE', 'disable'],
  ] as const) {
    vi.stubEnv(name, value);
  }
  expect(parseAddress('')).toMatchObject({
    hosts: [{ host: 'there', port: 9 }],
    user: 'eve',
    password: 'pass',
    database: 'base',
    sslMode: 'disable',
  });
});

it.each([
  [
    'postgres://a:secret@h/x?sslmode=odd',
    'cannot parse `postgres://a:xxxxx@h/x?sslmode=odd`: failed to configure TLS (sslmode is invalid)',
  ],
  ['postgres://[::1/x', "cannot parse `postgres://[::1/x`: failed to parse as URL (missing ']' in host)"],
  ['mysql://a@h:1/x', 'cannot parse `mysql:xxxxxx@h:1/x`: failed to parse as keyword/value (invalid keyword/value)'],
])('%s is refused without its password', (address, text) => {
  expect(addressFault(address)).toBe(text);
});
