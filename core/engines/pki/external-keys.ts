/** Keys that stay elsewhere, which `sys/external-keys` knows and has granted to this mount. */
import { samePublicKey, type PublicKey, type RemoteKey, type SigningKey } from '../../crypto/keys/key.ts';
import type { SignatureAlgorithm } from '../../crypto/x509/algorithm.ts';
import { X509Error } from '../../crypto/x509/error.ts';
import { Fault, refuse } from '../../fault.ts';
import { ExternalKeyProblem } from '../../framework/external-key.ts';
import type { SystemView } from '../../framework/logical.ts';

/** What hands out keys that are elsewhere. */
export type KeysElsewhere = Pick<SystemView, 'externalKey'>;

async function keyOr(problem: (why: string) => Error, reference: string, system: KeysElsewhere): Promise<RemoteKey> {
  try {
    return await (await system.externalKey(reference)).signer();
  } catch (error) {
    throw error instanceof ExternalKeyProblem ? problem(error.message) : error;
  }
}

/** The key to sign with could not be had. */
export class NoSigner extends Fault {
  constructor(why: string) {
    super('error', `failed to get external key signer: ${why}`, 500);
  }
}

/** To sign with. Throws NoSigner. */
export const externalSigner = (reference: string, system: KeysElsewhere): Promise<RemoteKey> =>
  keyOr((why) => new NoSigner(why), reference, system);

/** What was to be signed is not. Another server may have said why, and its words decide no status. */
export class Unsigned extends Fault {
  constructor(why: string) {
    super('error', why, 500);
  }
}

/**
 * A key elsewhere may have become another one since its issuer was made. `issuer`: the key in the issuer's certificate,
 * where Go compares it. Throws Unsigned.
 */
export function checkSigner(what: string, key: SigningKey, algorithm: SignatureAlgorithm, issuer?: PublicKey): void {
  if (key.kind !== 'remote') return;
  if (algorithm.kind !== key.publicKey.kind) {
    throw new Unsigned(`${what}: x509: requested SignatureAlgorithm does not match private key type`);
  }
  if (issuer !== undefined && !samePublicKey(issuer, key.publicKey)) {
    throw new Unsigned(`${what}: x509: provided PrivateKey doesn't match parent's PublicKey`);
  }
}

/** What is made with a signature, where it can be made. Throws Unsigned. */
export async function signedOr<T>(what: string, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    throw error instanceof ExternalKeyProblem || error instanceof X509Error
      ? new Unsigned(`${what}: ${error.message}`)
      : error;
  }
}

/** To make an authority of. Throws a Fault. */
export const externalKeyForAuthority = (reference: string, system: KeysElsewhere): Promise<RemoteKey> =>
  keyOr((why) => refuse(`failed to get external key: ${why}`, 400), reference, system);
