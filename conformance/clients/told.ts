/** What a client's calls came to, as lines that must be equal whatever server was behind it. */
import { sortedKeys } from '../../embed/sorted-keys.ts';
import { Normaliser } from '../bao/normalise.ts';

/** One call: its name, and what it resolved to or was rejected with, without what is volatile. */
export interface Told {
  readonly call: string;
  readonly result: string;
}

/** Plays a client's whole script against one server: `root` is its root token. */
export type ClientScript = (address: string, root: string) => Promise<readonly Told[]>;

/** A second may have passed since the token was made, or two. */
const TTL = /("(?:ttl|lease_duration)": )(\d+)/g;

const wholeMinutes = (_: string, name: string, seconds: string): string =>
  name + String(Number(seconds) % 60 >= 55 ? Math.ceil(Number(seconds) / 60) * 60 : Number(seconds));

/** Collects calls in their order. */
export class Teller {
  readonly told: Told[] = [];
  readonly #names = new Normaliser();

  /** Makes a call and gives what it resolved to; undefined when it was rejected. */
  async call<T>(call: string, made: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await made();
      this.#tell(call, value);
      return value;
    } catch (error) {
      this.#tell(call, { rejected: reasonOf(error) });
      return undefined;
    }
  }

  #tell(call: string, value: unknown): void {
    const text = JSON.stringify(sortedKeys(value), undefined, 1) ?? 'undefined';
    this.told.push({ call, result: this.#names.text(text.replace(TTL, wholeMinutes)) });
  }
}

/** What an application would look at: the message, and the status and body that clients hang on it. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { response } = error as { response?: { statusCode?: number; status?: number; body?: unknown; data?: unknown } };
  if (response === undefined) return error.message;
  const { statusCode, status, body, data } = response;
  return { message: error.message, status: statusCode ?? status, body: body ?? data };
}
