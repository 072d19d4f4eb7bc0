/** The seal whose key lies in a hardware security module that PKCS#11 leads to (OpenBao's documentation, "pkcs11 seal"). */
import { noBytes } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { longestOaep, oaepEncrypt } from '../../crypto/rsa-schemes.ts';
import { failure } from '../../fault.ts';
import { Mutex } from '../../mutex.ts';
import type { Runtime } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { type Found, findKey, publicKeyOf } from './pkcs11-key.ts';
import {
  CKK,
  CKO,
  Pkcs11Error,
  type Pkcs11Gcm,
  type Pkcs11Handle,
  type Pkcs11Module,
  type Pkcs11Oaep,
} from './pkcs11-module.ts';
import { hashMechanisms, keyTypes, type OaepHash, type Pkcs11Mechanism } from './pkcs11-names.ts';
import type { SealWrapper } from './wrapper.ts';

export interface Pkcs11Settings {
  open(): Promise<Pkcs11Module>;
  readonly slot: number | undefined;
  /** '' where the slot's number says it all. */
  readonly tokenLabel: string;
  readonly pin: string;
  /** CKA_ID and CKA_LABEL, as far as they are said. */
  readonly key: ReadonlyMap<number, Uint8Array>;
  /** How the key is named to people. */
  readonly keyId: string;
  /** Undefined: what the key is good for. */
  readonly mechanism: Pkcs11Mechanism | undefined;
  readonly hash: OaepHash;
  /** Whether what a public key does is done here and not by the module. */
  readonly software: boolean;
  readonly maxParallel: number;
}

const NONCE = 12;
/** One for the login, one to work in. */
const SESSIONS = 2;

/** What there is once the seal is connected. */
interface Token {
  readonly module: Pkcs11Module;
  readonly slot: number;
  readonly key: Found;
}

export class Pkcs11Wrapper implements SealWrapper {
  readonly type = 'pkcs11';
  readonly #runtime: Runtime;
  readonly #settings: Pkcs11Settings;
  /** One piece of work at a time keeps within any limit of sessions. */
  readonly #turn = new Mutex();
  #token: Token | undefined;

  constructor(runtime: Runtime, settings: Pkcs11Settings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  /** The token has to be there, the PIN to be right, and the key to be good for sealing and unsealing. */
  async connect(): Promise<void> {
    const { slot: number, tokenLabel, maxParallel, pin } = this.#settings;
    const module = await this.#settings.open();
    try {
      const slot = await findSlot(module, number, tokenLabel);
      if (!module.claim(slot)) throw failure(`slot ${slot} of module ${quote(module.path)} is already in use`);
      if (maxParallel < SESSIONS) {
        throw failure(`session pool: need to create at least 2 sessions, but max_parallel is ${maxParallel}`);
      }
      // Stays open, and keeps the login.
      const session = await openSession(module, slot);
      await module.login(session, pin).catch((error: unknown) => {
        throw failure(`session pool: failed to log into slot ${slot}: ${textOf(error)}`);
      });
      const key = await inSession(module, slot, (own) => this.#find(module, own));
      this.#token = { module, slot, key };
    } catch (error) {
      // What went wrong first is what counts.
      await module.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const token = this.#token;
    this.#token = undefined;
    if (token !== undefined) await this.#turn.run(() => token.module.close());
  }

  async keyId(): Promise<string> {
    return this.#settings.keyId;
  }

  async encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    const { software, hash } = this.#settings;
    const { crypto, random } = this.#runtime;
    return this.#work(async ({ module, key }, session) => {
      const { pair } = key;
      if (pair === undefined) {
        const iv = await module.random(session, NONCE);
        return nameless(await module.encrypt(session, gcm(iv), key.handle, plaintext));
      }
      if (!software) return nameless(await module.encrypt(session, oaep(hash), pair.handle, plaintext));
      const own = await publicKeyOf(module, session, pair.handle);
      if (plaintext.length > longestOaep(own, hash)) throw failure('crypto/rsa: message too long for RSA key size');
      const ciphertext = oaepEncrypt(crypto, own, hash, plaintext, (length) => random.bytes(length));
      return nameless({ ciphertext, iv: noBytes });
    });
  }

