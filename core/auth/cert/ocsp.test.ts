/** What OCSP servers and publishers of lists may answer, and what a login makes of it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import type { JsonObject } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { type PrivateKey, publicKeyOf } from '../../crypto/keys/key.ts';
import { portableCrypto } from '../../crypto/portable.ts';
import { usualAlgorithm } from '../../crypto/x509/algorithm.ts';
import { certificatePem, parseCertificate } from '../../crypto/x509/certificate.ts';
import { makeCertificate } from '../../crypto/x509/make-certificate.ts';
import { encodeName, EMPTY_SUBJECT, nameOf } from '../../crypto/x509/name.ts';
import { type CertificateStatus, makeOcspResponse, ocspError, parseOcspRequest } from '../../crypto/x509/ocsp.ts';
import { makeRevocationList } from '../../crypto/x509/revocation-list.ts';
import { fakeRuntime, TestMount } from '../../framework/testing.ts';
import { NetworkError, type OutgoingRequest, type OutgoingResponse } from '../../runtime.ts';
import { createCert } from './cert.ts';

const crypto = portableCrypto();
const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const NOW = 1_790_000_000;

const keyOf = (byte: number): PrivateKey => ({ kind: 'ed25519', seed: new Uint8Array(32).fill(byte) });
const named = (commonName: string): Uint8Array => encodeName(nameOf({ ...EMPTY_SUBJECT, commonName }));
const [authorityKey, clientKey, strangerKey] = [keyOf(1), keyOf(2), keyOf(3)];
const signer = (key: PrivateKey) => ({ key, algorithm: usualAlgorithm(publicKeyOf(crypto, key)) });

async function certificate(name: string, key: PrivateKey, serial: number, isCa: boolean) {
  const template = {
    serial: Uint8Array.of(serial),
    rawIssuer: named('authority'),
    rawSubject: named(name),
    notBefore: NOW - 1_000,
    notAfter: NOW + 100_000,
    publicKey: publicKeyOf(crypto, key),
    ...(isCa ? { basicConstraints: { isCa } } : {}),
  };
  return parseCertificate(await makeCertificate(crypto, template, signer(authorityKey), random));
}
const authority = await certificate('authority', authorityKey, 1, true);
const client = await certificate('client', clientKey, 66, false);

let answers: (request: OutgoingRequest) => OutgoingResponse | Error | Promise<OutgoingResponse>;
let asked: string[];
let mount: TestMount;

beforeEach(async () => {
  asked = [];
  const base = fakeRuntime();
  const web = {
    async request(request: OutgoingRequest): Promise<OutgoingResponse> {
      asked.push(`${request.method} ${request.url.replace(/(http:\/\/[^/]*).*/, '$1')}`);
      const answer = await answers(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  // Pauses between attempts take no time here.
  base.clock.sleep = () => Promise.resolve();
  mount = new TestMount(createCert, { runtime: { ...base, web }, mount: { class: 'auth', type: 'cert' } });
  await entry({});
});

const entry = (more: JsonObject): Promise<unknown> =>
  mount.write('certs/o', {
    certificate: certificatePem(authority.bytes),
    ocsp_enabled: true,
    ocsp_servers_override: ['http://a', 'http://b'],
    ...more,
  });

const body = (bytes: Uint8Array, status = 200): OutgoingResponse => ({ status, headers: new Map(), body: bytes });

/** An OCSP server that is sure, and signs with this key. */
const says =
  (status: CertificateStatus, key = authorityKey) =>
  async (request: OutgoingRequest): Promise<OutgoingResponse> => {
    const question = request.body ?? decodeBase64(request.url.replace(/^http:\/\/[^/]*\//, ''));
    const { id } = parseOcspRequest(question);
    const answer = { id, status, producedAt: NOW, thisUpdate: NOW - 10, nextUpdate: NOW + 1_000 };
    return body(await makeOcspResponse(crypto, answer, { rawSubject: named('authority') }, signer(key), random));
  };

async function login(): Promise<string> {
  const request = mount.request('update', 'login', {}, { clientCertificates: [client.bytes] });
  try {
    const response = await mount.backend.handle(request);
    return response?.auth?.metadata['cert_name'] ?? 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

const NO_CHAIN = 'no chain matching all constraints could be found for this login certificate';

describe('a login by an entry that asks OCSP servers', () => {
  test('goes on when the first server says good, and asks no other', async () => {
    answers = says({ kind: 'good' });
    expect(await login()).toBe('o');
    expect(asked).toEqual(['GET http://a']);
  });

  test('fails without a further word when the certificate is revoked', async () => {
    answers = says({ kind: 'revoked', at: NOW - 5, reason: 1 });
    expect(await login()).toBe(NO_CHAIN);
  });

  test('fails when no server knows the certificate, unless that is to be let pass', async () => {
    answers = says({ kind: 'unknown' });
    expect(await login()).toContain('unknown OCSP status for cert with serial number 01');
    expect(asked).toEqual(['GET http://a', 'POST http://a']);
    await entry({ ocsp_fail_open: true });
    expect(await login()).toBe('o');
  });

  test('does not believe an answer that somebody else signed, and asks nobody else then', async () => {
    answers = says({ kind: 'good' }, strangerKey);
    expect(await login()).toContain('error validating GET OCSP response');
    expect(asked).toEqual(['GET http://a', 'GET http://b']);
  });

  test('tries a silent server five times each way, then the next', async () => {
    answers = (request) =>
      request.url.startsWith('http://a')
        ? new NetworkError('refused', 'dial tcp: connect: connection refused')
        : says({ kind: 'good' })(request);
    expect(await login()).toBe('o');
    expect(asked.filter((line) => line === 'GET http://a')).toHaveLength(5);
    expect(asked.filter((line) => line === 'POST http://a')).toHaveLength(5);
    answers = () => body(noBytes, 503);
    expect(await login()).toContain('giving up after 5 attempt(s): unexpected HTTP status 503 Service Unavailable');
  });

  test('lets one revocation outweigh what all others say', async () => {
    await entry({ ocsp_query_all_servers: true });
    const [good, revoked] = [says({ kind: 'good' }), says({ kind: 'revoked', at: NOW - 5, reason: 1 })];
    answers = (request) => (request.url.startsWith('http://a') ? good(request) : revoked(request));
    expect(await login()).toBe(NO_CHAIN);
    answers = (request) => (request.url.startsWith('http://a') ? good(request) : body(ocspError(3)));
    expect(await login()).toBe('o');
    answers = (request) => body(request.url.startsWith('http://a') ? encodeUtf8('x') : ocspError(3));
    expect(await login()).toContain('error parsing GET OCSP response: asn1: syntax error: truncated tag or length');
  });
});

test('a published list is fetched, judged by, and fetched again when its time is over', async () => {
  const list = (serials: readonly number[], nextUpdate: number): Promise<Uint8Array> => {
    const revoked = serials.map((serial) => ({ serial: Uint8Array.of(serial), at: NOW - 5, extensions: [] }));
    const heading = { rawIssuer: named('authority'), authorityKeyId: Uint8Array.of(1), number: 1 };
    const template = { ...heading, thisUpdate: NOW - 10, nextUpdate, revoked };
    return makeRevocationList(crypto, template, signer(authorityKey), random);
  };
  await entry({ ocsp_enabled: false });
  let published = await list([], NOW + 60);
  answers = () => body(published);
  await mount.write('crls/all', { url: 'http://crl/list' });
  expect((await mount.read('crls/all')).data).toEqual({
    cdp: { url: 'http://crl/list', valid_until: '2026-09-21T14:14:20Z' },
  });
  expect(await login()).toBe('o');
  published = await list([66], NOW + 7_200);
  await mount.backend.periodic!();
  expect(await login()).toBe('o');
  mount.clock.advance(61_000_000);
  await mount.backend.periodic!();
  expect(await login()).toBe(NO_CHAIN);
  mount.clock.advance(7_200_000_000);
  answers = () => new NetworkError('refused', 'connection refused');
  await mount.backend.periodic!();
  expect(await login()).toBe(NO_CHAIN);
});
