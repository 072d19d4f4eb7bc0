/** An issuer ready to sign: its certificate, its key and what it writes into certificates. */
import { Fault } from '../../fault.ts';
import type { SigningKey } from '../../crypto/keys/key.ts';
import { parseCertificatePem, type Certificate } from '../../crypto/x509/certificate.ts';
import { decodePems } from '../../codec/pem.ts';
import { AiaError, NO_URLS_TOLD, urlsOfIssuer } from './aia.ts';
import { USAGE_BITS, type AiaUrls, type Issuer, type NotAfterBehavior, type UsageName } from './model.ts';
import { Unresolved, type PkiStore } from './store.ts';

export interface Authority {
  readonly issuer: Issuer;
  readonly certificate: Certificate;
  readonly key: SigningKey;
  /** DER, the issuer's own certificate first. */
  readonly chain: readonly Uint8Array[];
  readonly urls: AiaUrls;
  readonly behavior: NotAfterBehavior;
}

/** Sorted, with commas between. */
export const usageText = (usage: number): string =>
  USAGE_BITS.filter(([, bit]) => (usage & bit) === bit)
    .map(([name]) => name)
    .join(',');

export const bitOf = (usage: UsageName): number => USAGE_BITS.find(([name]) => name === usage)![1];

export const hasUsage = ({ usage }: Issuer, wanted: UsageName): boolean => (usage & bitOf(wanted)) !== 0;

export const certificateOf = ({ certificate }: Issuer): Certificate => parseCertificatePem(certificate)!;

const shownIssuer = ({ id, name }: Issuer): string => (name === '' ? `[id:${id}]` : `[id:${id} / name:${name}]`);

export class AuthorityProblem extends Error {
  /** Whether the client named something that is not there. */
  readonly asked: boolean;
  constructor(message: string, asked: boolean) {
    super(message);
    this.asked = asked;
  }
}

async function keyOf({ keyId }: Issuer, store: PkiStore): Promise<SigningKey | undefined> {
  try {
    return await store.signingKey(keyId);
  } catch (error) {
    throw error instanceof Fault ? new AuthorityProblem(error.message, false) : error;
  }
}

/** Throws AuthorityProblem. */
export async function authorityOf(store: PkiStore, reference: string, usage: UsageName): Promise<Authority> {
  let issuer: Issuer;
  try {
    issuer = await store.issuer(reference);
  } catch (error) {
    throw error instanceof Unresolved ? new AuthorityProblem(error.message, true) : error;
  }
  if (!hasUsage(issuer, usage)) {
    throw new AuthorityProblem(
      `error while attempting to use issuer ${issuer.id}: requested usage ${usage} for issuer ${shownIssuer(issuer)} but only had usage ${usageText(issuer.usage)}`,
      false,
    );
  }
  const key = issuer.keyId === '' ? undefined : await keyOf(issuer, store);
  if (key === undefined) {
    throw new AuthorityProblem(
      `unable to fetch corresponding key for issuer ${issuer.id}; unable to use this issuer for signing`,
      true,
    );
  }
  try {
    return {
      issuer,
      certificate: certificateOf(issuer),
      key,
      chain: issuer.caChain.flatMap((pem) => decodePems(pem).map(({ bytes }) => bytes)),
      urls: await urlsOfIssuer(issuer, store),
      behavior: issuer.leafNotAfterBehavior,
    };
  } catch (error) {
    if (!(error instanceof AiaError)) throw error;
    throw new AuthorityProblem(`${NO_URLS_TOLD}: ${error.message}`, false);
  }
}

/** An issuer cannot sign; `why` is without what a signing operation says before it. */
export class NoAuthority extends Fault {
  readonly why: string;
  constructor(message: string, why: string) {
    // What a server elsewhere said may be in it, and does not decide the status here.
    super('error', message, 500);
    this.why = why;
  }
}

/** As a signing operation says it. */
export function authorityFault({ message, asked }: AuthorityProblem): Fault {
  const text = asked
    ? `could not fetch the CA certificate (was one set?): ${message}`
    : `error fetching CA certificate: ${message}`;
  return new NoAuthority(text, message);
}

/** For what signs certificates. Throws a Fault. */
export async function signingAuthority(store: PkiStore, reference: string): Promise<Authority> {
  try {
    return await authorityOf(store, reference, 'issuing-certificates');
  } catch (error) {
    throw error instanceof AuthorityProblem ? authorityFault(error) : error;
  }
}
