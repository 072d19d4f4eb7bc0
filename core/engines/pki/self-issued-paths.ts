/** Signing certificates that sign themselves, so that others may be trusted who were trusted by themselves. */
import { equalBytes } from '../../codec/bytes.ts';
import { DerReader } from '../../codec/der-reader.ts';
import { decodePem } from '../../codec/pem.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { usualAlgorithm } from '../../crypto/x509/algorithm.ts';
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { isMalformed, must } from '../../crypto/x509/error.ts';
import { usualKeyId } from '../../crypto/x509/key-id.ts';
import { makeCertificate } from '../../crypto/x509/make-certificate.ts';
import { parseWholeName } from '../../crypto/x509/name.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { signingAuthority } from './authority.ts';
import { type PkiCall, pkiPaths, randomOf, storeOf } from './call.ts';
import { checkSigner, signedOr } from './external-keys.ts';
import { byReference, issuerRef } from './fields.ts';
import { KIND_NAMES } from './key-spec.ts';
import { shownPem } from './show.ts';

/** One behind the other. Throws X509Error. */
function certificatesIn(bytes: Uint8Array): Certificate[] {
  const reader = new DerReader(bytes);
  const certificates: Certificate[] = [];
  while (!reader.atEnd) certificates.push(parseCertificate(must('malformed certificate', () => reader.any()).whole));
  return certificates;
}

/** Whatever kinds of strings their texts are. */
function sameNames(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [parseWholeName(one).flat(), parseWholeName(other).flat()];
  return a.length === b.length && a.every(({ oid, value }, at) => oid === b[at]!.oid && value === b[at]!.value);
}

interface SelfIssuedInput {
  readonly issuer_ref: string;
  readonly certificate: string | undefined;
  readonly require_matching_certificate_algorithms: boolean;
}

async function signSelfIssued(
  { issuer_ref: reference, certificate: pem = '', require_matching_certificate_algorithms: matching }: SelfIssuedInput,
  call: PkiCall,
): Promise<Answer> {
  if (reference === '') throw refuse('missing issuer reference');
  const found = decodePem(pem);
  if (found === undefined || found.block.bytes.length === 0) throw refuse('certificate could not be PEM-decoded');
  let certificates;
  try {
    certificates = certificatesIn(found.block.bytes);
  } catch (error) {
    throw isMalformed(error) ? refuse(`error parsing certificate: ${error.message}`) : error;
  }
  const [given] = certificates;
  if (given === undefined || certificates.length > 1) {
    throw refuse(`${certificates.length} certificates found in PEM file, expected 1`);
  }
  if (!given.isCa) throw refuse('given certificate is not a CA certificate');
  if (!sameNames(given.rawIssuer, given.rawSubject)) throw refuse('given certificate is not self-issued');
  const { certificate, key, urls } = await signingAuthority(storeOf(call), reference);
  const signer = certificate.publicKey ?? publicKeyOf(call.runtime.crypto, key);
  if (given.publicKey === undefined) {
    // The wrong verb of a format, as 2.7.2 prints it.
    throw failure(
      'error determining template algorithm type: &{%!e(string=x509: only RSA, ECDSA, Ed25519, and ML-DSA keys supported)}',
    );
  }
  if (signer.kind !== given.publicKey.kind && matching) {
    throw failure(
      `signing certificate's public key algorithm (${KIND_NAMES[signer.kind]}) does not match submitted certificate's (${KIND_NAMES[given.publicKey.kind]}), and require_matching_certificate_algorithms is true`,
    );
  }
  const same = signer.kind === given.publicKey.kind && given.algorithm?.kind === signer.kind;
  const algorithm = same ? given.algorithm : usualAlgorithm(signer);
  const what = 'error signing self-issued certificate';
  checkSigner(what, key, algorithm, certificate.publicKey);
  const made = makeCertificate(
    call.runtime.crypto,
    {
      ...given,
      publicKey: given.publicKey,
      rawIssuer: certificate.rawSubject,
      keyUsage: given.keyUsage ?? 0,
      basicConstraints: given.basicConstraints ?? { isCa: true },
      subjectKeyId:
        given.subjectKeyId.length > 0 ? given.subjectKeyId : usualKeyId(call.runtime.crypto, given.publicKey),
      // Go takes who has the same name for who signs itself.
      authorityKeyId:
        equalBytes(certificate.rawSubject, given.rawSubject) || certificate.subjectKeyId.length === 0
          ? given.authorityKeyId
          : certificate.subjectKeyId,
      authorityInfo: { ocsp: urls.ocspServers, caIssuers: urls.issuingCertificates },
      crlDistributionPoints: urls.crlDistributionPoints,
      ...(given.nameConstraints === undefined ? {} : { nameConstraints: { ...given.nameConstraints, critical: true } }),
      extra: [],
    } as Parameters<typeof makeCertificate>[1],
    { key, algorithm },
    randomOf(call),
  );
  const bytes = await signedOr(what, made);
  return { certificate: shownPem(bytes), issuing_ca: shownPem(certificate.bytes) };
}

const fields = {
  issuer_ref: issuerRef,
  certificate: field.string('The certificate that signs itself, in PEM.'),
  require_matching_certificate_algorithms: field.bool('Refuse a key of another kind.', { default: false }),
};

const sign = { update: { about: 'Sign it.', run: signSelfIssued } };

export const selfIssuedPaths = pkiPaths()
  .path('root/sign-self-issued', 'Sign a certificate that signs itself.', fields, sign, {
    id: { prefix: 'pki-root', verb: 'sign', suffix: 'self-issued' },
    sudo: true,
  })
  .path('issuer/:issuer_ref/sign-self-issued', 'Sign a certificate that signs itself.', fields, sign, {
    ...byReference,
    id: { prefix: 'pki-issuer', verb: 'sign', suffix: 'self-issued' },
  });
