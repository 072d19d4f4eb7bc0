/** Passcodes of one-time passwords: good once, and only so many tries in a period. */
import { formatDuration } from '../../codec/duration.ts';
import type { MfaMethod, TotpSettings } from '../../engines/identity/mfa/model.ts';
import { decodeBase32 } from '../../codec/base32.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { isPasscode } from '../../crypto/otp.ts';
import type { Micros, Runtime } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';

interface Tries {
  count: number;
  readonly until: Micros;
}

const WRONG = 'MFA credentials not supplied or incorrect';

export class Passcodes {
  readonly #runtime: Runtime;
  /** Wall micros until which a passcode must not be used again. */
  readonly #used = new Map<string, Micros>();
  readonly #tries = new Map<string, Tries>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** What is wrong with the passcode, or undefined. `key` is in base32. */
  check(method: MfaMethod, settings: TotpSettings, entityId: string, given: string, key: string): string | undefined {
    const now = this.#runtime.clock.wall();
    this.#forget(now);
    const holder = `${method.id}_${entityId}`;
    const use = `${holder}_${given}`;
    if (encodeUtf8(given).length !== settings.digits || this.#used.has(use)) return WRONG;
    const limit = this.#count(holder, settings, now);
    if (limit !== undefined) return limit;
    const seconds = Math.floor(now / SECOND);
    if (!isPasscode(given, decodeBase32(key), seconds, settings, this.#runtime.crypto)) return WRONG;
    this.#used.set(use, now + settings.period * SECOND * (2 + settings.skew));
    this.#tries.delete(holder);
    return undefined;
  }

  #count(holder: string, { period, maxAttempts }: TotpSettings, now: Micros): string | undefined {
    const tries = this.#tries.get(holder);
    if (tries === undefined) {
      this.#tries.set(holder, { count: 1, until: now + period * SECOND });
      return undefined;
    }
    tries.count++;
    if (tries.count <= maxAttempts) return undefined;
    // Upstream's sum has two nanoseconds too many, and its text a unit too many.
    const wait = formatDuration(period * SECOND).replace(/s$/, '.000000002s');
    return `maximum TOTP validation attempts ${tries.count} exceeded the allowed attempts ${maxAttempts}. Please try again in ${wait} seconds`;
  }

  #forget(now: Micros): void {
    for (const [use, until] of this.#used) if (until <= now) this.#used.delete(use);
    for (const [holder, { until }] of this.#tries) if (until <= now) this.#tries.delete(holder);
  }
}
