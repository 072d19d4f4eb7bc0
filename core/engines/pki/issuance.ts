/** Certificates out of wishes: for a key made here, for a request, and for an authority of its own. */
import { compareBytes } from '../../codec/bytes.ts';
import { decodePem } from '../../codec/pem.ts';
import { refuse } from '../../fault.ts';
import type { PrivateKey, PublicKey, SigningKey } from '../../crypto/keys/key.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { isSignedBy, parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { encodeDistributionPoints, NO_SUBTREES, type Extension } from '../../crypto/x509/extension.ts';
import { othersExtension } from '../../crypto/x509/make-certificate.ts';
import { subjectKeyId } from '../../crypto/x509/key-id.ts';
import { makeCertificate, type CertificateTemplate, type Signer } from '../../crypto/x509/make-certificate.ts';
import { encodeName, nameOf } from '../../crypto/x509/name.ts';
import { EXTENSION, KEY_USAGE } from '../../crypto/x509/oids.ts';
import { parseRequest, type CertificateRequest } from '../../crypto/x509/request.ts';
import type { Runtime } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { urlCount } from './aia.ts';
import type { Authority } from './authority.ts';
import { checkSigner, signedOr, Unsigned } from './external-keys.ts';
import { bitsOf, makeKey, signingAlgorithm, typeOf } from './key-spec.ts';
import type { AiaUrls } from './model.ts';
import { checkIdentifiers } from './other-names.ts';
import type { Role } from './role.ts';
import { policyParts } from './policies.ts';
import { keyUsageBits, purposesOf } from './usages.ts';
import { checkOrder } from './validity.ts';
import type { Wish } from './wish.ts';

/** What only certificates of authorities have. */
export interface AuthorityWish {
  /** Negative: any number. */
  readonly maxPathLength: number;
  readonly permittedDnsDomains: readonly string[];
  /** As the client sent them; none: only what an authority needs. */
  readonly keyUsage: readonly string[];
}

export interface Issued {
  readonly certificate: Certificate;
  /** Undefined when it was made for somebody's request. */
  readonly key: PrivateKey | undefined;
  readonly chain: readonly Uint8Array[];
}

type World = Pick<Runtime, 'crypto' | 'random'>;

const randomOf =
  ({ random }: World) =>
  (length: number): Uint8Array =>
    random.bytes(length);

/** 159 bits, as a magnitude: RFC 5280 allows 20 bytes with the sign. */
export function newSerial({ random }: World): Uint8Array {
  const bytes = random.bytes(20);
  bytes[0]! &= 0x7f;
  return bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  );
}

export const aiaOf = (urls: AiaUrls) => ({
  authorityInfo: { ocsp: urls.ocspServers, caIssuers: urls.issuingCertificates },
  crlDistributionPoints: urls.crlDistributionPoints,
});

/** Where the delta of a revocation list is. */
export function freshest(urls: AiaUrls): Extension[] {
  const points = urls.deltaCrlDistributionPoints;
  if (points.length === 0) return [];
  return [{ oid: EXTENSION.freshestCrl, critical: false, value: encodeDistributionPoints(points) }];
}

/**
 * Key usage, purposes and constraints: of an authority, which signs and does nothing else, or of a leaf as its role has
 * them.
 */
function capabilities(role: Role, authority: AuthorityWish | undefined): Partial<CertificateTemplate> {
  if (authority === undefined) {
    return {
      keyUsage: keyUsageBits(role.key_usage),
      extKeyUsage: purposesOf(role),
      ...(role.basic_constraints_valid_for_non_ca ? { basicConstraints: { isCa: false } } : {}),
    };
  }
  const { maxPathLength, permittedDnsDomains: dns, keyUsage } = authority;
  if (maxPathLength < -1) {
    throw new Unsigned('unable to create certificate: x509: invalid MaxPathLen, must be greater or equal to -1');
  }
  return {
    keyUsage: (keyUsageBits(keyUsage) & KEY_USAGE.DigitalSignature) | KEY_USAGE.CertSign | KEY_USAGE.CRLSign,
    basicConstraints: { isCa: true, ...(maxPathLength < 0 ? {} : { maxPathLength }) },
    ...(dns.length === 0
      ? {}
      : { nameConstraints: { permitted: { ...NO_SUBTREES, dns }, excluded: NO_SUBTREES, critical: true } }),
  };
}

