/** Certificates of clients that OpenSSL complains of are for others to judge: the connection goes on. */
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certFolder } from './cert-login.fixture.ts';
import { type CertificatePlan, makeCertificate, pemOf } from './certificate.ts';
import { type HttpListener, listenHttp } from './listener.ts';
import { splitHostPort } from './network.ts';

const plan: CertificatePlan = {
  curve: 'P-256',
  commonName: 'authority',
  hosts: [],
  ca: true,
  notBefore: Date.now() - 60_000,
  notAfter: Date.now() + 600_000,
};
let listener: HttpListener;
const seen: number[] = [];

beforeAll(async () => {
  listener = await listenHttp(
    ({ tls }) => {
      seen.push(tls?.clientCertificates.length ?? 0);
      return Promise.resolve({ status: 204, headers: [], body: new Uint8Array() });
    },
    {
      address: '127.0.0.1:0',
      tls: { certificate: `${certFolder}/server.pem`, key: `${certFolder}/server.key` },
      maxRequestSize: 10,
      failed: (error) => {
        throw error;
      },
    },
  );
});
afterAll(() => listener.close());

function answered(cert: string, key: string): Promise<string> {
  return new Promise((resolve) => {
    const { port } = splitHostPort(listener.address);
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, cert, key });
    // By then the listener has read all that there is so far.
    socket.once('session', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text.split('\r\n')[0]!));
  });
}

test('a signature that is nobody’s', async () => {
  const issuer = makeCertificate(plan);
  const leaf = makeCertificate({ ...plan, commonName: 'leaf', ca: false, issuer });
  const forged = Uint8Array.from(leaf.der);
  forged[forged.length - 1]! ^= 1;
  const chain = pemOf(forged) + pemOf(issuer.der);
  const key = leaf.key.export({ type: 'pkcs8', format: 'pem' });
  const said: string[] = [];
  for (let i = 0; i < 12; i++) said.push(await answered(chain, key));
  expect(new Set(said)).toEqual(new Set(['HTTP/1.1 204 No Content']));
  expect(seen.every((count) => count > 0)).toBe(true);
});
