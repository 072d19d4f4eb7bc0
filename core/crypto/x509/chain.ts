/**
 * Chains from a leaf to a trusted authority (RFC 5280, section 6, as far as Go's Certificate.Verify goes): names and
 * signatures, validity, who may sign, path lengths, name constraints, purposes. Whether a certificate was revoked is
 * for others to say.
 */
import { equalBytes } from '../../codec/bytes.ts';
import { formatTimestamp } from '../../codec/rfc3339.ts';
import type { Crypto } from '../crypto.ts';
import { isSignedBy, type Certificate } from './certificate.ts';
import { violatedConstraint } from './constraints.ts';
import { EXT_KEY_USAGE, KEY_USAGE } from './oids.ts';

export interface ChainRules {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** Unix seconds. */
  readonly now: number;
  /** Purposes of which one must be allowed by every certificate of the chain; none: any will do. */
  readonly purposes?: readonly string[];
}

export type ChainResult =
  | { readonly chains: readonly (readonly Certificate[])[] }
  /** In Go's words. */
  | { readonly error: string };

/** How many signatures are looked at for one leaf, so that crossed authorities cannot cost much. */
const MOST_SIGNATURES = 100;

interface Search extends ChainRules {
  readonly crypto: Crypto;
  readonly purposes: readonly string[];
  readonly found: (readonly Certificate[])[];
  signatures: number;
  why: string;
}

/** All chains, leaf first, authority last. A leaf that is an authority itself is a chain of one. */
export function buildChains(crypto: Crypto, leaf: Certificate, rules: ChainRules): ChainResult {
  const search: Search = { ...rules, purposes: rules.purposes ?? [], crypto, found: [], signatures: 0, why: '' };
  const wrong = whatIsWrong(search, leaf, [], 'leaf');
  if (wrong !== undefined) return { error: wrong };
  if (isAmong(leaf, rules.roots)) search.found.push([leaf]);
  else extend(search, [leaf]);
  if (search.found.length === 0) {
    return { error: search.why === '' ? 'x509: certificate signed by unknown authority' : search.why };
  }
  const suited = search.found.filter((chain) => allows(chain, search.purposes));
  return suited.length > 0 ? { chains: suited } : { error: 'x509: certificate specifies an incompatible key usage' };
}

const isAmong = (certificate: Certificate, others: readonly Certificate[]): boolean =>
  others.some(({ bytes }) => equalBytes(bytes, certificate.bytes));

function extend(search: Search, chain: readonly Certificate[]): void {
  const child = chain.at(-1)!;
  for (const root of search.roots) {
    if (isParent(search, root, child, chain, 'root')) search.found.push([...chain, root]);
  }
  for (const intermediate of search.intermediates) {
    if (isAmong(intermediate, search.roots)) continue;
    if (isParent(search, intermediate, child, chain, 'intermediate')) extend(search, [...chain, intermediate]);
  }
}

type Role = 'leaf' | 'intermediate' | 'root';

function isParent(
  search: Search,
  parent: Certificate,
  child: Certificate,
  chain: readonly Certificate[],
  role: Role,
): boolean {
  if (!equalBytes(parent.rawSubject, child.rawIssuer)) return false;
  const [ids, own] = [child.authorityKeyId, parent.subjectKeyId];
  if (ids.length > 0 && own.length > 0 && !equalBytes(ids, own)) return false;
  // The same subject and key twice is a circle, whoever signed it.
  const again = chain.some(
    ({ rawSubject, rawPublicKey }) =>
      equalBytes(rawSubject, parent.rawSubject) && equalBytes(rawPublicKey, parent.rawPublicKey),
  );
  if (again || ++search.signatures > MOST_SIGNATURES) return false;
  if (!mayHaveSigned(search.crypto, parent, child)) {
    search.why = 'x509: certificate signed by unknown authority';
    return false;
  }
  const wrong = whatIsWrong(search, parent, chain, role);
  if (wrong !== undefined) search.why = wrong;
  return wrong === undefined;
}

/** Whether this authority may sign certificates and did sign this one. */
export function mayHaveSigned(crypto: Crypto, parent: Certificate, child: Certificate): boolean {
  if (parent.basicConstraints !== undefined && !parent.isCa) return false;
  if (parent.keyUsage !== undefined && (parent.keyUsage & KEY_USAGE.CertSign) === 0) return false;
  return parent.publicKey !== undefined && isSignedBy(crypto, child, parent.publicKey);
}

const isSelfIssued = ({ rawSubject, rawIssuer }: Certificate): boolean => equalBytes(rawSubject, rawIssuer);

function whatIsWrong(
  { now }: Search,
  certificate: Certificate,
  chain: readonly Certificate[],
  role: Role,
): string | undefined {
  const outside = 'x509: certificate has expired or is not yet valid: current time';
  const { notBefore, notAfter } = certificate;
  if (now < notBefore) return `${outside} ${formatTimestamp(now, 0)} is before ${formatTimestamp(notBefore, 0)}`;
  if (now > notAfter) return `${outside} ${formatTimestamp(now, 0)} is after ${formatTimestamp(notAfter, 0)}`;
  if (role === 'leaf') return undefined;
  if (role === 'intermediate' && !certificate.isCa) {
    return 'x509: certificate is not authorized to sign other certificates';
  }
  const most = certificate.basicConstraints?.maxPathLength;
  const between = chain.filter((one, index) => index > 0 && !isSelfIssued(one)).length;
  if (most !== undefined && between > most) return 'x509: too many intermediates for path length constraint';
  if (certificate.nameConstraints !== undefined) {
    for (const one of chain) {
      const why = violatedConstraint(certificate.nameConstraints, one);
      if (why !== undefined) return why;
    }
  }
  return undefined;
}

function allows(chain: readonly Certificate[], purposes: readonly string[]): boolean {
  if (purposes.length === 0 || purposes.includes(EXT_KEY_USAGE.Any)) return true;
  return purposes.some((purpose) =>
    chain.every(
      ({ extKeyUsage }) =>
        extKeyUsage.length === 0 || extKeyUsage.includes(EXT_KEY_USAGE.Any) || extKeyUsage.includes(purpose),
    ),
  );
}