interface Parts {
  readonly wish: Wish;
  readonly role: Role;
  readonly publicKey: PublicKey;
  readonly urls: AiaUrls;
  /** Absent: it signs itself. */
  readonly signedBy: Certificate | undefined;
  readonly authority: AuthorityWish | undefined;
  readonly subjectKeyId: Uint8Array;
  /** With everything of a request taken over. */
  readonly verbatim?: CertificateRequest | undefined;
}

function templateOf(world: World, parts: Parts): CertificateTemplate {
  const { wish, role, signedBy, verbatim, urls } = parts;
  const { notBefore, notAfter } = wish.validity;
  const rawSubject = verbatim?.rawSubject ?? encodeName(nameOf(wish.subject));
  const names = verbatim === undefined ? wish.names : { ...verbatim.names, others: wish.names.others };
  checkIdentifiers(names.others);
  const { policies, extra } = policyParts(role.policy_identifiers);
  const kept = verbatim === undefined ? [] : verbatimExtensions(verbatim, names.others.length > 0);
  return {
    serial: newSerial(world),
    rawIssuer: signedBy?.rawSubject ?? rawSubject,
    rawSubject,
    notBefore: Math.floor(notBefore / SECOND),
    notAfter: Math.floor(notAfter / SECOND),
    publicKey: parts.publicKey,
    subjectKeyId: parts.subjectKeyId,
    authorityKeyId: signedBy === undefined ? parts.subjectKeyId : signedBy.subjectKeyId,
    ...capabilities(role, parts.authority),
    ...aiaOf(urls),
    names,
    policies,
    // Where the delta is told only beside where anything else is.
    extra: [...kept, ...othersExtension(names, rawSubject), ...extra, ...(urlCount(urls) === 0 ? [] : freshest(urls))],
  };
}

/** But for what an authority alone decides, and names where other names make them an extension of ours. */
const verbatimExtensions = ({ extensions }: CertificateRequest, withOthers: boolean): Extension[] =>
  extensions.filter(
    ({ oid }) => oid !== EXTENSION.basicConstraints && !(withOthers && oid === EXTENSION.subjectAltName),
  );

async function sealed(world: World, parts: Parts, signer: Signer): Promise<Certificate> {
  checkSigner('unable to create certificate', signer.key, signer.algorithm, parts.signedBy?.publicKey);
  const made = makeCertificate(world.crypto, templateOf(world, parts), signer, randomOf(world));
  const bytes = await signedOr('unable to create certificate', made);
  return readAgain(() => parseCertificate(bytes));
}

/** What was made has to be read by others. Throws Unsigned. */
export function readAgain<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isMalformed(error) ? new Unsigned(`unable to parse created certificate: ${error.message}`) : error;
  }
}

/** `forRequest`: bits of the hash count for ECDSA, too, which upstream heeds only where it signs a request. */
const signerOf = ({ crypto }: World, key: SigningKey, role: Role, forRequest = false): Signer => ({
  key,
  algorithm: signingAlgorithm(publicKeyOf(crypto, key), role.signature_bits, role.use_pss, forRequest),
});

const NO_MORE_AUTHORITIES =
  'signing certificate has a max path length of zero, and cannot issue further CA certificates';

