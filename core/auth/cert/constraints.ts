/** What an entry asks of a client's certificate, beside the chain. */
import { matchesGlob } from '../../codec/glob.ts';
import type { Certificate } from '../../crypto/x509/certificate.ts';
import { subjectOf } from '../../crypto/x509/name.ts';
import { extensionText } from './certificates.ts';
import type { CertEntry, PatternName } from './entry.ts';

/** Every list that is not empty has to match. */
export function meetsConstraints(certificate: Certificate, { patterns }: CertEntry): boolean {
  const { commonName, organizationalUnit } = subjectOf(certificate.subject);
  const { dns, emails, uris } = certificate.names;
  const some = (name: PatternName, texts: readonly string[]): boolean => {
    const globs = patterns[name] ?? [];
    return globs.length === 0 || globs.some((glob) => texts.some((text) => matchesGlob(glob, text)));
  };
  return (
    some('allowed_names', [commonName, ...dns, ...emails]) &&
    some('allowed_common_names', [commonName]) &&
    some('allowed_dns_sans', dns) &&
    some('allowed_email_sans', emails) &&
    some('allowed_uri_sans', uris) &&
    some('allowed_organizational_units', organizationalUnit) &&
    (patterns.required_extensions ?? []).every((required) => hasExtension(certificate, required))
  );
}

/** `oid:pattern`. What has no colon matches nothing (upstream panics there, and the connection breaks). */
function hasExtension({ extensions }: Certificate, required: string): boolean {
  const colon = required.indexOf(':');
  if (colon < 0) return false;
  const value = extensions.findLast(({ oid }) => oid === required.slice(0, colon))?.value;
  return value !== undefined && matchesGlob(required.slice(colon + 1), extensionText(value));
}

/** The texts of the allowed extensions that the certificate has, by their identifiers with dashes. */
export function extensionMetadata({ extensions }: Certificate, { patterns }: CertEntry): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const { oid, value } of extensions)
    if ((patterns.allowed_metadata_extensions ?? []).includes(oid))
      metadata[oid.replaceAll('.', '-')] = extensionText(value);
  return metadata;
}
