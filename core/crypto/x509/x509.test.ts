import { readFileSync } from 'node:fs';
import { fc, it as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../host/crypto.ts';
import { concatBytes } from '../../codec/bytes.ts';
import { der } from '../../codec/der.ts';
import { decodePems, type PemBlock } from '../../codec/pem.ts';
import type { Crypto } from '../crypto.ts';
import { drbg } from '../drbg.ts';
import type { PrivateKey } from '../keys/key.ts';
import { publicKeyOf } from '../keys/key.ts';
import { portableCrypto } from '../portable.ts';
import {
  algorithmText,
  encodeAlgorithm,
  parseAlgorithm,
  usualAlgorithm,
  type SignatureAlgorithm,
} from './algorithm.ts';
import { certificatePem, isSignedBy, parseCertificate, parseCertificatePem, type Certificate } from './certificate.ts';
import { buildChains } from './chain.ts';
import { isMalformed, unlessMalformed } from './error.ts';
import { encodeKeyUsage, NO_SUBTREES, parseKeyUsage } from './extension.ts';
import { encodeAlternativeNames, ipBytes, ipText, NO_NAMES, parseAlternativeNames } from './general-name.ts';
import { subjectKeyId } from './key-id.ts';
import { makeCertificate, othersExtension, type CertificateTemplate } from './make-certificate.ts';
import { EMPTY_SUBJECT, encodeName, nameOf, nameText, parseWholeName, subjectOf } from './name.ts';
import {
  certificateId,
  encodeOcspRequest,
  isIssuerOf,
  makeOcspResponse,
  ocspError,
  parseOcspRequest,
  parseOcspResponse,
} from './ocsp.ts';
import { EXTENSION, EXTENSION_REQUEST, EXT_KEY_USAGE, KEY_USAGE } from './oids.ts';
import { makeRequest, parseRequest, rewrittenAttributes } from './request.ts';
import { deltaIndicator, makeRevocationList, parseRevocationList } from './revocation-list.ts';
import { derTime, readTime } from './time.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { TAG } from '../../codec/der.ts';

const crypto = portableCrypto();
const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const real = decodePems(readFileSync(new URL('./real.golden.txt', import.meta.url), 'utf8'));
const [leafBytes, rootBytes, constrainedBytes, requestBytes, listBytes, deltaBytes, pssBytes] = real.map(
  ({ bytes }: PemBlock) => bytes,
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** The template that gives these contents, whoever signs. */
const templateOf = (certificate: Certificate): CertificateTemplate =>
  ({
    ...certificate,
    publicKey: certificate.publicKey!,
    keyUsage: certificate.keyUsage ?? 0,
    extra: [
      ...othersExtension(certificate.names, certificate.rawSubject),
      ...certificate.extensions.filter(
        ({ oid }) => oid === EXTENSION.certificatePolicies || oid === EXTENSION.freshestCrl,
      ),
    ],
    ...(certificate.nameConstraints === undefined
      ? {}
      : { nameConstraints: { ...certificate.nameConstraints, critical: true } }),
  }) as CertificateTemplate;

const keyFor = async ({ kind }: SignatureAlgorithm): Promise<PrivateKey> =>
  kind === 'rsa'
    ? { kind, key: await crypto.rsaGenerate(2048, random) }
    : kind === 'ecdsa'
      ? { kind, key: crypto.ecdsaGenerate('p256', random) }
      : { kind: 'ed25519', seed: random(32) };

describe('a certificate of a real OpenBao', () => {
  const root = parseCertificate(rootBytes);
  const leaf = parseCertificate(leafBytes);

  it('shows its names and extensions', () => {
    expect(nameText(leaf.subject)).toBe(
      String.raw`0.9.2342.19200300.100.1.1=#13027532,0.9.2342.19200300.100.1.1=#13027531,SERIALNUMBER=sn,CN=a.example.com,OU=ou1+OU=ou2,O=Az*+O=O & K,POSTALCODE=ab@c,STREET=s,L=München,ST=p@x,C=DE+C=US`,
    );
    expect(subjectOf(leaf.subject)).toMatchObject({ commonName: 'a.example.com', locality: ['München'] });
    expect(leaf.names).toMatchObject({
      dns: ['a.example.com', 'b.example.com'],
      emails: ['c@example.com'],
      uris: ['spiffe://a/b'],
      others: [{ oid: '1.3.6.1.4.1.311.20.2.3' }, { oid: '1.2.3' }],
    });
    expect(leaf.names.ips.map(ipText)).toEqual(['1.2.3.4', '::1']);
    expect(leaf.keyUsage).toBe(KEY_USAGE.DigitalSignature | KEY_USAGE.KeyEncipherment | KEY_USAGE.KeyAgreement);
    expect(leaf.extKeyUsage).toEqual([EXT_KEY_USAGE.ServerAuth, EXT_KEY_USAGE.ClientAuth, '1.2.3.9']);
    expect(leaf.policies).toEqual(['1.2.3.4', '1.2.3.5']);
    expect(leaf.authorityInfo).toEqual({ ocsp: ['http://f'], caIssuers: ['http://a/b'] });
    expect(leaf.crlDistributionPoints).toEqual(['http://c', 'http://d']);
    expect(leaf.isCa).toBe(false);
    expect(parseCertificate(constrainedBytes)).toMatchObject({
      basicConstraints: { isCa: true, maxPathLength: 3 },
      nameConstraints: { permitted: { ...NO_SUBTREES, dns: ['x.y', 'z'] }, excluded: NO_SUBTREES },
    });
  });

  it('was signed by its authority and nobody else', () => {
    expect(isSignedBy(crypto, leaf, root.publicKey!)).toBe(true);
    expect(isSignedBy(crypto, root, root.publicKey!)).toBe(true);
    expect(isSignedBy(crypto, leaf, leaf.publicKey!)).toBe(false);
    const bent = leafBytes.slice();
    bent[bent.length - 1]! ^= 1;
    expect(isSignedBy(crypto, parseCertificate(bent), root.publicKey!)).toBe(false);
    const pss = parseCertificate(pssBytes);
    expect(algorithmText(pss.algorithm)).toBe('SHA256-RSAPSS');
    expect(isSignedBy(crypto, pss, pss.publicKey!)).toBe(true);
  });

  it.each([
    ['a leaf', leafBytes],
    ['a root', rootBytes],
    ['a constrained root', constrainedBytes],
    ['a PSS root', pssBytes],
  ])('is %s that we would have written the same', async (_, bytes) => {
    const theirs = parseCertificate(bytes);
    const signer = { key: await keyFor(theirs.algorithm!), algorithm: theirs.algorithm! };
    expect(parseCertificate(await makeCertificate(crypto, templateOf(theirs), signer, random)).signed).toEqual(
      theirs.signed,
    );
    expect(subjectKeyId(crypto, theirs.publicKey!)).toEqual(theirs.subjectKeyId);
  });

  it.each(['rsa', 'rsa with PSS', 'ecdsa', 'ed25519'])(
    'of one seed is the same each time, with noble and with Node: %s',
    async (kind) => {
      const made = async (own: Crypto, seed: number): Promise<string> => {
        const draw = drbg(Uint8Array.of(seed));
        const key: PrivateKey = kind.startsWith('rsa')
          ? // Host keys are real and slow: both sign with one of test primes.
            { kind: 'rsa', key: await crypto.rsaGenerate(2048, draw) }
          : kind === 'ecdsa'
            ? { kind: 'ecdsa', key: own.ecdsaGenerate('p256', draw) }
            : { kind: 'ed25519', seed: draw(32) };
        const publicKey = publicKeyOf(own, key);
        const pss = { kind: 'rsa', hash: 'sha256', pss: true } as const;
        const algorithm = kind === 'rsa with PSS' ? pss : usualAlgorithm(publicKey);
        const template = { ...templateOf(parseCertificate(leafBytes)), publicKey };
        return certificatePem(await makeCertificate(own, template, { key, algorithm }, draw));
      };
      const [first, again, node, other] = [
        await made(crypto, 1),
        await made(crypto, 1),
        await made(nodeCrypto(), 1),
        await made(crypto, 2),
      ];
      expect([again, node]).toEqual([first, first]);
      expect(other).not.toBe(first);
    },
  );

  it('is written as PEM and read again', () => {
    expect(parseCertificatePem(certificatePem(leafBytes))?.bytes).toEqual(leafBytes);
    expect(parseCertificatePem('nothing')).toBeUndefined();
  });
});

it('a request of a real OpenBao is read, verified and written the same', async () => {
  const request = parseRequest(requestBytes);
  expect(isSignedBy(crypto, request, request.publicKey!)).toBe(true);
  expect(request.names).toMatchObject({ dns: ['Int', 'x.y'], emails: ['e@f'], others: [{ oid: '1.2.3' }] });
  expect(request.isCa).toBe(true);
  const key = await keyFor(request.algorithm!);
  const ours = parseRequest(
    await makeRequest(crypto, { ...request, attributes: [] }, { key, algorithm: request.algorithm! }, random),
  );
  expect(ours.rawAttributes).toEqual(request.rawAttributes);
  expect(ours.rawSubject).toEqual(request.rawSubject);
});

it('a request with a critical extension is written again as Go writes it: without the value', () => {
  const basic = der.sequence(der.oid('2.5.29.19'), der.boolean(true), der.octets(Uint8Array.of(0x30, 0)));
  const usage = der.sequence(der.oid('2.5.29.15'), der.octets(Uint8Array.of(1)));
  const asked = (...extensions: readonly Uint8Array[]): Uint8Array =>
    der.sequence(der.oid(EXTENSION_REQUEST), der.set(der.sequence(...extensions)));
  const password = der.sequence(der.oid('1.2.840.113549.1.9.7'), der.set(der.utf8('secret')));
  const cut = der.sequence(der.oid('2.5.29.19'), der.boolean(true));
  const attributes = concatBytes(password, asked(basic, usage));
  expect(rewrittenAttributes(attributes)).toEqual([asked(cut, usage)]);
});

it('lists of a real OpenBao, whole and delta, are read, verified and written the same', async () => {
  const root = parseCertificate(rootBytes);
  for (const bytes of [listBytes, deltaBytes]) {
    const list = parseRevocationList(bytes);
    expect(isSignedBy(crypto, list, root.publicKey!)).toBe(true);
    const number = list.number.reduce((sum, byte) => 256 * sum + byte, 0);
    const extra = list.extensions.filter(({ oid }) => oid !== EXTENSION.authorityKeyId && oid !== EXTENSION.crlNumber);
    const template = { ...list, number, nextUpdate: list.nextUpdate!, extra };
    const signer = { key: await keyFor(list.algorithm!), algorithm: list.algorithm! };
    expect(parseRevocationList(await makeRevocationList(crypto, template, signer, random)).signed).toEqual(list.signed);
  }
  expect(parseRevocationList(listBytes).revoked.length).toBeGreaterThan(0);
  expect(parseRevocationList(deltaBytes).extensions).toContainEqual(
    deltaIndicator(parseRevocationList(deltaBytes).number.at(-1)! - 1),
  );
});

describe('names and times', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const texts = fc.array(text, { maxLength: 3 });
  prop.prop([
    fc.record({ country: texts, organization: texts, organizationalUnit: texts, postalCode: texts, commonName: text }),
  ])('a subject comes back as it was, its sets in the order of their bytes', (parts) => {
    const back = subjectOf(parseWholeName(encodeName(nameOf({ ...EMPTY_SUBJECT, ...parts }))));
    expect(back.commonName).toBe(parts.commonName);
    for (const key of ['country', 'organization', 'organizationalUnit', 'postalCode'] as const) {
      expect(back[key].toSorted()).toEqual(parts[key].toSorted());
    }
  });
  prop.prop([fc.integer({ min: -631_152_000, max: 253_402_300_799 })])('a time comes back', (seconds) => {
    expect(readTime(new DerReader(derTime(seconds)))).toBe(seconds);
  });
  prop.prop([fc.integer({ min: 1, max: 511 })])('key usage bits come back', (bits) => {
    expect(parseKeyUsage(encodeKeyUsage(bits))).toBe(bits);
  });
  const ascii = fc.stringMatching(/^[ -~]{1,20}$/);
  const uri = fc.webUrl({ withFragments: true, withQueryParameters: true });
  prop.prop([fc.array(ascii), fc.array(ascii), fc.array(uri)])('alternative names come back', (dns, emails, uris) => {
    const names = { ...NO_NAMES, dns, emails, uris, ips: [ipBytes('10.0.0.1')!, ipBytes('fe80::1')!] };
    expect(parseAlternativeNames(encodeAlternativeNames(names))).toEqual(names);
  });
  it('special characters in a name are escaped as RFC 2253 says', () => {
    const name = nameOf({ ...EMPTY_SUBJECT, organization: [' a,b+c ', '#x'], commonName: 'é"<' });
    expect(nameText(name)).toBe(String.raw`CN=é\"\<,O=\ a\,b\+c\ +O=\#x`);
  });
});

it.each([
  ['rsa', 'sha512', true],
  ['rsa', 'sha1', false],
  ['ecdsa', 'sha384', false],
] as const)('the identifier of %s with %s is read back', (kind, hash, pss) => {
  const algorithm = kind === 'rsa' ? { kind, hash, pss } : { kind, hash };
  expect(parseAlgorithm(encodeAlgorithm(algorithm))).toEqual(algorithm);
});

describe('a chain', async () => {
  const make = async (
    seed: number,
    subject: string,
    issuer: { key: PrivateKey; name: string } | undefined,
    more: Partial<CertificateTemplate>,
  ): Promise<{ certificate: Certificate; key: PrivateKey; name: string }> => {
    const key: PrivateKey = { kind: 'ed25519', seed: new Uint8Array(32).fill(seed) };
    const signer = issuer ?? { key, name: subject };
    const name = (cn: string): Uint8Array => encodeName(nameOf({ ...EMPTY_SUBJECT, commonName: cn }));
    const publicKey = publicKeyOf(crypto, key);
    const template: CertificateTemplate = {
      serial: Uint8Array.of(seed),
      rawIssuer: name(signer.name),
      rawSubject: name(subject),
      notBefore: 1000,
      notAfter: 2000,
      publicKey,
      subjectKeyId: subjectKeyId(crypto, publicKey),
      authorityKeyId: subjectKeyId(crypto, publicKeyOf(crypto, signer.key)),
      ...more,
    };
    const algorithm = usualAlgorithm(publicKeyOf(crypto, signer.key));
    const certificate = parseCertificate(
      await makeCertificate(crypto, template, { key: signer.key, algorithm }, random),
    );
    return { certificate, key, name: subject };
  };
  const ca = { basicConstraints: { isCa: true }, keyUsage: KEY_USAGE.CertSign } as const;
  const root = await make(1, 'root', undefined, ca);
  const middle = await make(2, 'middle', root, {
    ...ca,
    nameConstraints: { permitted: { ...NO_SUBTREES, dns: ['a.b'] }, excluded: NO_SUBTREES, critical: true },
  });
  const leaf = await make(3, 'leaf', middle, {
    names: { ...NO_NAMES, dns: ['x.a.b'] },
    extKeyUsage: [EXT_KEY_USAGE.ClientAuth],
  });
  const rules = { roots: [root.certificate], intermediates: [middle.certificate], now: 1500 };
  const error = (of: Certificate, more: object = {}) => {
    const result = buildChains(crypto, of, { ...rules, ...more });
    return 'error' in result ? result.error : 'fine';
  };

  it('is found from the leaf to the root', () => {
    expect(buildChains(crypto, leaf.certificate, rules)).toEqual({
      chains: [[leaf.certificate, middle.certificate, root.certificate]],
    });
    expect(error(root.certificate)).toBe('fine');
  });
  it('is not there without the one in the middle, or with a stranger of its name', async () => {
    const unknown = 'x509: certificate signed by unknown authority';
    expect(error(leaf.certificate, { intermediates: [] })).toBe(unknown);
    const stranger = await make(9, 'middle', root, { ...ca, subjectKeyId: middle.certificate.subjectKeyId });
    expect(error(leaf.certificate, { intermediates: [stranger.certificate] })).toBe(unknown);
  });
  it('ends with what has expired, what may not sign and what is not named so', async () => {
    expect(error(leaf.certificate, { now: 2001 })).toContain(
      'x509: certificate has expired or is not yet valid: current time 1970-01-01T00:33:21Z is after',
    );
    expect(
      error((await make(4, 'leaf', leaf, {})).certificate, { intermediates: [middle.certificate, leaf.certificate] }),
    ).toBe('x509: certificate signed by unknown authority');
    expect(error((await make(5, 'leaf', middle, { names: { ...NO_NAMES, dns: ['c.d'] } })).certificate)).toBe(
      'x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "c.d" is not permitted by any constraint',
    );
    const short = await make(6, 'short', root, { basicConstraints: { isCa: true, maxPathLength: 0 } });
    const below = await make(7, 'below', short, ca);
    expect(
      error((await make(8, 'leaf', below, {})).certificate, { intermediates: [short.certificate, below.certificate] }),
    ).toBe('x509: too many intermediates for path length constraint');
  });
  it('is believed only by who knows all that is critical, and needs authorities that say so', async () => {
    const odd = { oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) };
    expect(error((await make(20, 'leaf', middle, { extra: [odd] })).certificate)).toBe(
      'x509: unhandled critical extension',
    );
    expect(error((await make(21, 'leaf', middle, { extra: [{ ...odd, critical: false }] })).certificate)).toBe('fine');
    const plain = await make(22, 'plain', root, {});
    const below = await make(23, 'leaf', plain, {});
    expect(error(below.certificate, { intermediates: [plain.certificate] })).toBe(
      'x509: certificate signed by unknown authority',
    );
  });
  it('has no certificate whose own identifier is critical', async () => {
    const extra = [{ oid: '2.5.29.14', critical: true, value: Uint8Array.of(4, 1, 1) }];
    await expect(make(25, 'leaf', middle, { extra })).rejects.toThrow(
      'x509: subject key identifier incorrectly marked critical',
    );
  });
  it('goes by who has signed, whatever key the certificate names', async () => {
    const named = await make(24, 'leaf', middle, { authorityKeyId: Uint8Array.of(1) });
    expect(error(named.certificate)).toBe('fine');
  });
  it('serves only the purposes of all its certificates', () => {
    expect(error(leaf.certificate, { purposes: [EXT_KEY_USAGE.ClientAuth] })).toBe('fine');
    expect(error(leaf.certificate, { purposes: [EXT_KEY_USAGE.ServerAuth] })).toBe(
      'x509: certificate specifies an incompatible key usage',
    );
  });

  it('is asked about by OCSP, and the answer is of the right issuer', async () => {
    const id = certificateId(crypto, 'sha1', root.certificate, Uint8Array.of(2));
    const asked = parseOcspRequest(encodeOcspRequest(id, Uint8Array.of(1, 2)));
    expect(asked.id).toEqual(id);
    expect(isIssuerOf(crypto, root.certificate, asked.id)).toBe(true);
    expect(isIssuerOf(crypto, middle.certificate, asked.id)).toBe(false);
    const answer = {
      id,
      status: { kind: 'revoked', at: 1200, reason: 1 },
      producedAt: 1500,
      thisUpdate: 1500,
      nextUpdate: 1600,
    } as const;
    const signer = { key: root.key, algorithm: { kind: 'ed25519' } } as const;
    const responder = { rawSubject: root.certificate.rawSubject, certificate: root.certificate.bytes };
    const read = parseOcspResponse(await makeOcspResponse(crypto, answer, responder, signer, random));
    expect(read).toMatchObject(answer);
    if (typeof read === 'number') throw new Error('not an answer');
    expect(isSignedBy(crypto, read, root.certificate.publicKey!)).toBe(true);
    expect(parseOcspResponse(ocspError(6))).toBe(6);
    const unspecified = { ...answer, status: { kind: 'revoked', at: 1200, reason: 0 } } as const;
    const [bare, told] = [
      await makeOcspResponse(crypto, unspecified, responder, signer, random),
      await makeOcspResponse(crypto, answer, responder, signer, random),
    ];
    expect(parseOcspResponse(bare)).toMatchObject(unspecified);
    expect(told.length - bare.length).toBe(der.explicit(0, der.enumerated(1)).length);
  });

  it.each([1, 5, 127, 128, 129, 255, 256, 32_768])('is asked about by OCSP below zero, by -%d', (number) => {
    const serial = Uint8Array.of(...(number > 255 ? [number >> 8] : []), number & 0xff);
    const id = { ...certificateId(crypto, 'sha1', root.certificate, serial), negative: true } as const;
    const request = encodeOcspRequest(id);
    expect(parseOcspRequest(request).id).toEqual(id);
    const read = new DerReader(request).sequence().sequence().sequence().sequence().sequence();
    for (let part = 0; part < 3; part++) read.any();
    expect(read.whole()).toBe(BigInt(-number));
  });

  it('is asked about by OCSP of somebody who is named as Go names him', () => {
    const id = certificateId(crypto, 'sha1', root.certificate, Uint8Array.of(2));
    const list = new DerReader(encodeOcspRequest(id)).sequence().sequence().any().whole;
    const named = (name: Uint8Array) => der.sequence(der.sequence(der.explicit(1, name), list));
    expect(parseOcspRequest(named(root.certificate.rawSubject)).id).toEqual(id);
    expect(() => parseOcspRequest(named(der.explicit(4, root.certificate.rawSubject)))).toThrow('invalid RDNSequence');
  });
});

