/** Differences that are meant, each listed in differences.md. */
import type { Difference } from '../../differ.ts';

/** Where Go reads requests, keys and lists into its structs, and stumbles in their order. */
const IN_STRUCTS =
  /^(?:pki\/(?:issuers\/import|keys\/\w+|sign|sign-verbatim|sign-intermediate|revoke-with-key)|cert\/crls|transit\/(?:import|csr).*|ssh\/config\/ca)$/;
const DECODER = /(?:asn1|x509|crypto\/\w+|ssh): /;

/** Both refuse for what is inside of ASN.1, with the same words before that. */
export function sameButInside({ at, expected, actual }: Difference): boolean {
  const [theirs, ours] = [expected, actual].map((text) => DECODER.exec(text)?.index ?? -1);
  return (
    at === '.errors[0]' &&
    theirs! >= 0 &&
    ours! >= 0 &&
    expected.slice(0, theirs).replace(/\d+\. $/, '') === actual.slice(0, ours).replace(/\d+\. $/, '')
  );
}

const ADDRESS = /^(.* PGP key: )(.*) (?:0x[0-9a-f]+|<pointer-\d+>)\}\)$/;

/** Go prints where the error lies in its memory, ours its text once more. */
const sameButAddress = (kind: string, { expected, actual }: Difference): boolean =>
  kind.startsWith('pgp/') && ADDRESS.test(expected) && expected.replace(ADDRESS, '$1$2 $2})') === actual;

export const whyKnown = (kind: string, difference: Difference): string | undefined =>
  IN_STRUCTS.test(kind) && sameButInside(difference)
    ? 'what is wrong inside of ASN.1'
    : sameButAddress(kind, difference)
      ? 'an address in memory'
      : undefined;
