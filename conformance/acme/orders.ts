/** Orders, finalising, certificates, revocation, and whom directories are for. */
import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { base64url, keyOf, makeKey, type Json } from './client.ts';
import type { Account, Session } from './session.ts';

const dns = (value: unknown): Json => ({ type: 'dns', value });

export async function orders(session: Session): Promise<void> {
  const account = await session.account();
  const bad: [string, Json][] = [
    ['no identifiers', {}],
    ['identifiers a text', { identifiers: 'x' }],
    ['identifiers null', { identifiers: null }],
    ['identifiers empty', { identifiers: [] }],
    ['identifier a text', { identifiers: ['x'] }],
    ['identifier empty', { identifiers: [{}] }],
    ['no value', { identifiers: [{ type: 'dns' }] }],
    ['no type', { identifiers: [{ value: 'a.example.test' }] }],
    ['type a number', { identifiers: [{ type: 1, value: 'a' }] }],
    ['value a number', { identifiers: [dns(1)] }],
    ['value empty', { identifiers: [dns('')] }],
    ['type unknown', { identifiers: [{ type: 'email', value: 'a@example.test' }] }],
    ['an address as dns', { identifiers: [dns('127.0.0.1')] }],
    ['a name as ip', { identifiers: [{ type: 'ip', value: 'a.example.test' }] }],
    ['ip', { identifiers: [{ type: 'ip', value: '127.0.0.77' }] }],
    ['ip v6', { identifiers: [{ type: 'ip', value: '::1' }] }],
    ['ip v6, long', { identifiers: [{ type: 'ip', value: '0:0:0:0:0:0:0:1' }] }],
    ['upper case', { identifiers: [dns('A.Example.Test')] }],
    ['unicode', { identifiers: [dns('bücher.example')] }],
    ['punycode', { identifiers: [dns('xn--bcher-kva.example')] }],
    ['underscore', { identifiers: [dns('a_b.example.test')] }],
    ['space', { identifiers: [dns('a b')] }],
    ['dot at the end', { identifiers: [dns('a.example.test.')] }],
    ['two dots', { identifiers: [dns('a..test')] }],
    ['long label', { identifiers: [dns(`${'a'.repeat(64)}.test`)] }],
    ['hyphen first', { identifiers: [dns('-a.test')] }],
    ['a label', { identifiers: [dns('host')] }],
    ['wildcard', { identifiers: [dns('*.example.test')] }],
    ['bare wildcard', { identifiers: [dns('*')] }],
    ['wildcard in front', { identifiers: [dns('*a.example.test')] }],
    ['wildcard inside', { identifiers: [dns('a.*.example.test')] }],
    ['two wildcards', { identifiers: [dns('*.*.example.test')] }],
    ['wildcard of unicode', { identifiers: [dns('*.bücher.example')] }],
    ['wildcard of an address', { identifiers: [dns('*.127.0.0.1')] }],
    ['twice the same', { identifiers: [dns('a.example.test'), dns('a.example.test')] }],
    ['two', { identifiers: [dns('b.example.test'), dns('a.example.test'), { type: 'ip', value: '127.0.0.77' }] }],
    ['notBefore', { identifiers: [dns('a.example.test')], notBefore: '2030-01-01T00:00:00Z' }],
    ['notAfter', { identifiers: [dns('a.example.test')], notAfter: '2030-01-01T00:00:00Z' }],
    ['notAfter nonsense', { identifiers: [dns('a.example.test')], notAfter: 'x' }],
    ['notAfter null', { identifiers: [dns('a.example.test')], notAfter: null }],
    ['notAfter past', { identifiers: [dns('a.example.test')], notAfter: '2001-01-01T00:00:00Z' }],
    ['notBefore empty', { identifiers: [dns('a.example.test')], notBefore: '' }],
    ['unknown field', { identifiers: [dns('a.example.test')], replaces: 'x', profile: 'y' }],
  ];
  for (const [label, payload] of bad) {
    const made = await session.post(`order: ${label}`, 'new-order', payload, account);
    if (made.status !== 201) continue;
    for (const url of (made.json['authorizations'] ?? []) as string[]) {
      await session.post(`order: ${label}: authorization`, url, undefined, account);
    }
  }
  const order = await session.order(account, ['a.example.test']);
  await session.post('order shown', order.url, undefined, account);
  await session.post('order shown by {}', order.url, {}, account);
  await session.post('certificate too soon', `${order.url}/cert`, undefined, account);
  await session.post('finalize too soon', `${order.url}/finalize`, {}, account);
  await session.post('finalize too soon with a request', `${order.url}/finalize`, { csr: base64url('x') }, account);
  const nobody = '7f4ae8a5-6f2b-4b1c-9a55-0b3e1f9d0a11';
  for (const path of [
    `order/${nobody}`,
    `order/${nobody}/finalize`,
    `order/${nobody}/cert`,
    `authorization/${nobody}`,
    `challenge/${nobody}/http-01`,
    'order/x',
    'authorization/x',
    'challenge/x/http-01',
    'authorization/',
    'challenge/x',
  ]) {
    await session.post(`unknown ${path.replace(nobody, 'id')}`, path, {}, account);
  }
  const other = await session.account();
  await session.post("another's order", order.url, undefined, other);
  const [authorization] = order.authorizations;
  const url = (order.answer.json['authorizations'] as string[])[0]!;
  await session.post("another's authorization", url, undefined, other);
  session.note('authorization', authorization!);
  const challenge = session.challenge(account, authorization!, 'http-01');
  await session.post('challenge shown', challenge.url, undefined, account);
  await session.post('challenge with fields', challenge.url, { a: 1 }, account);
  await session.post('challenge with a list', challenge.url, '[]', account);
  await session.post('challenge unknown', challenge.url.replace('http-01', 'nonsense'), {}, account);
  await session.post("another's challenge", challenge.url, {}, other);
  for (const payload of [{ status: 1 }, { status: 'valid' }, { nonsense: 1 }, { status: null }]) {
    await session.post(`authorization with ${JSON.stringify(payload)}`, url, payload, account);
  }
  await session.post('authorization given up', url, { status: 'deactivated' }, account);
  await session.post('authorization given up again', url, { status: 'deactivated' }, account);
  await session.post('authorization after that', url, undefined, account);
  await session.post('order after that', order.url, undefined, account);
  await session.post('challenge after that', challenge.url, {}, account);
  await session.post('finalize after that', `${order.url}/finalize`, {}, account);
  const list = await session.client().post('orders', undefined, account);
  session.told.push(`orders: ${list.status}, ${(list.json['orders'] as string[]).length} of them`);
}

