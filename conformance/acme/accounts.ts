/** Directories, nonces, accounts and their bindings, and requests that are wrong in every way. */
import { base64url, makeKey, type Json } from './client.ts';
import type { Session } from './session.ts';

export async function directories(session: Session): Promise<void> {
  const look = async (label: string, directory: string, method = 'GET', path = 'directory'): Promise<void> =>
    session.note(label, await session.client().ask(method, `${session.mount}/${directory}${path}`));
  await look('directory before ACME is on', 'acme/');
  await look('nonce before ACME is on', 'acme/', 'GET', 'new-nonce');
  session.note('on without a cluster path', await session.bao('POST', 'pki/config/acme', { enabled: true }));
  await session.set('POST', 'pki/config/cluster', { path: session.mount });
  session.note(
    'on',
    await session
      .bao('POST', 'pki/config/acme', {
        enabled: true,
        eab_policy: 'not-required',
        dns_resolver: `127.0.0.1:${session.world.dns.port}`,
      })
      .then((answer) => ({ ...answer, text: answer.text.replace(/127\.0\.0\.1:\d+/, '<dns>') })),
  );
  for (const directory of [
    'acme/',
    'roles/web/acme/',
    'roles/none/acme/',
    'issuer/default/acme/',
    'issuer/none/acme/',
    'issuer/default/roles/web/acme/',
    'issuer/default/roles/none/acme/',
    'roles/unstored/acme/',
    'issuer/second/acme/',
    'roles/second/acme/',
  ]) {
    await look(`directory ${directory}`, directory);
    for (const method of ['GET', 'HEAD', 'POST'])
      await look(`${method} nonce ${directory}`, directory, method, 'new-nonce');
  }
  for (const method of ['POST', 'HEAD', 'PUT', 'DELETE', 'LIST']) await look(`${method} directory`, 'acme/', method);
  for (const path of [
    'new-account',
    'new-order',
    'orders',
    'key-change',
    'revoke-cert',
    'account/x',
    'order/x',
    'nothing',
    '',
  ]) {
    await look(`GET ${path}`, 'acme/', 'GET', path);
    session.note(`POST ${path} with nothing`, await session.client().ask('POST', `${session.mount}/acme/${path}`));
    session.note(`POST ${path} with {}`, await session.client().ask('POST', `${session.mount}/acme/${path}`, '{}'));
    session.note(`POST ${path} with a list`, await session.client().ask('POST', `${session.mount}/acme/${path}`, '[]'));
    session.note(`POST ${path} with no JSON`, await session.client().ask('POST', `${session.mount}/acme/${path}`, 'x'));
  }
}

