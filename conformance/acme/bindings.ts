/** Accounts that are bound to one outside of ACME, good and bad, under each policy. */
import { base64url, makeKey, type Json } from './jws.ts';
import type { Session } from './session.ts';

export async function bindings(session: Session): Promise<void> {
  const eab = async (directory = 'acme/'): Promise<{ id: string; mac: string }> => {
    const { id, key } = await session.set('POST', `pki/${directory}new-eab`);
    return { id: id as string, mac: key as string };
  };
  const client = session.client();
  const bad: [string, (given: { id: string; mac: string }, key: ReturnType<typeof makeKey>) => Json][] = [
    ['good', ({ id, mac }, key) => client.binding(key, id, mac)],
    ['HS384 in name', ({ id, mac }, key) => client.binding(key, id, mac, { header: { alg: 'HS384' } })],
    ['ES256 in name', ({ id, mac }, key) => client.binding(key, id, mac, { header: { alg: 'ES256' } })],
    ['no alg', ({ id, mac }, key) => client.binding(key, id, mac, { header: { alg: undefined } })],
    ['no kid', ({ id, mac }, key) => client.binding(key, id, mac, { header: { kid: undefined } })],
    ['kid a number', ({ id, mac }, key) => client.binding(key, id, mac, { header: { kid: 1 } })],
    ['kid unknown', ({ mac }, key) => client.binding(key, '7f4ae8a5-6f2b-4b1c-9a55-0b3e1f9d0a11', mac)],
    ['kid nonsense', ({ mac }, key) => client.binding(key, 'non/sense', mac)],
    ['no url', ({ id, mac }, key) => client.binding(key, id, mac, { header: { url: undefined } })],
    ['other url', ({ id, mac }, key) => client.binding(key, id, mac, { header: { url: 'http://x' } })],
    ['nonce', ({ id, mac }, key) => client.binding(key, id, mac, { header: { nonce: 'x' } })],
    ['jwk and kid', ({ id, mac }, key) => client.binding(key, id, mac, { header: { jwk: key.jwk } })],
    ['wrong mac', ({ id }, key) => client.binding(key, id, base64url('other'))],
    ['other key', ({ id, mac }, key) => client.binding(key, id, mac, { payload: makeKey().jwk })],
    ['payload empty', ({ id, mac }, key) => client.binding(key, id, mac, { payload: '' })],
    ['payload no JSON', ({ id, mac }, key) => client.binding(key, id, mac, { payload: 'x' })],
    [
      'payload in other order',
      ({ id, mac }, key) =>
        client.binding(key, id, mac, { payload: Object.fromEntries(Object.entries(key.jwk).toReversed()) }),
    ],
    ['no protected', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), protected: undefined })],
    ['no payload', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), payload: undefined })],
    ['no signature', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), signature: undefined })],
    ['protected a number', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), protected: 1 })],
    ['protected no base64', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), protected: '!!' })],
    ['protected no JSON', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), protected: base64url('x') })],
    ['payload no base64', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), payload: '!!' })],
    ['signature no base64', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), signature: '!!' })],
    ['signature empty', ({ id, mac }, key) => ({ ...client.binding(key, id, mac), signature: '' })],
  ];
  for (const policy of ['not-required', 'new-account-required', 'always-required']) {
    const before = await session.account().catch(() => undefined);
    await session.set('POST', 'pki/config/acme', { eab_policy: policy });
    session.note(`${policy}: directory`, await client.ask('GET', `${client.base}directory`));
    await session.post(`${policy}: none`, 'new-account', {}, { key: makeKey() });
    await session.post(`${policy}: only existing`, 'new-account', { onlyReturnExisting: true }, { key: makeKey() });
    if (before !== undefined) {
      await session.post(`${policy}: unbound account`, 'orders', undefined, before);
      await session.post(`${policy}: unbound account looks at itself`, before.kid, undefined, before);
      await session.post(`${policy}: unbound account changes`, before.kid, { contact: ['mailto:x'] }, before);
      await session.post(`${policy}: unbound account found by key`, 'new-account', {}, { key: before.key });
      await session.post(
        `${policy}: unbound account orders`,
        'new-order',
        { identifiers: [{ type: 'dns', value: 'a.example.test' }] },
        before,
      );
    }
    for (const [label, make] of policy === 'always-required' ? bad : bad.slice(0, 1)) {
      const key = makeKey();
      const given = await eab();
      const made = await session.post(
        `${policy}: ${label}`,
        'new-account',
        { externalAccountBinding: make(given, key) },
        { key },
      );
      const listed = await session.bao('LIST', 'pki/eab');
      session.told.push(`${policy}: ${label}: left: ${listed.text.includes(given.id)}`);
      const kid = made.headers.get('location');
      if (kid === null) continue;
      await session.post(`${policy}: ${label}: orders`, 'orders', undefined, { key, kid });
      await session.post(`${policy}: ${label}: again`, 'new-account', {}, { key });
      await session.post(
        `${policy}: ${label}: binds anew`,
        kid,
        { externalAccountBinding: make(await eab(), key) },
        { key, kid },
      );
      const second = makeKey();
      await session.post(
        `${policy}: ${label}: by another`,
        'new-account',
        { externalAccountBinding: make(given, second) },
        { key: second },
      );
    }
  }
  const key = makeKey();
  const elsewhere = await eab('roles/web/acme/');
  await session.post(
    'binding of another directory',
    'new-account',
    { externalAccountBinding: client.binding(key, elsewhere.id, elsewhere.mac) },
    { key },
  );
  await session.set('POST', 'pki/config/acme', { eab_policy: 'not-required' });
}
