/**
 * Keys of transit that are rotated, configured, trimmed, deleted and made anew, and what was made with them. A model
 * says which versions a key has, with which of them it works, and what of what was made before is still readable.
 */
import { encodeBase64 } from '../../core/codec/base64.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { JsonObject } from '../../core/codec/json.ts';
import { type Answered, at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { soonRight } from '../soon.ts';

type Kind = 'text' | 'signature' | 'mac';

interface Made {
  readonly kind: Kind;
  readonly version: number;
  readonly input: string;
  readonly context: string;
  /** What transit gave: vault:v1:… */
  readonly output: string;
}

interface Key {
  readonly name: string;
  readonly type: 'aes256-gcm96' | 'chacha20-poly1305' | 'ed25519';
  /** Each context has a key of its own, and the same text the same ciphertext. */
  readonly convergent: boolean;
  exportable: boolean;
  latest: number;
  leastToRead: number;
  leastToWrite: number;
  /** Versions below were thrown away; 0: none were. */
  leastKept: number;
  mayGo: boolean;
  /** Marked as deleted, until it is restored. */
  asleep: boolean;
  made: Made[];
  /** Of exported versions. */
  readonly material: Map<number, string>;
}

const KEYS = 3;
const KEPT = 12;
const OPERATIONS = { text: 'encrypt', signature: 'sign', mac: 'hmac' } as const;
const encoded = (text: string): string => encodeBase64(encodeUtf8(text));

export class TransitKeys {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #keys: Key[] = [];
  #named = 0;
  /** What was read, and what was refused, as it had to be. */
  read = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('transit keys');
  }

  async furnish(): Promise<void> {
    await this.#bao.mount('transit', 'transit');
    for (let key = 0; key < KEYS; key++) this.#keys.push(await this.#fresh(`key${key}`));
  }

  async round(): Promise<void> {
    const dice = this.#dice;
    for (const key of this.#keys) {
      if (dice.below(2) === 0) await this.#rotate(key);
      for (let change = 0; change < 2; change++) await this.#configure(key);
      if (dice.below(2) === 0) await this.#trim(key);
      if (dice.below(4) === 0) await this.#sleepOrWake(key);
      for (let made = 0; made < 3; made++) await this.#make(key);
      if (dice.below(2) === 0) await this.#export(key);
    }
    if (dice.below(3) === 0) await this.#delete(dice.below(this.#keys.length));
    for (const key of this.#keys) {
      await this.#look(key);
      for (const made of dice.shuffle(key.made).slice(0, 4)) await this.#use(key, made);
      await this.#useBatch(key);
    }
  }

  async #fresh(name: string): Promise<Key> {
    const dice = this.#dice;
    const type = dice.pick(['aes256-gcm96', 'chacha20-poly1305', 'ed25519'] as const);
    const convergent = type !== 'ed25519' && dice.below(3) === 0;
    const exportable = dice.below(3) === 0;
    const body = { type, exportable, derived: convergent, convergent_encryption: convergent };
    await this.#bao.request('POST', `transit/keys/${name}`, body);
    return {
      name,
      type,
      convergent,
      exportable,
      latest: 1,
      leastToRead: 1,
      leastToWrite: 0,
      leastKept: 0,
      mayGo: false,
      asleep: false,
      made: [],
      material: new Map(),
    };
  }

  /** A request that has to be taken or refused. */
  async #demand(fine: boolean, key: Key, method: string, path: string, body?: JsonObject): Promise<Answered> {
    const answer = await this.#bao.ask(method, path, body === undefined ? {} : { body });
    const { status, json } = answer;
    if (fine ? status !== 200 && status !== 204 : status < 400)
      throw new StoryFailure(
        `${method} ${path} with ${JSON.stringify(body)} is ${fine ? 'refused' : 'taken'}: ${status} ${JSON.stringify(json)}; ${show(key)}`,
      );
    if (!fine) this.refused++;
    return answer;
  }

  async #rotate(key: Key): Promise<void> {
    await this.#demand(!key.asleep, key, 'POST', `transit/keys/${key.name}/rotate`);
    if (!key.asleep) key.latest++;
  }

  async #configure(key: Key): Promise<void> {
    const dice = this.#dice;
    const any = dice.below(key.latest + 2);
    // As far back as there is something, and as far on.
    const asked = dice.pick([undefined, any, Math.max(1, key.leastKept), key.latest]);
    const leastToWrite = dice.pick([key.leastToWrite, dice.below(key.latest + 2), key.latest]);
    const mayGo = dice.below(3) === 0;
    const exportable = dice.below(8) === 0;
    const leastToRead = asked === undefined ? key.leastToRead : Math.max(1, asked);
    const fine =
      leastToRead <= key.latest &&
      leastToWrite <= key.latest &&
      (leastToWrite === 0 || leastToWrite >= leastToRead) &&
      (key.leastKept === 0 || (key.leastKept <= leastToWrite && key.leastKept <= leastToRead));
    const body: JsonObject = {
      ...(asked !== undefined && { min_decryption_version: asked }),
      min_encryption_version: leastToWrite,
      deletion_allowed: mayGo,
      exportable,
    };
    await this.#demand(fine, key, 'POST', `transit/keys/${key.name}/config`, body);
    if (fine) Object.assign(key, { leastToRead, leastToWrite, mayGo, exportable: key.exportable || exportable });
  }

  async #trim(key: Key): Promise<void> {
    const least = this.#dice.pick([this.#dice.below(key.latest + 2), key.leastToRead - 1]);
    const fine =
      least >= Math.max(1, key.leastKept) &&
      key.leastToWrite > 0 &&
      least <= key.leastToWrite &&
      least <= key.leastToRead;
    const path = `transit/keys/${key.name}/trim`;
    await this.#demand(fine, key, 'POST', path, { min_available_version: least });
    if (fine) key.leastKept = least;
  }

  async #sleepOrWake(key: Key): Promise<void> {
    const path = `transit/keys/${key.name}/soft-delete`;
    if (key.asleep) await this.#demand(true, key, 'POST', `${path}-restore`);
    else await this.#demand(true, key, 'DELETE', path);
    key.asleep = !key.asleep;
  }

  /** One of the same name begins anew, and what the former one made is lost. */
  async #delete(index: number): Promise<void> {
    const key = this.#keys[index]!;
    await this.#demand(key.mayGo, key, 'DELETE', `transit/keys/${key.name}`);
    if (!key.mayGo) return;
    await this.#demand(false, key, 'GET', `transit/keys/${key.name}`);
    const fresh = await this.#fresh(this.#dice.below(2) === 0 ? key.name : `key${++this.#named}`);
    this.#keys[index] = fresh;
    if (fresh.name !== key.name || fresh.type !== key.type) return;
    for (const made of key.made) await this.#use(fresh, made, false);
  }

  async #make(key: Key): Promise<void> {
    const dice = this.#dice;
    const kind = key.convergent ? 'text' : dice.pick([key.type === 'ed25519' ? 'signature' : 'text', 'mac'] as const);
    const asked = dice.below(2) === 0 ? 0 : dice.below(key.latest + 2);
    const version = asked === 0 ? key.latest : asked;
    const fine = !key.asleep && version <= key.latest && version >= Math.max(key.leastToRead, key.leastToWrite);
    // Now and then what there was already.
    const input = dice.below(4) === 0 && key.made.length > 0 ? dice.pick(key.made).input : `canary-t${++this.#named}`;
    const context = key.convergent ? dice.pick(['here', 'there']) : '';
    const body: JsonObject = {
      [kind === 'text' ? 'plaintext' : 'input']: encoded(input),
      ...(asked > 0 && { key_version: asked }),
      ...(context !== '' && { context: encoded(context) }),
    };
    const path = `transit/${OPERATIONS[kind]}/${key.name}`;
    const { json } = await this.#demand(fine, key, 'POST', path, body);
    if (!fine) return;
    const output = at(
      json,
      'data',
      kind === 'text' ? 'ciphertext' : kind === 'signature' ? 'signature' : 'hmac',
    ) as string;
    if (!output.startsWith(`vault:v${version}:`))
      throw new StoryFailure(`${path} of version ${asked} gives ${output}; ${show(key)}`);
    for (const made of key.made) {
      if (made.kind !== kind) continue;
      const same = made.version === version && made.input === input && made.context === context;
      const wanted = same && (kind !== 'text' || key.convergent);
      if ((made.output === output) !== wanted)
        throw new StoryFailure(`${path} gives ${output}, where there was ${JSON.stringify(made)}; ${show(key)}`);
    }
    key.made.push({ kind, version, input, context, output });
    key.made = key.made.slice(-KEPT);
  }

  async #export(key: Key): Promise<void> {
    const path = `transit/export/${key.type === 'ed25519' ? 'signing' : 'encryption'}-key/${key.name}`;
    const fine = key.exportable && !key.asleep;
    const { json } = await this.#demand(fine, key, 'GET', path);
    if (!fine) return;
    const keys = at(json, 'data', 'keys') as Record<string, string>;
    const fail = (): never => {
      throw new StoryFailure(`${path} gives versions ${Object.keys(keys).join()}; ${show(key)}`);
    };
    if (Object.keys(keys).length !== key.latest - key.leastToRead + 1) fail();
    for (let version = key.leastToRead; version <= key.latest; version++) {
      const material = keys[version] ?? fail();
      if (material !== (key.material.get(version) ?? material)) fail();
      key.material.set(version, material);
    }
    if (new Set(key.material.values()).size !== key.material.size) fail();
  }

  #look(key: Key): Promise<void> {
    const node = this.#dice.pick(this.#bao.names);
    return soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#bao.ask('GET', `transit/keys/${key.name}`, { node });
      const shown = (name: string): unknown => at(json, 'data', name);
      const right =
        status === 200 &&
        shown('latest_version') === key.latest &&
        shown('min_decryption_version') === key.leastToRead &&
        shown('min_encryption_version') === key.leastToWrite &&
        shown('min_available_version') === key.leastKept &&
        shown('deletion_allowed') === key.mayGo &&
        shown('exportable') === key.exportable &&
        shown('soft_deleted') === key.asleep &&
        Object.keys(shown('keys') as object).length === key.latest - key.leastToRead + 1;
      return right ? undefined : `${status} ${JSON.stringify(json)} instead of ${show(key)}`;
    });
  }

  /** Through any node; also with what it was not made for. */
  async #use(key: Key, made: Made, known = true): Promise<void> {
    const dice = this.#dice;
    const { kind, version, input, output } = made;
    const node = dice.pick(this.#bao.names);
    const usable = known && !key.asleep && version >= key.leastToRead;
    if (kind === 'text' && usable && dice.below(4) === 0) return this.#rewrap(key, made);
    const odd = dice.below(4) === 0;
    const context = key.convergent && odd ? 'elsewhere' : made.context;
    const fine = usable && !(kind === 'text' && key.convergent && odd);
    const contexts: JsonObject = context === '' ? {} : { context: encoded(context) };
    const path = `transit/${kind === 'text' ? 'decrypt' : 'verify'}/${key.name}`;
    const body: JsonObject =
      kind === 'text'
        ? { ciphertext: output, ...contexts }
        : { input: encoded(odd ? `${input}?` : input), [kind === 'mac' ? 'hmac' : 'signature']: output };
    const isRight = (status: number, json: JsonObject): boolean => {
      if (kind === 'text') return fine ? at(json, 'data', 'plaintext') === encoded(input) : status >= 400;
      // Of a key of the same name that is another one, nothing is valid.
      if (!known) return at(json, 'data', 'valid') !== true;
      return fine ? at(json, 'data', 'valid') === !odd : status >= 400;
    };
    await soonRight(this.#sim, this.#bao, node, async () => {
      const { status, json } = await this.#bao.ask('POST', path, { node, body });
      if (isRight(status, json)) return undefined;
      return `${path} with ${JSON.stringify(body)}: ${status} ${JSON.stringify(json)} for ${JSON.stringify(made)}; ${show(key)}`;
    });
    if (fine) this.read++;
    else this.refused++;
  }

  async #rewrap(key: Key, made: Made): Promise<void> {
    const path = `transit/rewrap/${key.name}`;
    const context: JsonObject = made.context === '' ? {} : { context: encoded(made.context) };
    const { json } = await this.#demand(true, key, 'POST', path, { ciphertext: made.output, ...context });
    const output = at(json, 'data', 'ciphertext') as string;
    if (!output.startsWith(`vault:v${key.latest}:`)) throw new StoryFailure(`${path} gives ${output}; ${show(key)}`);
    await this.#use(key, { ...made, version: key.latest, output });
  }

  /** All ciphertexts together: each by itself is read or refused. */
  async #useBatch(key: Key): Promise<void> {
    const texts = key.made.filter(({ kind }) => kind === 'text');
    if (texts.length === 0 || key.asleep) return;
    const batch_input = texts.map(({ output, context }) => ({
      ciphertext: output,
      ...(context !== '' && { context: encoded(context) }),
    }));
    const { json } = await this.#bao.ask('POST', `transit/decrypt/${key.name}`, { body: { batch_input } });
    const results = at(json, 'data', 'batch_results') as readonly JsonObject[] | undefined;
    for (const [index, { version, input }] of texts.entries()) {
      const wanted = version >= key.leastToRead ? encoded(input) : undefined;
      if (results?.[index] === undefined || (results[index]['plaintext'] || undefined) !== wanted)
        throw new StoryFailure(`a batch is read as ${JSON.stringify(json)}, wrong at ${index}; ${show(key)}`);
    }
  }
}

const show = (key: Key): string => JSON.stringify({ ...key, made: key.made.length, material: key.material.size });
