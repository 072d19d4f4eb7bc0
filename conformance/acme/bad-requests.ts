/** What may be wrong with any signed request. */
import { base64url, makeKey, type Json } from './jws.ts';
import type { Session } from './session.ts';

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
