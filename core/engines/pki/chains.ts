/** Who stands behind which issuer, kept with each of them: itself first, those that signed it after it. */
import { equalBytes } from '../../codec/bytes.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { mayHaveSigned } from '../../crypto/x509/chain.ts';
import type { Certificate } from '../../crypto/x509/certificate.ts';
import { certificateOf } from './authority.ts';
import type { Issuer } from './model.ts';
import type { PkiStore } from './store.ts';
import { sameList } from './same-list.ts';

interface Node {
  readonly issuer: Issuer;
  readonly certificate: Certificate;
  readonly parents: Node[];
}

/** In the order that is tried: those without a parent but themselves first, so that a straight way ends soonest. */
function graphOf(crypto: Crypto, issuers: readonly Issuer[]): Node[] {
  const nodes = issuers
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .map((issuer): Node => ({ issuer, certificate: certificateOf(issuer), parents: [] }));
  for (const node of nodes) {
    const { certificate } = node;
    const parents = nodes.filter(
      (other) =>
        other !== node &&
        equalBytes(other.certificate.rawSubject, certificate.rawIssuer) &&
        mayHaveSigned(crypto, other.certificate, certificate),
    );
    const isRoot = ({ certificate: { rawIssuer, rawSubject } }: Node): boolean => equalBytes(rawIssuer, rawSubject);
    node.parents.push(...parents.filter(isRoot), ...parents.filter((parent) => !isRoot(parent)));
  }
  return nodes;
}

function chainOf(node: Node): Node[] {
  const chain: Node[] = [];
  const visit = (next: Node): void => {
    if (chain.includes(next)) return;
    chain.push(next);
    next.parents.forEach(visit);
  };
  visit(node);
  return chain;
}

/** Builds all chains anew and stores the issuers whose chain has changed. */
export async function rebuildChains(store: PkiStore, crypto: Crypto): Promise<void> {
  const issuers = await store.allIssuers();
  const byId = new Map(issuers.map((issuer) => [issuer.id, issuer]));
  for (const node of graphOf(crypto, issuers)) {
    const { issuer } = node;
    const manual = issuer.manualChain.flatMap((id) => byId.get(id)?.certificate ?? []);
    const caChain =
      issuer.manualChain.length > 0 ? manual : chainOf(node).map(({ issuer: { certificate } }) => certificate);
    const same = sameList(caChain, issuer.caChain);
    if (!same) await store.issuers.put(issuer.id, { ...issuer, caChain });
  }
}
