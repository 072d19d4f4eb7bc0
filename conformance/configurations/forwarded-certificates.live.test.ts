/** Certificates of clients that a proxy hands on in a header, ours and the real server's side by side. */
import { expect, test } from 'vitest';
import { throwAwayCertificate } from '../fixtures/certificate.ts';
import { plainServer, same } from './beside.ts';

const WAIT = 120_000;

/** One for both servers: read as a URL once too often its pluses are spaces, and what is left is base64 or not. */
function certificateWith(pluses: (count: number) => boolean): string {
  for (;;) {
    const { pem } = throwAwayCertificate('client');
    if (pluses(pem.split('+').length - 1)) return pem;
  }
}

const forms = (pem: string): Record<string, string> => {
  const base64 = pem.split('\n').slice(1, -2).join('');
  return {
    base64,
    'base64 as URL': encodeURIComponent(base64),
    'PEM as URL': encodeURIComponent(pem),
    'PEM twice as URL': encodeURIComponent(encodeURIComponent(pem)),
    'two PEM as URL': encodeURIComponent(pem + pem),
    'RFC 9440': `:${base64}:`,
    'RFC 9440 as URL': encodeURIComponent(`:${base64}:`),
    'half of RFC 9440': `:${base64}`,
    'no certificate': 'enp6',
    'no escape': '%zz',
    'nothing known': '!!!',
    empty: '',
  };
};

const HEADER = 'x_forwarded_for_client_cert_header = "X-Client-Cert"';
const BELIEVED = 'x_forwarded_for_authorized_addrs = "127.0.0.1"';
const SETTINGS = [
  HEADER,
  `${HEADER}\n${BELIEVED}`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL", "PEM"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL", "URL", "PEM"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["RFC9440"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_decoders = ["URL", "RFC9440"]`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_client_cert_keep_not_forwarded = true`,
  `${HEADER}\nx_forwarded_for_authorized_addrs = "10.0.0.1"`,
  `${HEADER}\nx_forwarded_for_authorized_addrs = "10.0.0.1"\nx_forwarded_for_client_cert_keep_unauthorized = true`,
  `${HEADER}\n${BELIEVED}\nx_forwarded_for_reject_not_present = true`,
];
const DECODABLE = (count: number): boolean => count % 4 === 0;
const UNDECODABLE = (count: number): boolean => count % 4 !== 0;
test.each(SETTINGS.flatMap((listener) => [[listener, DECODABLE] as const, [listener, UNDECODABLE] as const]))(
  'clients known by the certificate that a proxy names: %s',
  async (listener, pluses) => {
    const pem = certificateWith(pluses);
    const seen = await same(async (server) => {
      await server.configure(plainServer(listener));
      await server.start();
      const headers = { 'X-Forwarded-For': '1.1.1.1' };
      await server.initialise(headers);
      await server.call('PUT', 'sys/auth/cert', { body: { type: 'cert' }, headers });
      await server.call('PUT', 'auth/cert/certs/a', { body: { certificate: pem }, headers });
      const rows: [string, boolean, number, string][] = [];
      for (const [form, value] of Object.entries(forms(pem))) {
        for (const proxied of [true, false]) {
          const { status, text } = await server.call('PUT', 'auth/cert/login', {
            body: {},
            headers: { 'X-Client-Cert': value, ...(proxied ? headers : {}) },
            token: '',
          });
          rows.push([form, proxied, status, status < 300 ? '' : text]);
        }
      }
      return rows;
    });
    expect(seen.length).toBe(24);
  },
  WAIT,
);
