/** Who may revoke what, and for which reasons. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { base64url, keyOf, makeKey, type Json } from './jws.ts';
import { prove } from './proving.ts';
import type { Account, Session } from './session.ts';

const derOf = (pem: string): string => base64url(new X509Certificate(pem).raw);

interface Issued {
  readonly der: string;
  readonly pem: string;
  readonly serial: string;
  /** Path of its key. */
  readonly key: string;
}

export async function revoking(session: Session): Promise<void> {
  const account = await session.account();
  const { world } = session;
  const issue = async (): Promise<Issued> => {
    const ready = await prove(session, account, ['a.example.test']);
    const key = await world.key('leaf');
    const csr = base64url(await world.request('/CN=a.example.test', 'DNS:a.example.test', ['-key', key]));
    await session.client().post(`${ready.url}/finalize`, { csr }, account);
    const { text: pem } = await session.client().post(`${ready.url}/cert`, undefined, account);
    const { serialNumber } = new X509Certificate(pem);
    return {
      der: derOf(pem),
      pem,
      key,
      serial: serialNumber.toLowerCase().match(/../g)!.join(':'),
    };
  };
  const first = await issue();
  const { certificate } = await session.set('GET', 'pki/cert/ca');
  const other = await session.account();
  const bad: [string, Json | undefined, Account?][] = [
    ['nothing', undefined],
    ['no certificate', {}],
    ['certificate a number', { certificate: 1 }],
    ['certificate null', { certificate: null }],
    ['certificate no base64', { certificate: '!!' }],
    ['certificate nonsense', { certificate: base64url('nonsense') }],
    ['certificate PEM', { certificate: base64url(first.pem) }],
    ['reason a text', { certificate: first.der, reason: 'x' }],
    ['reason null', { certificate: first.der, reason: null }],
    ['reason negative', { certificate: first.der, reason: -1 }],
    ['reason 7', { certificate: first.der, reason: 7 }],
    ['reason 11', { certificate: first.der, reason: 11 }],
    ['reason a fraction', { certificate: first.der, reason: 0.5 }],
    ["another's", { certificate: first.der }, other],
    ['reason 6', { certificate: first.der, reason: 6 }],
    ['reason 8', { certificate: first.der, reason: 8 }],
    ['reason 9', { certificate: first.der, reason: 9 }],
    ['reason 10', { certificate: first.der, reason: 10 }],
    ['reason 2', { certificate: first.der, reason: 2 }],
    ['of the authority', { certificate: derOf(certificate as string) }],
    ['of nobody here', { certificate: derOf((await world.selfSigned([])).certificate) }],
  ];
  for (const [label, payload, by = account] of bad) {
    await session.post(`revoke: ${label}`, 'revoke-cert', payload, by);
  }
  for (const reason of [undefined, 0, 1, 3, 4, 5]) {
    const { der, serial } = await issue();
    const payload = { certificate: der, ...(reason === undefined ? {} : { reason }) };
    await session.post(`revoke for ${reason ?? 'no reason'}`, 'revoke-cert', payload, account);
    await session.post(`revoke for ${reason ?? 'no reason'}, again`, 'revoke-cert', payload, account);
    const { revocation_time: time } = await session.set('GET', `pki/cert/${serial}`);
    session.told.push(`revoked: ${(time as number) > 0}`);
  }
  const kept = await issue();
  const key = keyOf('ES256', createPrivateKey(await readFile(kept.key)));
  await session.post('revoke by a strange key', 'revoke-cert', { certificate: kept.der }, { key: makeKey() });
  await session.post(
    "revoke by the certificate's key, its reason",
    'revoke-cert',
    { certificate: kept.der, reason: 1 },
    { key },
  );
  await session.post("revoke by the certificate's key", 'revoke-cert', { certificate: kept.der }, { key });
  await session.post("revoke by the certificate's key, again", 'revoke-cert', { certificate: kept.der }, { key });
}
