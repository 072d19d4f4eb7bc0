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
import { policiesHold } from './policies.ts';

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
  readonly found: (readonly Certificate[])[];
  signatures: number;
  /** What the last one that had signed is refused for. */
  why: string | undefined;
}

/** All chains, leaf first, authority last. A leaf that is an authority itself is a chain of one. */
export function buildChains(crypto: Crypto, leaf: Certificate, rules: ChainRules): ChainResult {
  const search: Search = { ...rules, crypto, found: [], signatures: 0, why: undefined };
  const wrong = whatIsWrong(search, leaf, [], 'leaf');
  if (wrong !== undefined) return { error: wrong };
  if (isAmong(leaf, rules.roots)) search.found.push([leaf]);
  else extend(search, [leaf]);
  if (search.found.length === 0) {
    return { error: search.why ?? 'x509: certificate signed by unknown authority' };
  }
  return suited(search.found, rules.purposes ?? []);
}

/** Those of the chains that are good for one of the purposes, by policies and by names. */
function suited(found: readonly (readonly Certificate[])[], purposes: readonly string[]): ChainResult {
  const chains: (readonly Certificate[])[] = [];
  let [badPolicies, badUsages] = [0, 0];
  let misnamed: string | undefined;
  for (const chain of found) {
    if (!policiesHold(chain)) badPolicies++;
    else if (!allows(chain, purposes)) badUsages++;
    else {
      const why = violatedConstraint(chain);
      if (why === undefined) chains.push(chain);
      else misnamed ??= why;
    }
  }
  if (chains.length > 0) return { chains };
  if (misnamed !== undefined) return { error: misnamed };
  if (badPolicies === 0) return { error: 'x509: certificate specifies an incompatible key usage' };
  const details = [
    ...(badUsages > 0 ? [`${badUsages} candidate chains with incompatible key usage`] : []),
    `${badPolicies} candidate chains with invalid policies`,
  ];
  return { error: `x509: no valid chains built: ${details.join(', ')}` };
}

const isAmong = (certificate: Certificate, others: readonly Certificate[]): boolean =>
  others.some(({ bytes }) => equalBytes(bytes, certificate.bytes));

function extend(search: Search, chain: readonly Certificate[]): void {
  const child = chain.at(-1)!;
  for (const root of potentialParents(child, search.roots)) {
    if (isParent(search, root, child, chain, 'root')) search.found.push([...chain, root]);
  }
  for (const intermediate of potentialParents(child, search.intermediates)) {
    if (isAmong(intermediate, search.roots)) continue;
    if (isParent(search, intermediate, child, chain, 'intermediate')) extend(search, [...chain, intermediate]);
  }
}

/** Those of the issuer's name: first whose key is named, then where one side names none. */
function potentialParents(child: Certificate, all: readonly Certificate[]): readonly Certificate[] {
  const rank = ({ subjectKeyId }: Certificate): number => {
    if (equalBytes(subjectKeyId, child.authorityKeyId)) return 0;
    return subjectKeyId.length === 0 || child.authorityKeyId.length === 0 ? 1 : 2;
  };
  return all
    .filter(({ rawSubject }) => equalBytes(rawSubject, child.rawIssuer))
    .sort((one, other) => rank(one) - rank(other));
}

type Role = 'leaf' | 'intermediate' | 'root';

function isParent(
  search: Search,
  parent: Certificate,
  child: Certificate,
  chain: readonly Certificate[],
  role: Role,
): boolean {
  // The same subject and key twice is a circle, whoever signed it.
  const again = chain.some(
    ({ rawSubject, rawPublicKey }) =>
      equalBytes(rawSubject, parent.rawSubject) && equalBytes(rawPublicKey, parent.rawPublicKey),
  );
  if (++search.signatures > MOST_SIGNATURES || again) return false;
  if (!mayHaveSigned(search.crypto, parent, child)) return false;
  search.why = whatIsWrong(search, parent, chain, role);
  return search.why === undefined;
}

/** Whether this authority may sign certificates and did sign this one. */
export function mayHaveSigned(crypto: Crypto, parent: Certificate, child: Certificate): boolean {
  if (parent.basicConstraints === undefined ? parent.version === 2 : !parent.isCa) return false;
  if (parent.keyUsage !== undefined && (parent.keyUsage & KEY_USAGE.CertSign) === 0) return false;
  return parent.publicKey !== undefined && isSignedBy(crypto, child, parent.publicKey);
}

function whatIsWrong(
  { now }: Search,
  certificate: Certificate,
  chain: readonly Certificate[],
  role: Role,
): string | undefined {
  if (certificate.unhandledCritical) return 'x509: unhandled critical extension';
  const outside = 'x509: certificate has expired or is not yet valid: current time';
  const { notBefore, notAfter } = certificate;
  if (now < notBefore) return `${outside} ${formatTimestamp(now, 0)} is before ${formatTimestamp(notBefore, 0)}`;
  if (now > notAfter) return `${outside} ${formatTimestamp(now, 0)} is after ${formatTimestamp(notAfter, 0)}`;
  if (role === 'intermediate' && !certificate.isCa) {
    return 'x509: certificate is not authorized to sign other certificates';
  }
  const most = certificate.basicConstraints?.maxPathLength;
  const tooMany = most !== undefined && chain.length - 1 > most;
  return tooMany ? 'x509: too many intermediates for path length constraint' : undefined;
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
