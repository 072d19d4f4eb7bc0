/** Challenges of the three types: how they are met, and every way in which they are not. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Records } from './dns-server.ts';
import type { Account, Session } from './session.ts';
import type { AcmeWorld, Shown } from './world.ts';

interface Given {
  readonly token: string;
  readonly proof: string;
  readonly name: string;
}

const sha256 = (text: string, form: 'base64url' | 'hex'): string => createHash('sha256').update(text).digest(form);

/** Says that the challenge can be checked, and tells how it went. */
async function attempt(
  session: Session,
  label: string,
  account: Account,
  { name, type }: { name: string; type: string },
  prepare: (given: Given) => Promise<void> | void,
): Promise<void> {
  const order = await session.order(account, [name]);
  const challenge = session.challenge(account, order.authorizations[0]!, type);
  await prepare({ ...challenge, name: name.replace('*.', '') });
  await session.post(`${label}: begun`, challenge.url, {}, account);
  session.note(label, await session.tried(challenge.url, account));
  await session.post(`${label}: order`, order.url, undefined, account);
}

type Web = (given: Given, request: IncomingMessage, response: ServerResponse) => void;

export async function http(session: Session): Promise<void> {
  const account = await session.account();
  const { world } = session;
  const ways: [string, Web][] = [
    ['good', ({ proof }, _, response) => response.end(proof)],
    ['white space', ({ proof }, _, response) => response.end(` ${proof}\r\n`)],
    ['another status', ({ proof }, _, response) => response.writeHead(404).end(proof)],
    ['empty', (_, __, response) => response.end('')],
    ['short', (_, __, response) => response.end('a.b')],
    ['another token', ({ proof }, _, response) => response.end(`~${proof.slice(1)}`)],
    ['no dot', ({ proof }, _, response) => response.end(proof.replace('.', '-'))],
    ['two dots', ({ proof }, _, response) => response.end(`${proof}.x`)],
    ['long', (_, __, response) => response.end('x'.repeat(600))],
    ['cut', (_, __, response) => response.destroy()],
    [
      'a redirect',
      ({ proof }, { url }, response) =>
        url === '/there' ? response.end(proof) : response.writeHead(302, { Location: '/there' }).end(),
    ],
    ['a redirect for ever', (_, __, response) => response.writeHead(302, { Location: '/there' }).end()],
    ['a redirect to nowhere', (_, __, response) => response.writeHead(302, { Location: 'http://127.0.0.77:1/' }).end()],
    ['a redirect without a place', (_, __, response) => response.writeHead(302).end()],
    [
      'a redirect to a name',
      ({ proof }, { url }, response) =>
        url === '/there'
          ? response.end(proof)
          : response.writeHead(302, { Location: 'http://other.example.test/there' }).end(),
    ],
  ];
  for (const [label, way] of ways) {
    await attempt(session, `http-01: ${label}`, account, { name: 'a.example.test', type: 'http-01' }, (given) => {
      world.web = (request, response) => way(given, request, response);
    });
  }
  world.web = (_, response) => void response.end('x');
  for (const refusal of ['nxdomain', 'servfail', 'refused', []] as Records[]) {
    const label = typeof refusal === 'string' ? refusal : 'no address';
    world.dns.unreachable.set('gone.example.test', refusal);
    await attempt(
      session,
      `http-01: ${label}`,
      account,
      { name: 'gone.example.test', type: 'http-01' },
      () => undefined,
    );
  }
  await attempt(session, 'http-01: an address', account, { name: '127.0.0.77', type: 'http-01' }, ({ proof }) => {
    world.web = (_, response) => void response.end(proof);
  });
  await attempt(session, 'http-01: nobody there', account, { name: '127.0.0.78', type: 'http-01' }, () => undefined);
}

export async function dns(session: Session): Promise<void> {
  const account = await session.account();
  const { texts } = session.world.dns;
  const ways: [string, (proof: string) => Records][] = [
    ['good', (proof) => [proof]],
    ['among others', (proof) => ['x', proof, 'y'.repeat(300)]],
    ['another', () => ['x']],
    ['two others', () => ['x', 'y']],
    ['none', () => []],
    ['no such name', () => 'nxdomain'],
    ['server fails', () => 'servfail'],
    ['server refuses', () => 'refused'],
  ];
  for (const [label, records] of ways) {
    for (const name of ['a.example.test', '*.example.test']) {
      await attempt(session, `dns-01: ${label}: ${name}`, account, { name, type: 'dns-01' }, (given) => {
        texts.set(`_acme-challenge.${given.name}`, records(sha256(given.proof, 'base64url')));
      });
    }
  }
  await attempt(session, 'dns-01: the proof itself', account, { name: 'a.example.test', type: 'dns-01' }, (given) => {
    texts.set('_acme-challenge.a.example.test', [given.proof]);
  });
}

