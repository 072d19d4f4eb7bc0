/** A signing request as programs of CEL roles see it: Go's x509.CertificateRequest as a map. */
import type { CelValue } from '../../cel/values.ts';
import { CelMap, List, Message } from '../../cel/values.ts';
import { algorithmText } from '../../crypto/x509/algorithm.ts';
import { ipText } from '../../crypto/x509/general-name.ts';
import type { DistinguishedName } from '../../crypto/x509/name.ts';
import { subjectOf } from '../../crypto/x509/name.ts';
import type { CertificateRequest } from '../../crypto/x509/request.ts';

const texts = (items: readonly string[]): List => new List(items, items);
const mapOf = (fields: Readonly<Record<string, CelValue>>): CelMap => new CelMap(Object.entries(fields));

const KEY_KINDS = { rsa: 'RSA', ecdsa: 'ECDSA', ed25519: 'Ed25519', mldsa: 'ML-DSA' } as const;

function subjectMap(name: DistinguishedName): CelMap {
  const subject = subjectOf(name);
  return mapOf({
    CommonName: subject.commonName,
    SerialNumber: subject.serialNumber,
    Country: texts(subject.country),
    Organization: texts(subject.organization),
    OrganizationalUnit: texts(subject.organizationalUnit),
    Locality: texts(subject.locality),
    Province: texts(subject.province),
    StreetAddress: texts(subject.streetAddress),
    PostalCode: texts(subject.postalCode),
    ExtraNames: texts([]),
  });
}

/** Without a request there is a map with nothing in it. */
export function requestMap(request: CertificateRequest | undefined): CelMap {
  if (request === undefined) return mapOf({});
  const { names, publicKey } = request;
  return mapOf({
    Raw: request.bytes,
    RawTBSCertificateRequest: request.signed,
    RawSubjectPublicKeyInfo: request.rawPublicKey,
    RawSubject: request.rawSubject,
    Version: 0n,
    Signature: request.signature,
    SignatureAlgorithm: algorithmText(request.algorithm),
    PublicKeyAlgorithm: publicKey === undefined ? '0' : KEY_KINDS[publicKey.kind],
    // No program can do anything with it.
    PublicKey: new Message('crypto.PublicKey', new Map()),
    Subject: subjectMap(request.subject),
    Extensions: new CelMap(request.extensions.map(({ oid, value }) => [oid, value])),
    ExtraExtensions: texts([]),
    DNSNames: texts(names.dns),
    EmailAddresses: texts(names.emails),
    IPAddresses: texts(names.ips.map(ipText)),
    URIs: texts(names.uris),
  });
}
