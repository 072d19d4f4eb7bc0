/** What protects the root key at rest: a key made of shares, a key from the configuration, or somebody else's service. */
import type { SealedBlob } from './blob.ts';

export interface SealWrapper {
  /** 'shamir', 'static' …, as in seal-status and in the seal configuration. */
  readonly type: string;
  /** Names the key that `encrypt` uses, as far as it is known; '' where there is only one. */
  keyId(): Promise<string>;
  encrypt(plaintext: Uint8Array): Promise<SealedBlob>;
  /** Rejects with upstream's text when it cannot. */
  decrypt(blob: SealedBlob): Promise<Uint8Array>;
  /** Before the node is made: proves that the service answers. Rejects with what upstream prints and ends for. */
  connect?(): Promise<void>;
  /** When the server ends: lets go of what `connect` took hold of. */
  close?(): Promise<void>;
}
