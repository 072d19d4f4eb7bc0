/** One server that the script is played to, and what it answered, without what is another each time. */
import { eventually } from '../cluster.ts';
import type { Running } from '../targets/target.ts';
import { AcmeClient, type Answer, type Signing } from './client.ts';
import { type Json, type Key, makeKey } from './jws.ts';
import type { AcmeWorld } from './world.ts';

const HEADERS = ['content-type', 'location', 'link', 'cache-control', 'retry-after', 'replay-nonce', 'allow'];

export interface Account {
  readonly key: Key;
  readonly kid: string;
}

export class Session {
  readonly told: string[] = [];
  readonly world: AcmeWorld;
  readonly #address: string;
  readonly #token: string;
  readonly #names = new Map<string, string>();

  constructor(running: Running, world: AcmeWorld) {
    this.#address = running.addresses[0]!;
    this.#token = running.token;
    this.world = world;
  }

  get mount(): string {
    return `${this.#address}/v1/pki`;
  }

  client(directory = 'acme/'): AcmeClient {
    return new AcmeClient(`${this.mount}/${directory}`);
  }

  /** With the operator's token. */
  async bao(method: string, path: string, body?: Json): Promise<Answer> {
    return this.client().ask(
      method,
      `${this.#address}/v1/${path}`,
      body === undefined ? undefined : JSON.stringify(body),
      {
        'X-Vault-Token': this.#token,
      },
    );
  }

  /** The same, where it has to work. */
  async set(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await this.bao(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return (answer.json['data'] ?? {}) as Json;
  }

  note(label: string, { status, headers, text }: Answer): void {
    this.#names.clear();
    const shown = HEADERS.flatMap((name) => {
      const value = headers.get(name);
      if (value === null) return [];
      return [`${name}: ${name === 'replay-nonce' ? 'one' : this.plain(value)}`];
    });
    this.told.push([`${label}: ${status}`, ...shown, this.plain(text)].join('\n    '));
  }

  /** What is another on each server and each time gets a name, in the order in which it comes up in one answer. */
  plain(text: string): string {
    const named =
      (kind: string) =>
      (found: string): string => {
        let name = this.#names.get(found);
        if (name === undefined) this.#names.set(found, (name = `<${kind} ${this.#names.size + 1}>`));
        return name;
      };
    return text
      .replaceAll(this.#address, '<address>')
      .replaceAll(`127.0.0.1:${this.world.dns.port}`, '<dns>')
      .replaceAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g, '<certificate>')
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, named('id'))
      .replaceAll(/(?:[0-9a-f]{2}[:-]){16,19}[0-9a-f]{2}/g, named('serial'))
      .replaceAll(/"(token|x|y|n|payload|protected|signature)":"[\w-]+"/g, '"$1":"<random>"')
      .replaceAll(/acme-challenge\/[\w-]+/g, 'acme-challenge/<token>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
      .replaceAll(/127\.0\.0\.1:\d+->/g, '127.0.0.1:<port>->')
      .replaceAll(/"request_id":"[^"]*"/g, '"request_id":""')
      .replaceAll(/"(created|revocation_time|expiration)":\d+/g, '"$1":0');
  }

  /** An account that the script goes on with. */
  async account(directory = 'acme/', key = makeKey()): Promise<Account> {
    const made = await this.client(directory).post('new-account', {}, { key });
    if (made.status !== 201) throw new Error(`no account: ${made.status} ${made.text}`);
    return { key, kid: made.headers.get('location')! };
  }

  async post(label: string, path: string, payload: Json | string | undefined, signing: Signing): Promise<Answer> {
    const answer = await this.client().post(path, payload, signing);
    this.note(label, answer);
    return answer;
  }

  /** An order of these names with its authorizations. */
  async order(account: Account, values: readonly string[], directory = 'acme/') {
    const identifiers = values.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }));
    const client = this.client(directory);
    const answer = await client.post('new-order', { identifiers }, account);
    if (answer.status !== 201) throw new Error(`no order: ${answer.status} ${answer.text}`);
    const authorizations: Answer[] = [];
    for (const url of answer.json['authorizations'] as string[]) {
      authorizations.push(await client.post(url, undefined, account));
    }
    return { url: answer.headers.get('location')!, answer, authorizations };
  }

  /** The challenge of this type, with what proves it. */
  challenge(account: Account, authorization: Answer, type: string): { url: string; token: string; proof: string } {
    const found = (authorization.json['challenges'] as Json[]).find((one) => one['type'] === type);
    if (found === undefined) throw new Error(`no ${type} in ${authorization.text}`);
    const token = found['token'] as string;
    return { url: found['url'] as string, token, proof: `${token}.${account.key.thumbprint}` };
  }

  /** As it is when it has been tried once. */
  async tried(url: string, account: Account): Promise<Answer> {
    return eventually(`${url} is tried`, async () => {
      const answer = await this.client().post(url, undefined, account);
      return answer.json['status'] !== 'processing' || answer.json['error'] !== undefined ? answer : undefined;
    });
  }
}
