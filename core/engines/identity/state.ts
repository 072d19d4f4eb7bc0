/** What the identity mount keeps in memory beside the directory, and where its settings lie. */
import { Mutex } from '../../mutex.ts';
import type { AuthorizationCode } from './oidc/codes.ts';
import { assignments, clients, providers, scopes } from './oidc/provider-store.ts';
import { issuerConfig, namedKeys, publicKeys, roles } from './oidc/key-store.ts';
import type { Signer } from '../../crypto/jws/secret-jwk.ts';

export interface IdentityState {
  /** One change of OIDC's settings at a time. */
  readonly oidc: Mutex;
  /** Authorization codes that were given out and not yet exchanged; lost with the node, as upstream's. */
  readonly codes: Map<string, AuthorizationCode>;
  /** Keys that were read from storage and are ready to sign, by key id. */
  readonly signers: Map<string, Signer>;
  /** Wall micros at which keys have to be rotated or thrown away; 0: unknown. */
  nextRun: number;
}

export const newState = (): IdentityState => ({ oidc: new Mutex(), codes: new Map(), signers: new Map(), nextRun: 0 });

export const identityStore = { issuerConfig, namedKeys, publicKeys, roles, assignments, clients, providers, scopes };
