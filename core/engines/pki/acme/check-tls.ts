/** tls-alpn-01 (RFC 8737): the name's server shows a certificate of its own making with the hash of the proof in it. */
import { equalBytes } from '../../../codec/bytes.ts';
import { TAG } from '../../../codec/der.ts';
import { DerError, DerReader } from '../../../codec/der-reader.ts';
import { checkOutermost } from '../../../codec/outermost.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { isSignedBy, parseCertificate, type Certificate } from '../../../crypto/x509/certificate.ts';
import { isMalformed } from '../../../crypto/x509/error.ts';
import { ipText } from '../../../crypto/x509/general-name.ts';
import { nameText } from '../../../crypto/x509/name.ts';
import { EXTENSION } from '../../../crypto/x509/oids.ts';
import { NetworkError, type Greeted } from '../../../runtime.ts';
import { keyAuthorization, PATIENCE, type Check, type Claim } from './check.ts';

const PROTOCOL = 'acme-tls/1';
const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';

export const checkTls: Check = async (claim) => {
  const { identifier, resolver, runtime } = claim;
  const address = `${identifier.value}:443`;
  let greeted: Greeted;
  try {
    if (runtime.streams?.greet === undefined) throw new NetworkError('unreachable', `dial tcp ${address}: no network`);
    greeted = await runtime.streams.greet(
      address,
      { protocol: PROTOCOL, serverName: identifier.value, resolver },
      PATIENCE,
    );
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const what = error.message.startsWith('dial ') ? 'failed to dial host' : 'failed to perform handshake';
    return `tls-alpn-01: ${what}: ${error.message}`;
  }
  const fault = faultOf(greeted, claim);
  return fault === undefined ? undefined : `tls-alpn-01: failed to perform handshake: ${fault}`;
};

function faultOf({ protocol, certificates }: Greeted, claim: Claim): string | undefined {
  if (protocol !== PROTOCOL) return `server under test negotiated unexpected ALPN protocol ${protocol}`;
  if (certificates.length > 1) {
    return `server under test returned multiple (${certificates.length}) certificates when we expected only one`;
  }
  let certificate: Certificate;
  try {
    certificate = parseCertificate(certificates[0]!);
  } catch (error) {
    if (isMalformed(error)) return `tls: failed to parse certificate from server: ${error.message}`;
    throw error;
  }
  const fault = selfSigned(certificate, claim) ?? named(certificate, claim) ?? proved(certificate, claim);
  return fault === undefined ? undefined : `server under test returned ${fault}`;
}

function selfSigned(certificate: Certificate, { runtime }: Claim): string | undefined {
  const { publicKey, subject, issuer } = certificate;
  if (publicKey === undefined || !isSignedBy(runtime.crypto, certificate, publicKey)) {
    return `a non-self-signed certificate: ${WRONG_SIGNATURE[publicKey?.kind ?? ''] ?? 'x509: cannot verify signature: algorithm unimplemented'}`;
  }
  if (equalBytes(certificate.rawSubject, certificate.rawIssuer)) return undefined;
  return `a non-self-signed certificate: invalid subject (${nameText(subject)}) <-> issuer (${nameText(issuer)}) match`;
}

const WRONG_SIGNATURE: Readonly<Record<string, string>> = {
  ecdsa: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
  rsa: 'crypto/rsa: verification error',
};

function named({ names }: Certificate, { identifier: { type, value } }: Claim): string | undefined {
  const { dns, ips, emails, uris } = names;
  const [own, others] = type === 'ip' ? [ips.map(ipText), dns] : [dns, ips];
  if (own.length !== 1 || others.length + emails.length + uris.length > 0) return 'a certificate with incorrect SANs';
  if (own[0]!.toLowerCase() === value.toLowerCase()) return undefined;
  return `a certificate with unexpected identifier: ${own[0]!}`;
}

function proved({ extensions }: Certificate, claim: Claim): string | undefined {
  const found = extensions.find(({ oid }) => oid === ACME_IDENTIFIER);
  if (found === undefined) return 'a certificate without the required acmeIdentifier extension';
  if (!found.critical) return 'a certificate with an acmeIdentifier extension marked non-Critical';
  const invalid = 'a certificate with invalid acmeIdentifier extension value';
  const reader = new DerReader(found.value);
  let hash: Uint8Array;
  try {
    checkOutermost(found.value, '', TAG.octets);
    hash = reader.octets();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return `${invalid}: ${error.message}`;
  }
  if (!reader.atEnd) return `${invalid} with additional trailing data`;
  if (!equalBytes(hash, claim.runtime.crypto.hash('sha256', encodeUtf8(keyAuthorization(claim))))) {
    return 'a certificate with an invalid key authorization (sha256 key authorization was invalid)';
  }
  const unknown = extensions.filter(({ oid, critical }) => critical && oid !== ACME_IDENTIFIER && !KNOWN.has(oid));
  if (unknown.length === 0) return undefined;
  return `a certificate with additional unknown critical extensions ([${unknown.map(({ oid }) => oid).join(' ')}])`;
}

/** Those that Go deals with itself. */
const KNOWN: ReadonlySet<string> = new Set(Object.values(EXTENSION));
