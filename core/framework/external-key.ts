/** Keys that another server keeps: what mounts may ask of them. */
import type { RemoteKey, RemoteSigning } from '../crypto/keys/key.ts';

/** Why a key that another server keeps cannot be had or used, in upstream's words. */
export class ExternalKeyProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExternalKeyProblem';
  }
}

/** A key elsewhere. The other server is asked anew each time; what it refuses rejects with ExternalKeyProblem. */
export interface ExternalKey {
  encrypt(plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
  decrypt(ciphertext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
  /** As RemoteKey's. */
  sign(input: Uint8Array, how: RemoteSigning): Promise<Uint8Array>;
  verify(input: Uint8Array, signature: Uint8Array, how: RemoteSigning): Promise<boolean>;
  /** With its public part, which the other server is asked for. */
  signer(): Promise<RemoteKey>;
}
