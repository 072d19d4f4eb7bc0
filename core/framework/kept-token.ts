/** Tokens that somebody else's API gives for a while (OAuth 2.0). */
import { asNumber, asString } from '../codec/json-fields.ts';
import type { JsonObject } from '../codec/json.ts';
import { type Clock, type Micros, SECOND } from '../runtime.ts';

/** A token is not used in its last minute. */
const MARGIN = 60 * SECOND;

export interface GivenToken {
  readonly text: string;
  readonly lasts: Micros;
}

/** What is said by who gives one: `{"access_token", "expires_in"}`. */
export const givenToken = (answer: JsonObject): GivenToken => ({
  text: asString(answer['access_token']) ?? '',
  lasts: (asNumber(answer['expires_in']) ?? 0) * SECOND,
});

/** One that is asked for when it is needed, and kept as long as it is good. */
export class KeptToken {
  #kept: { readonly text: string; readonly until: Micros } | undefined;

  async get(clock: Clock, ask: () => Promise<GivenToken>): Promise<string> {
    if (this.#kept !== undefined && clock.monotonic() < this.#kept.until) return this.#kept.text;
    const { text, lasts } = await ask();
    this.#kept = { text, until: clock.monotonic() + lasts - MARGIN };
    return text;
  }

  forget(): void {
    this.#kept = undefined;
  }
}
