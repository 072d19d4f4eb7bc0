/** What a client's calls came to, as lines that must be equal whatever server was behind it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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

/** What a client's program printed: a line of JSON a call, with its name and what it came to. */
export async function toldByProgram(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<readonly Told[]> {
  const env = { ...process.env, BAO_TOKEN: 'root', ...environment };
  const { stdout } = await promisify(execFile)(program, words, { env, maxBuffer: 1 << 24, timeout: 240_000 });
  const teller = new Teller();
  for (const line of stdout.trim().split('\n')) {
    const { call, result } = JSON.parse(line) as { call: string; result: unknown };
    await teller.call(call, () => Promise.resolve(result));
  }
  return teller.told;
}

/** What an application would look at: the message, and the status and body that clients hang on it. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { response } = error as { response?: { statusCode?: number; status?: number; body?: unknown; data?: unknown } };
  if (response === undefined) return error.message;
  const { statusCode, status, body, data } = response;
  return { message: error.message, status: statusCode ?? status, body: body ?? data };
}
