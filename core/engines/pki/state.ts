/** What a mount keeps in memory: who may change issuers, how its lists stand, and what tidying does. */
import { makeUuid } from '../../codec/uuid.ts';
import { Mutex } from '../../mutex.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { Nonces } from './acme/nonces.ts';
import { CrlBuilder } from './crl.ts';
import { TidyStatus } from './tidy-status.ts';

export class PkiState {
  readonly context: BackendContext;
  /** Held while issuers or keys change. */
  readonly issuersLock = new Mutex();
  /** Held while a certificate is revoked. */
  readonly revokeLock = new Mutex();
  /** Held while lists are built. */
  readonly crlLock = new Mutex();
  /** Held while an account is made or an order is finalised. */
  readonly acmeLock = new Mutex();
  /** Names of challenges that are being checked. */
  readonly validating = new Set<string>();
  /** Challenges are checked here: on the active node. */
  validates = false;
  readonly tidy: TidyStatus;
  readonly crl: CrlBuilder;
  readonly nonces: Nonces;
  /** The lists are outdated: whoever reads or comes by next builds them. */
  crlOutdated = false;
  /** Wall micros. */
  lastDeltaCheck: Micros;

  constructor(context: BackendContext) {
    const { clock, random } = context.runtime;
    this.context = context;
    this.crl = new CrlBuilder(this);
    this.nonces = new Nonces(context.runtime);
    this.lastDeltaCheck = clock.wall();
    this.tidy = new TidyStatus(
      makeUuid((length) => random.bytes(length)),
      clock,
    );
  }
}
