/** Logins by a browser that have begun: ten minutes each, in memory of the active node alone, as upstream keeps them. */
import type { Auth } from '../../../framework/logical.ts';
import type { Clock, Micros } from '../../../runtime.ts';
import { MINUTE } from '../../../runtime.ts';

const LIFETIME: Micros = 10 * MINUTE;

export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly roleName: string;
  readonly redirectUri: string;
  /** Undefined: the provider answers with an id token, not with a code. */
  readonly verifier: string | undefined;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Seconds; 0 where nothing was asked. */
  readonly maxAge: number;
  /** Wall micros. */
  readonly begun: Micros;
  /** What the client has to show again; '' when it gave none. */
  readonly clientNonce: string;
  readonly deviceCode: string;
  readonly requester: string;
  /** What a form post brought. */
  code: string;
  idToken: string;
  /** Of a direct login that waits to be fetched. */
  auth: Auth | undefined;
}

export class Flows {
  readonly #clock: Clock;
  readonly #flows = new Map<string, { readonly flow: Flow; readonly until: Micros }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(state: string): Flow | undefined {
    const found = this.#flows.get(state);
    return found === undefined || found.until <= this.#clock.monotonic() ? undefined : found.flow;
  }

  /** What has ended is forgotten when something new begins. */
  put(flow: Flow): void {
    const now = this.#clock.monotonic();
    for (const [state, { until }] of this.#flows) if (until <= now) this.#flows.delete(state);
    this.#flows.set(flow.state, { flow, until: now + LIFETIME });
  }

  delete(state: string): void {
    this.#flows.delete(state);
  }
}