/** What may be wrong with any signed request. */
export async function badRequests(session: Session): Promise<void> {
  const key = makeKey();
  const account = await session.account();
  const headers: [string, Json][] = [
    ['no alg', { alg: undefined }],
    ['alg none', { alg: 'none' }],
    ['alg HS256', { alg: 'HS256' }],
    ['alg of another kind', { alg: 'RS256' }],
    ['alg ES384 for a key of P-256', { alg: 'ES384' }],
    ['alg a number', { alg: 1 }],
    ['alg unknown', { alg: 'XX' }],
    ['no nonce', { nonce: undefined }],
    ['empty nonce', { nonce: '' }],
    ['unknown nonce', { nonce: 'dmF1bHQwAAAA' }],
    ['nonce a number', { nonce: 3 }],
    ['no url', { url: undefined }],
    ['url of elsewhere', { url: 'http://elsewhere/new-account' }],
    ['url a number', { url: 1 }],
    ['no key', { jwk: undefined }],
    ['kid and jwk', { kid: account.kid }],
    ['empty kid', { kid: '' }],
    ['kid a number', { jwk: undefined, kid: 7 }],
    ['kid unknown', { jwk: undefined, kid: `${session.mount}/acme/account/7f4ae8a5-6f2b-4b1c-9a55-0b3e1f9d0a11` }],
    ['kid nonsense', { jwk: undefined, kid: 'nonsense' }],
    [
      'kid of another place',
      { jwk: undefined, kid: `http://elsewhere/acme/account/${account.kid.split('/').at(-1)!}` },
    ],
    ['kid bare', { jwk: undefined, kid: account.kid.split('/').at(-1)! }],
    ['jwk a text', { jwk: 'x' }],
    ['jwk null', { jwk: null }],
    ['jwk empty', { jwk: {} }],
    ['jwk of no kind', { jwk: { ...key.jwk, kty: 'XX' } }],
    ['jwk symmetric', { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['jwk of no curve', { jwk: { ...key.jwk, crv: 'P-000' } }],
    ['jwk without y', { jwk: { ...key.jwk, y: undefined } }],
    ['jwk off the curve', { jwk: { ...key.jwk, y: key.jwk['x'] } }],
    ['jwk with bad base64', { jwk: { ...key.jwk, x: '!!' } }],
    ['jwk short', { jwk: { ...key.jwk, x: 'AAAA' } }],
    ['jwk of RSA without n', { jwk: { kty: 'RSA', e: 'AQAB' } }],
    ['jwk of RSA, small', { jwk: { kty: 'RSA', e: 'AQAB', n: 'AQAB' } }],
    ['jwk of OKP without x', { jwk: { kty: 'OKP', crv: 'Ed25519' } }],
    ['jwk of OKP, short', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } }],
    ['jwk of OKP, other curve', { jwk: { kty: 'OKP', crv: 'X25519', x: 'AAAA' } }],
    ['crit', { crit: ['exp'] }],
    ['b64', { b64: false }],
    ['more', { more: 1 }],
  ];
  for (const [label, header] of headers) await session.post(`header: ${label}`, 'new-account', {}, { key, header });
  const raws: [string, Json][] = [
    ['no protected', { protected: undefined }],
    ['no payload', { payload: undefined }],
    ['no signature', { signature: undefined }],
    ['protected empty', { protected: '' }],
    ['protected no base64', { protected: '!!' }],
    ['protected padded', { protected: `${base64url('{}')}==` }],
    ['protected no JSON', { protected: base64url('x') }],
    ['protected cut', { protected: base64url('{"alg":') }],
    ['protected a list', { protected: base64url('[]') }],
    ['protected null', { protected: base64url('null') }],
    ['protected {}', { protected: base64url('{}') }],
    ['protected a number', { protected: 7 }],
    ['payload a number', { payload: 7 }],
    ['payload no base64', { payload: '!!' }],
    ['payload an object', { payload: {} }],
    ['signature empty', { signature: '' }],
    ['signature no base64', { signature: '!!' }],
    ['signature wrong', { signature: base64url('x'.repeat(64)) }],
    ['signature short', { signature: base64url('x') }],
    ['signature a number', { signature: 7 }],
    ['more fields', { header: { kid: 'x' }, other: 1 }],
    ['null payload', { payload: null }],
  ];
  for (const [label, raw] of raws) await session.post(`body: ${label}`, 'new-account', {}, { key, raw });
  const payloads: [string, string][] = [
    ['empty', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['no JSON', 'x'],
    ['cut', '{"a":'],
    ['two', '{} {}'],
    ['a number', '1'],
  ];
  for (const [label, payload] of payloads) {
    await session.post(`payload: ${label}`, 'new-account', payload, { key: makeKey() });
    await session.post(`payload of an order: ${label}`, 'new-order', payload, account);
  }
  await session.post('order with a jwk', 'new-order', {}, { key });
  await session.post('order with the key of another', 'new-order', {}, { key, kid: account.kid });
  const nonce = await session.client().nonce();
  for (const turn of ['first', 'second']) {
    await session.post(`the same nonce, ${turn}`, 'orders', undefined, { ...account, header: { nonce } });
  }
  for (const directory of ['roles/web/acme/', 'issuer/default/acme/']) {
    session.note(
      `account of another directory at ${directory}`,
      await session.client(directory).post('orders', undefined, account),
    );
  }
  await session.post('PUT', 'new-account', {}, { key: makeKey(), method: 'PUT' });
}

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
