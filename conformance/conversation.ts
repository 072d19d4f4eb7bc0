/** What a case says to a server and hears of it; whoever plays it carries the requests there and the answers back. */
import type { Exchange, Json } from './canonical.ts';
import { Canonicaliser, parseKeepingNumbers } from './canonical.ts';
import type { Capture, Step } from './case.ts';
import { stepText } from './case.ts';
import type { Answer, Request } from './client.ts';
import type { Running } from './targets/target.ts';

/** A KV of version 2 says that it upgrades, or waits for it, for some milliseconds after it was mounted; how many is chance. */
export const MOUNTING = 'from non-versioned to versioned data';

export class Conversation {
  /** What was heard so far. */
  readonly exchanges: Exchange[] = [];
  readonly #steps: readonly Step[];
  readonly #token: string;
  readonly #canonical: Canonicaliser;
  readonly #values: Map<string, string>;

  /** `known` is what stands for `$name` from the start. */
  constructor(
    steps: readonly Step[],
    { addresses, advertised, token, version }: Pick<Running, 'addresses' | 'advertised' | 'token' | 'version'>,
    known: Readonly<Record<string, string>> = {},
  ) {
    this.#steps = steps;
    this.#token = token;
    this.#canonical = new Canonicaliser(addresses, version, advertised);
    this.#values = new Map([['server', addresses[0]!], ...Object.entries(known)]);
  }

  /** What is to be asked next; undefined when all is said. */
  get step(): Step | undefined {
    return this.#steps[this.exchanges.length];
  }

  /** The next step's request. */
  get request(): Request {
    const step = this.step!;
    const token = step.as === 'root' ? this.#token : step.as === 'none' ? '' : this.fill(step.as);
    const headers = step.headers.map(([name, value]) => [name, this.fill(value)] as const);
    const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
    const usual = step.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return {
      method: step.method,
      path: this.#path(step),
      headers: [
        ...(token === '' ? [] : [['X-Vault-Token', token] as const]),
        ...(step.body === undefined || step.bytes || typed ? [] : [['Content-Type', usual] as const]),
        ...headers.filter(([, value]) => value !== 'none'),
      ],
      body: step.body === undefined ? undefined : sent(this.fill(step.body), step),
    };
  }

  #path({ method, path }: Step): string {
    return this.fill(path.startsWith('/') || method === 'VISIT' ? path : `/v1/${path}`);
  }

  /** The text with what earlier answers gave. */
  fill(text: string): string {
    return text.replace(/\$([a-z]\w*)/g, (all, name: string) => this.#values.get(name) ?? all);
  }

  /** In how many ms to ask the same again; undefined for an answer that counts. */
  askAgain(answer: Answer): number | undefined {
    if (answer.body.includes(MOUNTING)) return 5;
    const until = this.step!.until;
    if (until === undefined) return undefined;
    const found = until.at.length === 0 ? String(answer.status) : textAt(parseKeepingNumbers(answer.body), until.at);
    return found === until.value ? undefined : 50;
  }

  /** Goes on to the next step. `played`: since the beginning, without the waiting that the case asks for; seconds. */
  hear(answer: Answer, played: number): void {
    const step = this.step!;
    this.exchanges.push({ ...this.#canonical.exchange(stepText(step), this.#path(step), answer), played });
    const body = parseKeepingNumbers(answer.body);
    for (const capture of step.captures)
      this.#values.set(capture.name, captured(capture, answer, body) ?? `no-${capture.name}`);
  }
}

function captured(
  { at, source, last }: Capture,
  { headers, body }: Answer,
  json: Json | undefined,
): string | undefined {
  if (source === 'pem') {
    const found = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(body)?.[1];
    return found === undefined ? undefined : Buffer.from(found, 'base64').toString('base64url');
  }
  const value =
    source === undefined
      ? textAt(json, at)
      : headers.find(([name]) => name.toLowerCase() === source.header.toLowerCase())?.[1];
  return last ? value?.split('/').at(-1) : value;
}

/** A line break can only stand in a string of the body. */
const sent = (body: string, { bytes }: Step): string | Uint8Array =>
  bytes ? Buffer.from(body, 'base64') : body.replaceAll('\n', String.raw`\n`);

/** A scalar within a body, as text. Numbers in a path are places in lists; 'first' is an object's first key. */
function textAt(body: Json | undefined, at: readonly string[]): string | undefined {
  let value: Json | undefined = body;
  for (const key of at) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, Json>)[key];
  }
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
