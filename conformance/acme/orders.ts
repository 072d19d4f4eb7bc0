/** Orders, good and bad, with what belongs to them. */
import { base64url, type Json } from './jws.ts';
import type { Session } from './session.ts';

/** Go's time before any. */
const NO_TIME = '0001-01-01T00:00:00Z';

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
    // As smallstep's client sends what it has not been told.
    ['no times', { identifiers: [dns('a.example.test')], notBefore: NO_TIME, notAfter: NO_TIME }],
    ['notAfter none', { identifiers: [dns('a.example.test')], notAfter: NO_TIME }],
    ['notAfter none elsewhere', { identifiers: [dns('a.example.test')], notAfter: '0001-01-01T01:00:00.0+01:00' }],
    ['notAfter none and notBefore', { identifiers: [dns('a.example.test')], notBefore: 'x', notAfter: NO_TIME }],
    ['no names and no times', { identifiers: [dns('A.test')], notBefore: NO_TIME }],
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
