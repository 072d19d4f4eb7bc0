/** What tidying does, and what the last run has done. */
import type { JsonObject } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { Clock, Micros } from '../../runtime.ts';
import { revokedBuffer, shownPause, type TidyConfig } from './tidy-config.ts';

export type TidyState = 'Inactive' | 'Running' | 'Finished' | 'Error' | 'Cancelling' | 'Cancelled';

export interface TidyCounts {
  certificates: number;
  revoked: number;
  missingIssuers: number;
  acmeOrdersDeleted: number;
  acmeAccountsRevoked: number;
  acmeAccountsDeleted: number;
}

const noCounts = (): TidyCounts => ({
  certificates: 0,
  revoked: 0,
  missingIssuers: 0,
  acmeOrdersDeleted: 0,
  acmeAccountsRevoked: 0,
  acmeAccountsDeleted: 0,
});

export class TidyStatus {
  readonly #clock: Clock;
  readonly #id: string;
  state: TidyState = 'Inactive';
  message: string | null = null;
  error: string | null = null;
  config: TidyConfig | undefined;
  counts: TidyCounts = noCounts();
  #started: Micros = 0;
  #finished: Micros = 0;
  /** Wall micros of the end of the last run, or just before the one that goes on; 0: none yet. */
  lastFinished: Micros = 0;

  constructor(id: string, clock: Clock) {
    this.#id = id;
    this.#clock = clock;
  }

  get running(): boolean {
    return this.state === 'Running' || this.state === 'Cancelling';
  }

  begin(config: TidyConfig): void {
    this.state = 'Running';
    this.message = null;
    this.error = null;
    this.config = config;
    this.counts = noCounts();
    this.#started = this.#clock.wall();
    this.lastFinished = this.#started - 1;
  }

  end(error: string | null): void {
    this.state = error !== null ? 'Error' : this.state === 'Cancelling' ? 'Cancelled' : 'Finished';
    this.error = error;
    this.message = null;
    this.#finished = this.#clock.wall();
    this.lastFinished = Math.max(this.#clock.wall(), this.#finished + 1);
  }

  shown(): JsonObject {
    const { config, counts } = this;
    const of = <T extends JsonObject[string]>(value: T): T | null => (config === undefined ? null : value);
    const ended = config !== undefined && !this.running;
    return {
      acme_account_deleted_count: of(counts.acmeAccountsDeleted),
      acme_account_revoked_count: of(counts.acmeAccountsRevoked),
      acme_account_safety_buffer: config?.acmeAccountSafetyBuffer ?? null,
      acme_orders_deleted_count: of(counts.acmeOrdersDeleted),
      cert_store_deleted_count: of(counts.certificates),
      current_cert_store_count: null,
      current_revoked_cert_count: null,
      error: this.error,
      internal_backend_uuid: this.#id,
      issuer_safety_buffer: config?.issuerSafetyBuffer ?? null,
      ...(this.lastFinished === 0 ? {} : { last_auto_tidy_finished: formatRfc3339(this.lastFinished) }),
      message: this.message,
      missing_issuer_cert_count: of(counts.missingIssuers),
      page_size: config?.pageSize ?? null,
      pause_duration: config === undefined ? null : shownPause(config),
      revoked_cert_deleted_count: of(counts.revoked),
      revoked_safety_buffer: config === undefined ? null : revokedBuffer(config),
      safety_buffer: config?.safetyBuffer ?? null,
      state: this.state,
      tidy_acme: config?.acme ?? null,
      tidy_cert_store: config?.certStore ?? null,
      tidy_expired_issuers: config?.expiredIssuers ?? null,
      // Upstream forgets to note this one.
      tidy_invalid_certs: of(false),
      tidy_move_legacy_ca_bundle: config?.legacyBundle ?? null,
      tidy_revoked_cert_issuer_associations: config?.associations ?? null,
      tidy_revoked_certs: config?.revokedCerts ?? null,
      time_finished: ended ? formatRfc3339(this.#finished) : null,
      time_started: of(formatRfc3339(this.#started)),
      // Upstream counts them and does not say.
      total_acme_account_count: of(0),
    };
  }
}
