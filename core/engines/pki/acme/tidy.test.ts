import { expect, test } from 'vitest';
import { InmemStorage } from '../../../storage/inmem.ts';
import { HOUR } from '../../../runtime.ts';
import { DEFAULT_AUTO_TIDY } from '../tidy-config.ts';
import { AcmeStore, type Account, type Order } from './model.ts';
import { tidyAcme } from './tidy.ts';

const start = 1_790_000_000_000_000;
const account: Account = {
  status: 'valid',
  contact: [],
  agreed: true,
  jwk: {},
  directory: 'acme/',
  created: start,
  maxCertificateEnd: 0,
  revoked: 0,
  eab: undefined,
};
const order: Order = {
  account: 'used',
  status: 'valid',
  expires: start + HOUR,
  identifiers: [],
  authorizations: ['one'],
  serial: '0a',
  certificateEnd: start + 2_000 * HOUR,
  issuerId: '',
};

async function world() {
  const storage = new InmemStorage();
  const store = new AcmeStore(storage);
  const tidied = async (hours: number, cancelled = false) => {
    const counts = { certificates: 0, revoked: 0, missingIssuers: 0 };
    const acme = { acmeOrdersDeleted: 0, acmeAccountsRevoked: 0, acmeAccountsDeleted: 0 };
    const all = { ...counts, ...acme };
    const now = () => start + hours * HOUR;
    await tidyAcme({
      storage,
      config: DEFAULT_AUTO_TIDY,
      counts: all,
      now,
      tell: () => {},
      goesOn: () => Promise.resolve(!cancelled),
    });
    return [all.acmeOrdersDeleted, all.acmeAccountsRevoked, all.acmeAccountsDeleted];
  };
  for (const name of ['unused', 'used']) {
    await store.accounts.put(name, account);
    await store.thumbprints.put(`thumb-${name}`, { kid: name });
  }
  await store.orders('used').put('order', order);
  return { store, tidied };
}

test('an account without orders is revoked after its buffer, and removed after another', async () => {
  const { store, tidied } = await world();
  expect(await tidied(720)).toEqual([0, 0, 0]);
  expect(await tidied(721)).toEqual([0, 1, 0]);
  expect((await store.accounts.get('unused'))!.status).toBe('revoked');
  expect((await store.accounts.get('used'))!).toMatchObject({
    status: 'valid',
    maxCertificateEnd: order.certificateEnd,
  });
  expect(await tidied(1_441)).toEqual([0, 0, 0]);
  expect(await tidied(1_442)).toEqual([0, 0, 1]);
  expect(await store.thumbprints.list()).toEqual(['thumb-used']);
});

test('an order goes with its certificate’s end, and counts for the account as long as that one does', async () => {
  const { store, tidied } = await world();
  await tidied(1_999);
  expect(await store.orders('used').list()).toEqual(['order']);
  expect((await tidied(2_072))[0]).toBe(1);
  expect(await store.orders('used').list()).toEqual([]);
  expect((await store.accounts.get('used'))!.status).toBe('valid');
  expect((await tidied(2_721))[1]).toBe(1);
});

test('what is cancelled leaves the rest as it was, and a thumbprint of nobody goes', async () => {
  const { store, tidied } = await world();
  await store.thumbprints.put('a-nobody', { kid: 'nobody' });
  expect(await tidied(721, true)).toEqual([0, 0, 1]);
  expect((await store.accounts.get('unused'))!.status).toBe('valid');
});
