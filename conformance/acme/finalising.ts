/** Requests for certificates that an order is finalised with, and what is issued. */
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { base64url, keyOf, type Json } from './jws.ts';
import { prove, shownByOpenssl } from './proving.ts';
import type { Session } from './session.ts';

export async function finalising(session: Session): Promise<void> {
  const account = await session.account();
  const { world } = session;
  const key = await world.key('account');
  const order = await prove(session, account, ['a.example.test']);
  await session.post('order that is ready', order.url, undefined, account);
  await session.post('its authorization', (order.answer.json['authorizations'] as string[])[0]!, undefined, account);
  const finalize = `${order.url}/finalize`;
  const raw: [string, Json][] = [
    ['none', {}],
    ['a number', { csr: 1 }],
    ['null', { csr: null }],
    ['empty', { csr: '' }],
    ['no base64', { csr: '!!' }],
    ['nonsense', { csr: base64url('nonsense') }],
  ];
  for (const [label, payload] of raw) await session.post(`request: ${label}`, finalize, payload, account);
  const requests: [string, string, string, string[]][] = [
    ['no name', '/', '', []],
    ['another name', '/CN=b.example.test', 'DNS:b.example.test', []],
    ['another common name', '/CN=b.example.test', 'DNS:a.example.test', []],
    ['one name more', '/CN=a.example.test', 'DNS:a.example.test,DNS:b.example.test', []],
    ['an address more', '/CN=a.example.test', 'DNS:a.example.test,IP:127.0.0.1', []],
    ['an e-mail address', '/CN=a.example.test', 'DNS:a.example.test,email:a@example.test', []],
    ['a URI', '/CN=a.example.test', 'DNS:a.example.test,URI:spiffe://x', []],
    ['another kind of name', '/CN=a.example.test', 'DNS:a.example.test,otherName:1.2.3.4;UTF8:x', []],
    ['an authority', '/CN=a.example.test', 'DNS:a.example.test', ['-addext', 'basicConstraints=CA:TRUE']],
    ['a weak key', '/CN=a.example.test', 'DNS:a.example.test', ['-newkey', 'rsa:1024']],
  ];
  for (const [label, subject, names, more] of requests) {
    const csr = base64url(await world.request(subject, names, more));
    await session.post(`request: ${label}`, finalize, { csr }, account);
  }
  const subject = '/CN=a.example.test/O=Org/OU=Unit/C=DE';
  const good = base64url(await world.request(subject, 'DNS:a.example.test'));
  await session.post('certificate', finalize, { csr: good }, account);
  await session.post('certificate again', finalize, { csr: good }, account);
  await session.post('its order', order.url, undefined, account);
  const certificate = await session.post('certificate downloaded', `${order.url}/cert`, undefined, account);
  await shownByOpenssl(session, 'the certificate', certificate.text);
  for (const [label, values, csr] of [
    ['by common name only', ['a.example.test'], await world.request('/CN=a.example.test', '')],
    ['by names only', ['a.example.test'], await world.request('/', 'DNS:a.example.test')],
    ['upper case', ['a.example.test'], await world.request('/CN=A.Example.Test', 'DNS:A.EXAMPLE.TEST')],
    [
      'names in another order',
      ['b.example.test', 'a.example.test'],
      await world.request('/', 'DNS:a.example.test,DNS:b.example.test'),
    ],
    ['an address', ['127.0.0.77'], await world.request('/', 'IP:127.0.0.77')],
    ['an address as common name', ['127.0.0.77'], await world.request('/CN=127.0.0.77', '')],
    [
      'a name and an address',
      ['a.example.test', '127.0.0.77'],
      await world.request('/CN=a.example.test', 'DNS:a.example.test,IP:127.0.0.77'),
    ],
    [
      'only one of two',
      ['a.example.test', 'b.example.test'],
      await world.request('/CN=a.example.test', 'DNS:a.example.test'),
    ],
    [
      'no authority, said',
      ['a.example.test'],
      await world.request('/CN=a.example.test', 'DNS:a.example.test', ['-addext', 'basicConstraints=CA:FALSE']),
    ],
    [
      'usages of its own',
      ['a.example.test'],
      await world.request('/CN=a.example.test', 'DNS:a.example.test', [
        '-addext',
        'extendedKeyUsage=clientAuth',
        '-addext',
        'keyUsage=critical,keyCertSign',
      ]),
    ],
  ] as const) {
    const ready = await prove(session, account, values);
    const done = await session.post(`certificate ${label}`, `${ready.url}/finalize`, { csr: base64url(csr) }, account);
    if (done.status !== 200) continue;
    const issued = await session.client().post(`${ready.url}/cert`, undefined, account);
    await shownByOpenssl(session, `certificate ${label}`, issued.text);
  }
  const own = keyOf('ES256', createPrivateKey(await readFile(key)));
  const bound = await session.account('acme/', own);
  const ready = await prove(session, bound, ['a.example.test']);
  const csr = base64url(await world.request('/CN=a.example.test', 'DNS:a.example.test', ['-key', key]));
  await session.post("the account's own key", `${ready.url}/finalize`, { csr }, bound);
}