/** Proves all of an order over HTTP. */
export async function prove(session: Session, account: Account, values: readonly string[], directory = 'acme/') {
  const order = await session.order(account, values, directory);
  const proofs = new Map<string, string>();
  session.world.web = (request, response) => {
    response.end(proofs.get(request.url!.split('/').at(-1)!) ?? 'none');
  };
  for (const authorization of order.authorizations) {
    const challenge = session.challenge(account, authorization, 'http-01');
    proofs.set(challenge.token, challenge.proof);
    await session.client(directory).post(challenge.url, {}, account);
    await session.tried(challenge.url, account);
  }
  return order;
}

export async function finalising(session: Session): Promise<void> {
  const account = await session.account();
  const { world } = session;
  const key = join(world.folder, 'account.key');
  await promisify(execFile)('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
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
    ['more of a subject', '/CN=a.example.test/O=Org/OU=Unit/C=DE', 'DNS:a.example.test', []],
  ];
  for (const [label, subject, names, more] of requests.slice(0, -1)) {
    const csr = base64url(await world.request(subject, names, more));
    await session.post(`request: ${label}`, finalize, { csr }, account);
  }
  const [, subject, names] = requests.at(-1)!;
  const good = base64url(await world.request(subject, names));
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

/** What is in it, in OpenSSL's words, without what is random. */
async function shownByOpenssl(session: Session, label: string, pem: string): Promise<void> {
  const file = join(session.world.folder, 'issued.pem');
  await writeFile(file, pem);
  const { stdout } = await promisify(execFile)('openssl', [
    'x509',
    '-in',
    file,
    '-noout',
    '-subject',
    '-issuer',
    '-ext',
    'subjectAltName,keyUsage,extendedKeyUsage,basicConstraints,authorityInfoAccess,crlDistributionPoints',
  ]);
  const { validFrom, validTo } = new X509Certificate(pem);
  const hours = Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 3_600_000);
  session.told.push(`${label}: ${hours} hours\n${stdout}`);
}

