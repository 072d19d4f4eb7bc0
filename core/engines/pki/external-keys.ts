/** Keys that stay elsewhere, which `sys/external-keys` knows and has granted to this mount. */
import type { RemoteKey } from '../../crypto/keys/key.ts';
import { failure, Fault, refuse } from '../../fault.ts';
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

/** What is made with a signature. Another server may refuse it, and its words decide no status. Throws a Fault. */
export async function signedOr<T>(what: string, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    throw error instanceof ExternalKeyProblem ? failure(`${what}: ${error.message}`, 500) : error;
  }
}

/** To make an authority of. Throws a Fault. */
export const externalKeyForAuthority = (reference: string, system: KeysElsewhere): Promise<RemoteKey> =>
  keyOr((why) => refuse(`failed to get external key: ${why}`, 400), reference, system);
