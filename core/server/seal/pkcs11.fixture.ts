/** A PKCS#11 module as far as a seal asks one, with one token whose keys are a test's. */
import { equalBytes, noBytes } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { oaepDecrypt, oaepEncrypt } from '../../crypto/rsa-schemes.ts';
import type { RsaKey } from '../../crypto/crypto.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import {
  CKA,
  CKK,
  CKO,
  Pkcs11Error,
  type Pkcs11Gcm,
  type Pkcs11Handle,
  type Pkcs11Module,
  type Pkcs11Oaep,
} from './pkcs11-module.ts';
import { hashMechanisms, type OaepHash } from './pkcs11-names.ts';

const ulong = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8, 0, 0, 0, 0, 0, 0);
const no = Uint8Array.of(0);
const yes = Uint8Array.of(1);

type Attributes = ReadonlyMap<number, Uint8Array>;

const attributesOf = (label: string, id: number, kind: number, type: number): [number, Uint8Array][] => [
  [CKA.label, encodeUtf8(label)],
  [CKA.id, Uint8Array.of(id)],
  [CKA.class, ulong(kind)],
  [CKA.keyType, ulong(type)],
];

export class Pkcs11Double implements Pkcs11Module {
  readonly path = '/usr/lib/hsm.so';
  readonly runtime = testRuntime();
  readonly objects: Attributes[] = [];
  /** Of the token; taken out when undefined. */
  slot: number | undefined = 7;
  pin = '4321';
  /** Devices that take a nonce of their own. */
  ownNonce: Uint8Array | undefined;
  /** How often the library was let go of. */
  closed = 0;
  readonly open = new Set<Pkcs11Handle>();
  #sessions = 0;
  #loggedIn = false;
  readonly #claimed = new Set<number>();
  readonly #aead = this.runtime.crypto.aesGcm(new Uint8Array(32).fill(7));
  #rsa: RsaKey | undefined;

  addAes(label: string, id: number, usage: { encrypt?: boolean; decrypt?: boolean } = {}): void {
    const { encrypt = true, decrypt = true } = usage;
    this.objects.push(
      new Map([
        ...attributesOf(label, id, CKO.secretKey, CKK.aes),
        [CKA.encrypt, encrypt ? yes : no],
        [CKA.decrypt, decrypt ? yes : no],
      ]),
    );
  }

  async addRsa(label: string, id: number, { encrypt = true, decrypt = true, publicHalf = true } = {}): Promise<void> {
    const { crypto, random } = this.runtime;
    const key = (this.#rsa ??= await crypto.rsaGenerate(2048, (length) => random.bytes(length)));
    const numbers: [number, Uint8Array][] = [
      [CKA.modulus, key.modulus],
      [CKA.publicExponent, Uint8Array.of(1, 0, 1)],
    ];
    const half = new Map([
      ...attributesOf(label, id, CKO.publicKey, CKK.rsa),
      [CKA.encrypt, encrypt ? yes : no] as const,
      ...numbers,
    ]);
    if (publicHalf) this.objects.push(half);
    this.objects.push(
      new Map([...attributesOf(label, id, CKO.privateKey, CKK.rsa), [CKA.decrypt, decrypt ? yes : no]]),
    );
  }

  async slots() {
    return this.slot === undefined ? [] : [{ id: this.slot, label: 'OpenBao' }];
  }

  claim(slot: number): boolean {
    if (this.#claimed.has(slot)) return false;
    this.#claimed.add(slot);
    return true;
  }

  async openSession(slot: number) {
    if (slot !== this.slot) throw new Pkcs11Error('OpenSession', 0xe0, 'CKR_TOKEN_NOT_PRESENT');
    this.open.add(++this.#sessions);
    return this.#sessions;
  }

  async closeSession(session: Pkcs11Handle): Promise<void> {
    this.open.delete(session);
    if (this.open.size === 0) this.#loggedIn = false;
  }

  async login(_session: Pkcs11Handle, pin: string): Promise<void> {
    if (pin !== this.pin) throw new Pkcs11Error('Login', 0xa0, 'CKR_PIN_INCORRECT');
    this.#loggedIn = true;
  }

  async find(session: Pkcs11Handle, wanted: Attributes) {
    this.#check('FindObjectsInit', session);
    const fits = (object: Attributes): boolean =>
      [...wanted].every(([type, value]) => equalBytes(object.get(type) ?? noBytes, value));
    // Private objects are there for those who are logged in.
    const found = this.#loggedIn ? this.objects.flatMap((object, at) => (fits(object) ? [at] : [])) : [];
    return found.slice(0, 2);
  }

  async attributes(session: Pkcs11Handle, object: Pkcs11Handle, types: readonly number[]) {
    this.#check('GetAttributeValue', session);
    return types.map((type) => {
      const value = this.objects[Number(object)]!.get(type);
      if (value === undefined) throw new Pkcs11Error('GetAttributeValue', 0x12, 'CKR_ATTRIBUTE_TYPE_INVALID');
      return value;
    });
  }

  async random(session: Pkcs11Handle, length: number) {
    this.#check('GenerateRandom', session);
    return this.runtime.random.bytes(length);
  }

  async encrypt(session: Pkcs11Handle, mechanism: Pkcs11Gcm | Pkcs11Oaep, _key: Pkcs11Handle, plaintext: Uint8Array) {
    this.#check('EncryptInit', session);
    const { crypto, random } = this.runtime;
    if (mechanism.type === 'rsa-oaep') {
      const bytes = (length: number): Uint8Array => random.bytes(length);
      return { ciphertext: oaepEncrypt(crypto, this.#rsa!, nameOf(mechanism.hash), plaintext, bytes), iv: noBytes };
    }
    const iv = this.ownNonce ?? mechanism.iv;
    return { ciphertext: this.#aead.seal(iv, plaintext), iv };
  }

  async decrypt(session: Pkcs11Handle, mechanism: Pkcs11Gcm | Pkcs11Oaep, _key: Pkcs11Handle, ciphertext: Uint8Array) {
    this.#check('DecryptInit', session);
    try {
      if (mechanism.type === 'aes-gcm') return this.#aead.open(mechanism.iv, ciphertext);
      const opened = oaepDecrypt(this.runtime.crypto, this.#rsa!, nameOf(mechanism.hash), ciphertext);
      if (opened !== undefined) return opened;
    } catch {
      // Says the same as for what is padded wrongly.
    }
    throw new Pkcs11Error('Decrypt', 0x40, 'CKR_ENCRYPTED_DATA_INVALID');
  }

  async close(): Promise<void> {
    this.closed += 1;
    this.open.clear();
    this.#claimed.clear();
    this.#loggedIn = false;
  }

  #check(call: string, session: Pkcs11Handle): void {
    if (!this.open.has(session)) throw new Pkcs11Error(call, 0xb3, 'CKR_SESSION_HANDLE_INVALID');
  }
}

const nameOf = (hash: number): OaepHash =>
  (Object.keys(hashMechanisms) as OaepHash[]).find((name) => hashMechanisms[name] === hash)!;