export async function revoking(session: Session): Promise<void> {
  const account = await session.account();
  const { world } = session;
  const leafKey = join(world.folder, 'leaf.key');
  const issue = async (): Promise<{ der: string; pem: string; serial: string }> => {
    const ready = await prove(session, account, ['a.example.test']);
    await promisify(execFile)('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', leafKey]);
    const csr = base64url(await world.request('/CN=a.example.test', 'DNS:a.example.test', ['-key', leafKey]));
    await session.client().post(`${ready.url}/finalize`, { csr }, account);
    const { text: pem } = await session.client().post(`${ready.url}/cert`, undefined, account);
    const certificate = new X509Certificate(pem);
    return {
      der: base64url(certificate.raw),
      pem,
      serial: certificate.serialNumber.toLowerCase().match(/../g)!.join(':'),
    };
  };
  const first = await issue();
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
  ];
  const { certificate } = await session.set('GET', 'pki/cert/ca');
  for (const [label, payload, by = account] of [
    ...bad,
    [
      'of the authority',
      { certificate: base64url(new X509Certificate(certificate as string).raw) },
    ] as (typeof bad)[number],
    [
      'of nobody here',
      { certificate: base64url(new X509Certificate((await world.selfSigned([])).certificate).raw) },
    ] as (typeof bad)[number],
  ]) {
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
  const key = keyOf('ES256', createPrivateKey(await readFile(leafKey)));
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

/** Roles, issuers and the policy of the directory without either. */
export async function policies(session: Session): Promise<void> {
  const look = async (label: string, settings: Json): Promise<void> => {
    session.note(
      `${label}: set`,
      await session.bao('POST', 'pki/config/acme', settings).then((answer) => ({
        ...answer,
        text: answer.text.replace(/127\.0\.0\.1:\d+/, '<dns>'),
      })),
    );
    for (const directory of [
      'acme/',
      'roles/web/acme/',
      'roles/other/acme/',
      'issuer/default/acme/',
      'issuer/second/acme/',
      'issuer/second/roles/web/acme/',
    ]) {
      session.note(
        `${label}: ${directory}`,
        await session.client().ask('GET', `${session.mount}/${directory}directory`),
      );
    }
  };
  await look('forbid', { default_directory_policy: 'forbid' });
  await look('a role', { default_directory_policy: 'role:web' });
  const account = await session.account();
  for (const value of ['a.example.test', 'a.elsewhere.test', '*.example.test', '*.elsewhere.test', 'example.test']) {
    await session.post(`role: order ${value}`, 'new-order', { identifiers: [dns(value)] }, account);
  }
  await session.post('role: order ip', 'new-order', { identifiers: [{ type: 'ip', value: '127.0.0.77' }] }, account);
  const ready = await prove(session, account, ['a.example.test']);
  const csr = base64url(await session.world.request('/CN=a.example.test', 'DNS:a.example.test'));
  await session.post('role: certificate', `${ready.url}/finalize`, { csr }, account);
  await shownByOpenssl(session, 'role', (await session.client().post(`${ready.url}/cert`, undefined, account)).text);
  await session.set('POST', 'pki/config/acme', { allow_role_ext_key_usage: true });
  const again = await prove(session, account, ['a.example.test']);
  await session.post('role with its usages: certificate', `${again.url}/finalize`, { csr }, account);
  await shownByOpenssl(
    session,
    'role with its usages',
    (await session.client().post(`${again.url}/cert`, undefined, account)).text,
  );
  const strict = await session.account('roles/strict/acme/');
  const refused = await prove(session, strict, ['a.example.test'], 'roles/strict/acme/');
  await session.post('a key that the role forbids', `${refused.url}/finalize`, { csr }, strict);
  await session.set('POST', 'pki/config/acme', { allow_role_ext_key_usage: false });
  await look('no such role', { default_directory_policy: 'role:none' });
  await look('an empty role', { default_directory_policy: 'role:' });
  await look('nonsense', { default_directory_policy: 'nonsense' });
  await look('roles', { allowed_roles: ['web'], default_directory_policy: 'sign-verbatim' });
  await look('roles without the default', { allowed_roles: ['other'], default_directory_policy: 'role:web' });
  await look('any role', { allowed_roles: ['*'] });
  await look('issuers', { allowed_issuers: ['second'] });
  await look('issuers by name', { allowed_issuers: ['default'] });
  await look('issuers of nobody', { allowed_issuers: ['none'] });
  await look('any issuer', { allowed_issuers: ['*'] });
  await look('binding', { eab_policy: 'nonsense' });
  for (const resolver of [
    'x',
    '127.0.0.1',
    'localhost:53',
    '127.0.0.1:53:1',
    '[::1]:53',
    ':53',
    '127.0.0.1:',
    '127.0.0.1:x',
  ]) {
    session.note(`resolver ${resolver}`, await session.bao('POST', 'pki/config/acme', { dns_resolver: resolver }));
  }
  await session.set('POST', 'pki/config/acme', { dns_resolver: `127.0.0.1:${session.world.dns.port}` });
  await look('off', { enabled: false });
  session.note('order when it is off', await session.client().post('new-order', {}, account));
}
