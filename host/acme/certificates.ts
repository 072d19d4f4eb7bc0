/** The certificates of a listener that has none: asked for at an ACME authority when the first client comes for a name. */
import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { Log } from '../../core/runtime.ts';
import type { AcmeCache, Stored } from './cache.ts';
import { AcmeError, LOGGER } from './client.ts';
import { plainPem } from './keys.ts';
import type { AcmeOrders } from './orders.ts';

/** Milliseconds after a failure until it is tried again; the last one goes on. */
const PAUSES = [60_000, 120_000, 120_000, 300_000];
/** How long a client waits for a certificate. */
const PATIENCE = 180_000;
/** The last part of a certificate's lifetime in which it is renewed. */
const RENEWED_IN = 1 / 3;

/** The kind of error of who has waited long enough. */
export const EXPIRED = 'expired';

interface Held {
  readonly options: SecureContextOptions;
  readonly notBefore: number;
  readonly notAfter: number;
}

export class AcmeCertificates {
  readonly #orders: AcmeOrders;
  readonly #cache: AcmeCache;
  readonly #domains: readonly string[];
  readonly #log: Log;
  readonly #held = new Map<string, Held>();
  /** Names that are being asked for, or renewed. */
  readonly #busy = new Map<string, Promise<Held>>();
  #closed = false;

  /** `domains`: none is every name. */
  constructor(orders: AcmeOrders, cache: AcmeCache, domains: readonly string[], log: Log) {
    this.#orders = orders;
    this.#cache = cache;
    this.#domains = domains.map((name) => name.toLowerCase());
    this.#log = log;
  }

  /** Rejects with AcmeError, in upstream's words, where the name is to have none, or gets none. */
  async options(serverName: string): Promise<SecureContextOptions> {
    const name = serverName.toLowerCase();
    const odd = /[^a-z0-9.:-]/.exec(name)?.[0];
    if (odd !== undefined) {
      const code = odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      throw new AcmeError(`idna: disallowed rune U+${code}`);
    }
    const held = this.#held.get(name);
    if (held !== undefined) return (await this.#renewed(name, held)).options;
    if (this.#domains.length > 0 && !this.#domains.includes(name)) {
      const reason = 'decision func: domain not allowed in tls_acme_domains';
      throw new AcmeError(`certificate is not allowed for server name ${name}: ${reason}`);
    }
    const stored = await this.#cache.certificate(name);
    if (stored !== undefined) return (await this.#renewed(name, this.#hold(name, stored))).options;
    if (!this.#busy.has(name)) {
      this.#log.write('info', `${LOGGER}.on_demand`, 'obtaining new certificate', { server_name: name });
    }
    return (await this.#waited(name, 'obtain')).options;
  }

  /** Nothing is tried again from now on. */
  close(): void {
    this.#closed = true;
  }

  /** While it is good it is served, whatever becomes of the renewal. */
  async #renewed(name: string, held: Held): Promise<Held> {
    const { notBefore, notAfter } = held;
    const remaining = notAfter - Date.now();
    if (remaining > (notAfter - notBefore) * RENEWED_IN) return held;
    if (!this.#busy.has(name)) {
      const why = 'certificate is in configured renewal window based on expiration date';
      this.#log.write('info', LOGGER, why, { remaining: `${remaining / 1_000}s` });
      this.#log.write('info', `${LOGGER}.on_demand`, 'attempting certificate renewal');
    }
    const renewal = this.#waited(name, 'renew');
    if (remaining <= 0) return renewal;
    renewal.catch(() => undefined);
    return held;
  }

  #waited(name: string, what: 'obtain' | 'renew'): Promise<Held> {
    let busy = this.#busy.get(name);
    if (busy === undefined) {
      busy = this.#asked(name, what).finally(() => {
        this.#busy.delete(name);
        this.#log.write('info', `${LOGGER}.${what}`, 'releasing lock', { identifier: name });
      });
      this.#busy.set(name, busy);
    }
    return busy;
  }

  async #asked(name: string, what: 'obtain' | 'renew'): Promise<Held> {
    const started = Date.now();
    const logger = `${LOGGER}.${what}`;
    this.#log.write('info', logger, 'acquiring lock', { identifier: name });
    return this.#cache.locked(name, async () => {
      this.#log.write('info', logger, 'lock acquired', { identifier: name });
      for (let attempt = 1; ; attempt++) {
        const failure = await this.#attempt(name, what);
        if (!(failure instanceof AcmeError)) return failure;
        await this.#pause(failure, name, what, attempt, started);
      }
    });
  }

  /** What was got, or why it was not. */
  async #attempt(name: string, what: 'obtain' | 'renew'): Promise<Held | AcmeError> {
    const logger = `${LOGGER}.${what}`;
    const { issuer } = this.#orders;
    const doing = what === 'obtain' ? 'obtaining certificate' : 'renewing certificate';
    const old = what === 'renew' ? this.#held.get(name) : undefined;
    const remaining = old === undefined ? {} : { remaining: `${(old.notAfter - Date.now()) / 1_000}s` };
    this.#log.write('info', logger, doing, { identifier: name, ...remaining });
    try {
      const stored = await this.#orders.certificate(name);
      const done = what === 'obtain' ? 'certificate obtained successfully' : 'certificate renewed successfully';
      this.#log.write('info', logger, done, { identifier: name, issuer });
      return this.#hold(name, stored);
    } catch (error) {
      if (!(error instanceof AcmeError)) throw error;
      this.#log.write('error', logger, 'could not get certificate from issuer', {
        identifier: name,
        issuer,
        error: error.problem || error.message,
      });
      return error;
    }
  }

  async #pause(failure: AcmeError, name: string, what: string, attempt: number, started: number): Promise<void> {
    const pause = PAUSES[Math.min(attempt, PAUSES.length) - 1]!;
    const verb = what === 'obtain' ? 'Obtain' : 'Renew';
    const elapsed = Date.now() - started;
    this.#log.write('error', `${LOGGER}.${what}`, 'will retry', {
      error: `[${name}] ${verb}: ${failure.message}`,
      attempt,
      retrying_in: `${pause / 60_000}m0s`,
      elapsed: `${elapsed / 1_000}s`,
      max_duration: '720h0m0s',
    });
    const left = PATIENCE - elapsed;
    await new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, Math.min(pause, left))).unref());
    if (left <= pause || this.#closed) throw new AcmeError('context canceled', EXPIRED);
  }

  #hold(name: string, { chain, key }: Stored): Held {
    const { validFromDate, validToDate } = new X509Certificate(chain);
    const held: Held = {
      options: { cert: chain, key: plainPem(key) },
      notBefore: validFromDate.getTime(),
      notAfter: validToDate.getTime(),
    };
    this.#held.set(name, held);
    return held;
  }
}
