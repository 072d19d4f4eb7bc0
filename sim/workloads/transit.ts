/**
 * Clients that encrypt with a convergent key which is rotated all the while, and decrypt what anybody encrypted, each
 * through any node. Every ciphertext that a client was given opens to its text, wherever it is asked, as long as its
 * version is allowed; and what two contexts encrypt shows no likeness.
 */
import { encodeBase64 } from '../../core/codec/base64.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { SECOND } from '../../core/runtime.ts';
import { answered, at, type HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Simulation } from '../simulation.ts';
import { anyNode, startClient, type Workload } from './workload.ts';

export interface TransitOptions {
  readonly clients: number;
  /** The pause between two operations of a client: uniform between half and one and a half times this. */
  readonly every: string;
  /** The same between two rotations. */
  readonly rotateEvery: string;
}

interface Sealed {
  readonly ciphertext: string;
  readonly context: string;
  readonly plaintext: string;
  readonly version: number;
}

const KEY = 'transit/keys/k';
const TEXTS = 5;
const CONTEXTS = 3;
const TIMEOUT = 2 * SECOND;
const TOO_OLD = 'disallowed by policy (too old)';
/** Of a node that has not heard of the newest version yet. */
const LAGS = 'version is too new';

const text = (kind: string, index: number): string => encodeBase64(encodeUtf8(`${kind} ${index}`));

export class TransitWorkload implements Workload {
  readonly #options: TransitOptions;
  readonly #sealed: Sealed[] = [];
  /** Which context made a beginning (version and nonce) of a text. */
  readonly #beginnings = new Map<string, string>();
  /** Acknowledged rotations, and decryptions that gave the right text. */
  rotations = 0;
  opened = 0;

  constructor(options: TransitOptions) {
    this.#options = options;
  }

  /** Ciphertexts that clients were given. */
  get given(): number {
    return this.#sealed.length;
  }

  /** Needs transit at transit/ with a convergent key named k. */
  start(simulation: Simulation, cluster: Cluster): void {
    const { clients, every, rotateEvery } = this.#options;
    const options = { timeout: TIMEOUT, token: cluster.keys.rootToken };
    for (let index = 0; index < clients; index++) {
      startClient(simulation, every, options, (http, runtime) => {
        const address = cluster.address(anyNode(cluster, runtime));
        const { random } = runtime;
        return random.below(2) === 0 || this.given === 0
          ? this.#encrypt(http, address, text('text', random.below(TEXTS)), text('context', random.below(CONTEXTS)))
          : this.#decrypt(http, address, this.#sealed[random.below(this.given)]!);
      });
    }
    startClient(simulation, rotateEvery, options, async (http, runtime) => {
      const address = cluster.address(anyNode(cluster, runtime));
      const { status } = await answered(http.request(address, 'POST', `/v1/${KEY}/rotate`));
      if (status === 200) this.rotations++;
    });
  }

  async #encrypt(http: HttpClient, address: string, plaintext: string, context: string): Promise<void> {
    const answer = await answered(
      http.request(address, 'POST', '/v1/transit/encrypt/k', { body: { plaintext, context } }),
    );
    if (answer.status !== 200) return;
    const ciphertext = at(answer.json, 'data', 'ciphertext') as string;
    const version = at(answer.json, 'data', 'key_version') as number;
    this.#sealed.push({ ciphertext, context, plaintext, version });
    const [, , sealed = ''] = ciphertext.split(':');
    // 12 bytes of nonce are 16 characters.
    const beginning = `${version} ${sealed.slice(0, 16)} ${plaintext}`;
    const other = this.#beginnings.get(beginning);
    if (other !== undefined && other !== context) {
      throw new StoryFailure(`one text under two contexts has one nonce: ${ciphertext}`);
    }
    this.#beginnings.set(beginning, context);
  }

  async #decrypt(http: HttpClient, address: string, sealed: Sealed): Promise<void> {
    const { ciphertext, context } = sealed;
    const answer = await answered(
      http.request(address, 'POST', '/v1/transit/decrypt/k', { body: { ciphertext, context } }),
    );
    this.#judge(sealed, answer.status, answer.json, true);
  }

  #judge({ ciphertext, plaintext }: Sealed, status: number, json: unknown, mayLag: boolean): void {
    if (status === 200) {
      if (at(json as never, 'data', 'plaintext') !== plaintext) {
        throw new StoryFailure(`${ciphertext} opens to another text`);
      }
      this.opened++;
      return;
    }
    // No answer, no leader, sealed: nothing is said about the ciphertext.
    if (status !== 400) return;
    const why = JSON.stringify(json);
    if (!(mayLag && why.includes(LAGS))) throw new StoryFailure(`${ciphertext} became unreadable: ${why}`);
  }

  /**
   * Once all is calm: everything opens; nothing below the smallest allowed version does; and it opens again when that is
   * lowered. Ends with all versions allowed.
   */
  async checkAll(bao: Cluster): Promise<void> {
    await this.#openAll(bao);
    const latest = at((await bao.ask('GET', KEY)).json, 'data', 'latest_version') as number;
    await bao.request('POST', `${KEY}/config`, { min_decryption_version: latest });
    for (const sealed of this.#sealed.filter(({ version }) => version < latest)) {
      const { status, json } = await this.#ask(bao, sealed);
      if (status !== 400 || !JSON.stringify(json).includes(TOO_OLD)) {
        throw new StoryFailure(`${sealed.ciphertext} opens although its version is shut off: ${status}`);
      }
    }
    await bao.request('POST', `${KEY}/config`, { min_decryption_version: 1 });
    await this.#openAll(bao);
  }

  async #openAll(bao: Cluster): Promise<void> {
    for (const sealed of this.#sealed) {
      const { status, json } = await this.#ask(bao, sealed);
      if (status !== 200) throw new StoryFailure(`${sealed.ciphertext} cannot be read: ${status}`);
      this.#judge(sealed, status, json, false);
    }
  }

  #ask(bao: Cluster, { ciphertext, context }: Sealed): ReturnType<Cluster['ask']> {
    return bao.ask('POST', 'transit/decrypt/k', { body: { ciphertext, context } });
  }
}
