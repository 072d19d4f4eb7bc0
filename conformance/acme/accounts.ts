/** Accounts: how they are made, shown, changed and given up. */
import { makeKey, type Json } from './jws.ts';
import type { Session } from './session.ts';

export async function accounts(session: Session): Promise<void> {
  for (const alg of ['ES256', 'ES384', 'RS256', 'EdDSA'] as const) {
    const key = makeKey(alg);
    const made = await session.post(
      `account with ${alg}`,
      'new-account',
      { contact: ['mailto:a@example.com'], termsOfServiceAgreed: true },
      { key },
    );
    await session.post(`again with ${alg}`, 'new-account', {}, { key });
    await session.post(`only existing with ${alg}`, 'new-account', { onlyReturnExisting: true }, { key });
    const kid = made.headers.get('location');
    if (kid !== null) await session.post(`orders of ${alg}`, 'orders', undefined, { key, kid });
  }
  const fields: [string, Json][] = [
    ['contact a text', { contact: 'mailto:a' }],
    ['contact null', { contact: null }],
    ['contact of numbers', { contact: ['mailto:a', 1] }],
    ['contact empty', { contact: [] }],
    ['contact no address', { contact: ['nonsense', 'tel:1', ''] }],
    ['terms a text', { termsOfServiceAgreed: 'yes' }],
    ['terms null', { termsOfServiceAgreed: null }],
    ['terms false', { termsOfServiceAgreed: false }],
    ['existing a text', { onlyReturnExisting: 'yes' }],
    ['existing null', { onlyReturnExisting: null }],
    ['existing', { onlyReturnExisting: true }],
    ['status a number', { status: 1 }],
    ['status null', { status: null }],
    ['status deactivated', { status: 'deactivated' }],
    ['status nonsense', { status: 'nonsense' }],
    ['orders', { orders: 'x' }],
    ['binding a text', { externalAccountBinding: 'x' }],
    ['binding null', { externalAccountBinding: null }],
    ['binding empty', { externalAccountBinding: {} }],
    ['unknown', { nonsense: 1 }],
  ];
  for (const [label, payload] of fields)
    await session.post(`new: ${label}`, 'new-account', payload, { key: makeKey() });
  const account = await session.account();
  await session.post('shown', account.kid, undefined, account);
  await session.post('shown by {}', account.kid, {}, account);
  for (const [label, payload] of fields) {
    if (label !== 'status deactivated') await session.post(`update: ${label}`, account.kid, payload, account);
  }
  await session.post(
    'contact changed',
    account.kid,
    { contact: ['mailto:b@example.com', 'mailto:c@example.com'] },
    account,
  );
  await session.post(
    'the same in another order',
    account.kid,
    { contact: ['mailto:c@example.com', 'mailto:b@example.com'] },
    account,
  );
  await session.post('contact gone', account.kid, { contact: [] }, account);
  await session.post('update by its key', account.kid, {}, { key: account.key });
  await session.post('new-account by kid', 'new-account', {}, account);
  await session.post('only existing by kid', 'new-account', { onlyReturnExisting: true }, account);
  const other = await session.account();
  await session.post('of another', other.kid, {}, account);
  await session.post('key change', 'key-change', { account: account.kid, oldKey: account.key.jwk }, account);
  await session.post('deactivated', account.kid, { status: 'deactivated' }, account);
  for (const path of [account.kid, 'orders', 'new-order'])
    await session.post(`deactivated: ${path === account.kid ? 'itself' : path}`, path, {}, account);
  await session.post('deactivated: again', account.kid, { status: 'deactivated' }, account);
  await session.post('deactivated: new by the same key', 'new-account', {}, { key: account.key });
  await session.post('deactivated: only existing', 'new-account', { onlyReturnExisting: true }, { key: account.key });
}