  /** Whoever sealed it, with the configured key: what is sealed names none. */
  async decrypt({ ciphertext, iv }: SealedBlob): Promise<Uint8Array> {
    return this.#work(({ module, key }, session) => {
      const mechanism = key.pair === undefined ? gcm(iv) : oaep(this.#settings.hash);
      return module.decrypt(session, mechanism, key.handle, ciphertext);
    });
  }

  #work<T>(body: (token: Token, session: Pkcs11Handle) => Promise<T>): Promise<T> {
    return this.#turn.run(async () => {
      const token = this.#token;
      if (token === undefined) throw failure('session pool is closed');
      return inSession(token.module, token.slot, (session) => body(token, session));
    });
  }

  async #find(module: Pkcs11Module, session: Pkcs11Handle): Promise<Found> {
    const { software, mechanism } = this.#settings;
    const found = await findKey(module, session, this.#settings.key);
    if (found.class === CKO.secretKey) {
      if (!found.encrypt) throw failure('secret key is not an encryption key');
      if (!found.decrypt) throw failure('secret key is not a decryption key');
    } else {
      if (!found.decrypt) throw failure('private key is not a decryption key');
      if (!software && found.pair?.encrypt !== true) throw failure('public key is not an encryption key');
    }
    if (mechanism !== undefined && keyTypes[mechanism] !== found.type) {
      throw failure(`want to use mechanism ${mechanism}, but key has type ${found.type}`);
    }
    if (found.type !== CKK.aes && found.type !== CKK.rsa) throw failure(`unsupported key type: ${found.type}`);
    // A public key that cannot be read is found out now and not at the first sealing.
    if (found.pair !== undefined && software) await publicKeyOf(module, session, found.pair.handle);
    return found;
  }
}

const gcm = (iv: Uint8Array): Pkcs11Gcm => ({ type: 'aes-gcm', iv });
const oaep = (hash: OaepHash): Pkcs11Oaep => ({ type: 'rsa-oaep', hash: hashMechanisms[hash] });

/** Upstream writes no key beside what it sealed, so nothing is ever wrapped again when the name changes. */
const nameless = ({ ciphertext, iv }: { ciphertext: Uint8Array; iv: Uint8Array }): SealedBlob => ({
  ciphertext,
  iv,
  keyId: '',
  nameless: true,
});

/** The first that has the number or the label. */
async function findSlot(module: Pkcs11Module, number: number | undefined, label: string): Promise<number> {
  if (number === undefined && label === '') throw failure('at least one of slot number, token label must be set');
  const slots = await module.slots().catch((error: unknown) => {
    throw failed(error);
  });
  const slot = slots.find(({ id, label: own }) => id === number || own === label);
  if (slot === undefined) throw failure('no matching token slot found');
  return slot.id;
}

function openSession(module: Pkcs11Module, slot: number): Promise<Pkcs11Handle> {
  return module.openSession(slot).catch((error: unknown) => {
    throw failure(`session pool: failed to create new session for slot ${slot}: ${textOf(error)}`);
  });
}

async function inSession<T>(
  module: Pkcs11Module,
  slot: number,
  body: (session: Pkcs11Handle) => Promise<T>,
): Promise<T> {
  const session = await openSession(module, slot);
  try {
    return await body(session);
  } catch (error) {
    throw failed(error);
  } finally {
    // A session that is lost cannot be closed either.
    await module.closeSession(session).catch(() => undefined);
  }
}

/** Upstream's sentence around a module's refusal; others as they are. */
function failed(error: unknown): unknown {
  if (!(error instanceof Pkcs11Error)) return error;
  if (error.call === 'GenerateRandom') return failure(error.message);
  return failure(`failed to pkcs#11 ${error.call}: ${error.message}`);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