describe('broken bytes', () => {
  const whole: [name: string, parse: (bytes: Uint8Array) => unknown, whole: Uint8Array][] = [
    ['certificate', parseCertificate, leafBytes],
    ['constrained certificate', parseCertificate, constrainedBytes],
    ['request', parseRequest, requestBytes],
    ['list', parseRevocationList, deltaBytes],
  ];
  const changes = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  it.each(whole)('of a %s are refused as such, or read', (_, parse, bytes) => {
    fc.assert(
      fc.property(changes, fc.nat(3), (bends, cut) => {
        const bent = bytes.slice(0, cut === 0 ? bends[0]![0] % bytes.length : bytes.length);
        for (const [at, value] of bends) if (bent.length > 0) bent[at % bent.length] = value;
        unlessMalformed(() => parse(bent));
      }),
      { numRuns: 250 },
    );
  });
  it('are told where they are wrong, in the order and the words of upstream', () => {
    const changed = (from: readonly number[], to: readonly number[], which = 0): Uint8Array => {
      const bytes = rootBytes.slice();
      const places = [...bytes.keys()].filter((at) => from.every((byte, i) => bytes[at + i] === byte));
      bytes.set(to, places[which]);
      return bytes;
    };
    const said = (bytes: Uint8Array) => () => parseCertificate(bytes);
    expect(said(changed([0xa0, 3, 2, 1, 2], [0xa0, 3, 2, 1, 7]))).toThrow('x509: invalid version');
    expect(said(changed([0xa0, 3, 2, 1, 2], [0xa0, 3, 4, 1, 2]))).toThrow('x509: malformed version');
    expect(said(changed([TAG.utcTime], [TAG.octets]))).toThrow('x509: unsupported time format');
    expect(said(changed([TAG.utcTime], [TAG.generalizedTime]))).toThrow('x509: malformed GeneralizedTime');
    expect(said(changed([0x06, 3, 0x55, 4], [0x05, 3, 0x55, 4]))).toThrow(
      'x509: invalid RDNSequence: invalid attribute type',
    );
    expect(said(changed([0x06, 3, 0x55, 0x1d], [0x05, 3, 0x55, 0x1d]))).toThrow('x509: malformed extension OID field');
    expect(said(rootBytes.subarray(0, 40))).toThrow('x509: malformed certificate');
  });
  it('have names of their own', () => {
    expect(() => parseCertificate(concatBytes(leafBytes, Uint8Array.of(0)))).toThrow('x509: trailing data');
    expect(isMalformed(new Error('other'))).toBe(false);
  });
});