/** A leaf with a key of its own. */
export async function issueWithNewKey(runtime: Runtime, wish: Wish, role: Role, authority: Authority): Promise<Issued> {
  checkOrder(wish.validity);
  const key = await makeKey(runtime, role.key_type, role.key_bits);
  const publicKey = publicKeyOf(runtime.crypto, key);
  const certificate = await sealed(
    runtime,
    {
      wish,
      role,
      publicKey,
      urls: authority.urls,
      signedBy: authority.certificate,
      authority: undefined,
      subjectKeyId: subjectKeyId(runtime.crypto, publicKey),
    },
    signerOf(runtime, authority.key, role),
  );
  return { certificate, key, chain: authority.chain };
}

/** An authority that signs itself. */
export async function selfSigned(
  runtime: Runtime,
  wish: Wish,
  role: Role,
  key: SigningKey,
  urls: AiaUrls,
  authority: AuthorityWish,
): Promise<Certificate> {
  checkOrder(wish.validity);
  const publicKey = publicKeyOf(runtime.crypto, key);
  const id = subjectKeyId(runtime.crypto, publicKey);
  const parts = { wish, role, publicKey, urls, signedBy: undefined, authority, subjectKeyId: id };
  return sealed(runtime, parts, signerOf(runtime, key, role));
}

/** For whatever time, unlike the others. `whole`: everything that the request has is taken over. */
export async function issueForRequest(
  world: World,
  wish: Wish,
  role: Role,
  signing: Authority,
  request: CertificateRequest,
  authority: AuthorityWish | undefined,
  whole: boolean,
): Promise<Issued> {
  const publicKey = request.publicKey!;
  if (authority !== undefined && signing.certificate.basicConstraints?.maxPathLength === 0) {
    throw refuse(NO_MORE_AUTHORITIES);
  }
  const parts: Parts = {
    wish,
    role,
    publicKey,
    urls: signing.urls,
    signedBy: signing.certificate,
    authority,
    subjectKeyId: wish.subjectKeyId ?? subjectKeyId(world.crypto, publicKey),
    verbatim: whole ? request : undefined,
  };
  if (!isSignedBy(world.crypto, request, publicKey)) throw refuse('request signature invalid');
  return {
    certificate: await sealed(world, parts, signerOf(world, signing.key, role, true)),
    key: undefined,
    chain: signing.chain,
  };
}

const UNKNOWN_KEY =
  'Refusing to sign CSR with empty PublicKey. This usually means the SubjectPublicKeyInfo field has an OID not recognized by Go, such as 1.2.840.113549.1.1.10 for rsaPSS.';

/** Throws a Fault. */
export function requestOf(text: string): CertificateRequest {
  if (text === '') throw refuse('"csr" is empty');
  const found = decodePem(text);
  if (found === undefined) throw refuse('csr contains no data');
  try {
    const request = parseRequest(found.block.bytes);
    if (request.publicKey === undefined) throw refuse(UNKNOWN_KEY);
    return request;
  } catch (error) {
    throw isMalformed(error) ? refuse(`certificate request could not be parsed: ${error.message}`) : error;
  }
}

/** Whether the key of a request is what the role wants. Throws a Fault. */
export function checkRequestKey(role: Role, { publicKey }: CertificateRequest): void {
  const type = typeOf(publicKey!);
  const bits = bitsOf(publicKey!);
  if (role.key_type !== 'any' && type !== role.key_type) throw refuse(`role requires keys of type ${role.key_type}`);
  if (role.key_type === 'any') {
    if (type === 'rsa' && bits < 2048) throw refuse('RSA keys < 2048 bits are unsafe and not supported');
    return;
  }
  if ((type === 'rsa' || type === 'ec' || type === 'mldsa') && bits < role.key_bits) {
    throw refuse(`role requires a minimum of a ${role.key_bits}-bit key, but CSR's key is ${bits} bits`);
  }
}

/** Whether a certificate is its own authority. */
export const isSelfSigned = (certificate: Certificate): boolean =>
  certificate.authorityKeyId.length > 0
    ? compareBytes(certificate.authorityKeyId, certificate.subjectKeyId) === 0
    : compareBytes(certificate.rawIssuer, certificate.rawSubject) === 0;
