import { expect, test } from 'vitest';
import { decodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpHandler, HttpRequest } from '../core/http/message.ts';
import { makeCertificate } from './certificate.ts';
import { withForwarded } from './forwarded.ts';

const DAY = 86_400_000;
const { der } = makeCertificate({
  curve: 'P-256',
  commonName: 'client',
  hosts: [],
  ca: false,
  notBefore: Date.now() - DAY,
  notAfter: Date.now() + DAY,
});
const base64 = Buffer.from(der).toString('base64');
const pem = `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;

const usual = { authorized: ['127.0.0.1'], hopSkips: 0, rejectNotPresent: false, rejectNotAuthorized: false };
const cert = { header: 'X-Cert', decoders: [], keepNotForwarded: false, keepUnauthorized: false } as const;

/** 'certificate', 'none', or what is wrong. */
async function seen(
  headers: Readonly<Record<string, string>>,
  settings: Partial<Parameters<typeof withForwarded>[1]> = {},
): Promise<string> {
  let found = 'none';
  const inner: HttpHandler = ({ tls }) => {
    if (Buffer.from(tls?.clientCertificates[0] ?? []).equals(der)) found = 'certificate';
    return Promise.resolve({ status: 204, headers: [], body: new Uint8Array() });
  };
  const request = {
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    remote: { address: '127.0.0.1', port: 1 },
  } as unknown as HttpRequest;
  const response = await withForwarded(inner, { ...usual, clientCert: cert, ...settings })(request);
  return response?.status === 204 ? found : decodeUtf8(response!.body).trim();
}

const proxied = { 'x-forwarded-for': '1.1.1.1' };
const wrong = (text: string): string => `{"errors":["${text}"]}`;

test.each([
  [[], base64, 'certificate'],
  [[], 'enp6', wrong('error decoding client certificate header as x509.Certificate')],
  [[], '!', wrong('error decoding client certificate header as base64')],
  [[], '', 'none'],
  [['URL'], encodeURIComponent(base64), 'certificate'],
  [['URL'], '%zz', wrong('error url decoding client certificate header')],
  [['URL', 'PEM'], encodeURIComponent(pem), 'certificate'],
  [['URL', 'PEM'], base64, wrong('failed to decode PEM certificate')],
  [['RFC9440'], `:${base64}:`, 'certificate'],
  [['RFC9440'], base64, wrong('error decoding RFC9440 client certificate header')],
] as const)('decoders %j', async (decoders, value, wanted) => {
  expect(await seen({ ...proxied, 'x-cert': value }, { clientCert: { ...cert, decoders } })).toBe(wanted);
});

test('only who is believed names a certificate, unless the listener says otherwise', async () => {
  const named = { 'x-cert': base64 };
  expect(await seen(named)).toBe('none');
  expect(await seen(named, { clientCert: { ...cert, keepNotForwarded: true } })).toBe('certificate');
  const strangers = { authorized: ['10.0.0.1'] };
  expect(await seen({ ...proxied, ...named }, strangers)).toBe('none');
  const kept = { ...strangers, clientCert: { ...cert, keepUnauthorized: true } };
  expect(await seen({ ...proxied, ...named }, kept)).toBe('certificate');
  expect(await seen(named, { authorized: [] })).toBe('certificate');
});
