/** Keys that stay elsewhere, which `sys/external-keys` knows and has granted to this mount. */
import type { RemoteKey } from '../../crypto/keys/key.ts';
import { Fault, refuse } from '../../fault.ts';
import { ExternalKeyProblem } from '../../framework/external-key.ts';
import type { SystemView } from '../../framework/logical.ts';

/** What hands out keys that are elsewhere. */
export type KeysElsewhere = Pick<SystemView, 'externalKey'>;

async function keyOr(problem: (why: string) => Error, reference: string, system: KeysElsewhere): Promise<RemoteKey> {
  try {
    return await system.externalKey(reference);
  } catch (error) {
    throw error instanceof ExternalKeyProblem ? problem(error.message) : error;
  }
}

/** What the other server says does not decide the status here. */
const failed = (message: string): Fault => new Fault('error', message, 500);

/** The key to sign with could not be had. */
export class NoSigner extends Fault {
  constructor(why: string) {
    super('error', `failed to get external key signer: ${why}`, 500);
  }
}

/** To sign with. Throws NoSigner. */
export const externalSigner = (reference: string, system: KeysElsewhere): Promise<RemoteKey> =>
  keyOr((why) => new NoSigner(why), reference, system);

/** What is made with a signature, which another server may refuse. Throws a Fault. */
export async function signedOr<T>(what: string, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    throw error instanceof ExternalKeyProblem ? failed(`${what}: ${error.message}`) : error;
  }
}

/** To make an authority of. Throws a Fault. */
export const externalKeyForAuthority = (reference: string, system: KeysElsewhere): Promise<RemoteKey> =>
  keyOr((why) => refuse(`failed to get external key: ${why}`, 400), reference, system);