type Tls = (given: Given, world: AcmeWorld, hash: string) => Promise<Shown | undefined>;

const identifier = (hash: string, critical = 'critical,'): string => `1.3.6.1.5.5.7.1.31=${critical}DER:0420${hash}`;

export async function tls(session: Session): Promise<void> {
  const account = await session.account();
  const { world } = session;
  const ways: [string, Tls][] = [
    ['good', ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash)])],
    ['upper case', ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name.toUpperCase()}`, identifier(hash)])],
    ['nobody there', () => Promise.resolve(undefined)],
    [
      'another protocol',
      async ({ name }, w, hash) => ({
        ...(await w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash)])),
        protocols: ['http/1.1'],
      }),
    ],
    [
      'no protocol',
      async ({ name }, w, hash) => ({
        ...(await w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash)])),
        protocols: [],
      }),
    ],
    ['no names', (_, w, hash) => w.selfSigned([identifier(hash)])],
    ['another name', (_, w, hash) => w.selfSigned(['subjectAltName=DNS:x.example.test', identifier(hash)])],
    ['two names', ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name},DNS:x.test`, identifier(hash)])],
    [
      'an address besides',
      ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name},IP:127.0.0.1`, identifier(hash)]),
    ],
    [
      'an e-mail address besides',
      ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name},email:a@b.test`, identifier(hash)]),
    ],
    ['no identifier', ({ name }, w) => w.selfSigned([`subjectAltName=DNS:${name}`])],
    [
      'identifier not critical',
      ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash, '')]),
    ],
    ['another identifier', ({ name }, w) => w.selfSigned([`subjectAltName=DNS:${name}`, identifier('00'.repeat(32))])],
    [
      'identifier too short',
      ({ name }, w) => w.selfSigned([`subjectAltName=DNS:${name}`, '1.3.6.1.5.5.7.1.31=critical,DER:0402aabb']),
    ],
    [
      'identifier no bytes',
      ({ name }, w) => w.selfSigned([`subjectAltName=DNS:${name}`, '1.3.6.1.5.5.7.1.31=critical,DER:020101']),
    ],
    [
      'identifier with more behind',
      ({ name }, w, hash) =>
        w.selfSigned([`subjectAltName=DNS:${name}`, `1.3.6.1.5.5.7.1.31=critical,DER:0420${hash}0000`]),
    ],
    [
      'identifier broken',
      ({ name }, w) => w.selfSigned([`subjectAltName=DNS:${name}`, '1.3.6.1.5.5.7.1.31=critical,DER:0420aa']),
    ],
    [
      'something else critical',
      ({ name }, w, hash) =>
        w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash), '1.2.3.4=critical,DER:0500']),
    ],
    ['RSA', ({ name }, w, hash) => w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash)], ['rsa:2048'])],
    [
      'signed by another',
      ({ name }, w, hash) => w.signedByAnother(`subjectAltName=DNS:${name}\n${identifier(hash)}`, '/CN=other'),
    ],
    [
      'signed by another of the same name',
      ({ name }, w, hash) => w.signedByAnother(`subjectAltName=DNS:${name}\n${identifier(hash)}`, '/CN=acme'),
    ],
    [
      'two certificates',
      async ({ name }, w, hash) => {
        const shown = await w.selfSigned([`subjectAltName=DNS:${name}`, identifier(hash)]);
        return { ...shown, certificate: shown.certificate + shown.certificate };
      },
    ],
  ];
  for (const [label, way] of ways) {
    await attempt(
      session,
      `tls-alpn-01: ${label}`,
      account,
      { name: 'a.example.test', type: 'tls-alpn-01' },
      async (given) => {
        await world.show(await way(given, world, sha256(given.proof, 'hex')));
      },
    );
  }
  world.dns.unreachable.set('gone.example.test', 'nxdomain');
  await attempt(
    session,
    'tls-alpn-01: nxdomain',
    account,
    { name: 'gone.example.test', type: 'tls-alpn-01' },
    () => undefined,
  );
  await world.show(undefined);
}
