/** The seal whose key lies in a key manager or a module that speaks KMIP (OpenBao's documentation, "kmip seal"). */
import { concatBytes, noBytes } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import type { Ttlv } from '../../codec/ttlv.ts';
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { SealedBlob } from './blob.ts';
import { bytesOf, find, type KmipAsk, KmipClient, type KmipServer, numberOf, undialled } from './kmip-client.ts';
import {
  algorithmName,
  algorithms,
  GCM,
  hashes,
  MGF1,
  OAEP,
  objectTypeName,
  objectTypes,
  operations,
  PUBLIC_KEY_LINK,
  tags,
  usage,
} from './kmip-names.ts';
import type { SealWrapper } from './wrapper.ts';

export interface KmipSettings extends KmipServer {
  /** Of the symmetric or the private key. */
  readonly keyId: string;
  readonly algorithm: KmipAlgorithm;
}

/** In the order of the numbers that are kept beside what was encrypted. */
export const kmipAlgorithms = ['AES_GCM', 'RSA_OAEP_SHA256', 'RSA_OAEP_SHA384', 'RSA_OAEP_SHA512'] as const;
export type KmipAlgorithm = (typeof kmipAlgorithms)[number];

const NONCE = 12;
const TAG = 16;
/** From this minor version on the authentication tag has a field of its own. */
const TAG_APART = 4;

export class KmipWrapper implements SealWrapper {
  readonly type = 'kmip';
  readonly #runtime: Runtime;
  readonly #settings: KmipSettings;
  readonly #client: KmipClient;
  /** Encrypts; another one than `settings.keyId` when that is private. */
  #encryptionKey: string;

  constructor(runtime: Runtime, settings: KmipSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#client = new KmipClient(runtime, settings);
    this.#encryptionKey = settings.keyId;
  }

  /** The server has to be there, and the key to be good for what it is to do. */
  async connect(): Promise<void> {
    await this.#client
      .connected(async (ask) => {
        try {
          await this.#verify(ask);
        } catch (error) {
          throw new Unfit(textOf(error));
        }
      })
      .catch((error: unknown) => {
        if (error instanceof Unfit) throw failure(`invalid kmip key object: ${error.message}`);
        // Once for the connection, once for the configuration, as upstream says it.
        throw undialled(textOf(error));
      });
  }

  async keyId(): Promise<string> {
    return this.#settings.keyId;
  }

  async encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    const { algorithm, keyId } = this.#settings;
    const iv = algorithm === 'AES_GCM' ? this.#runtime.random.bytes(NONCE) : noBytes;
    const payload = await this.#ask('error encrypting data', operations.encrypt, [
      identifier(this.#encryptionKey),
      parameters(algorithm),
      { tag: tags.data, type: 'bytes', value: plaintext },
      ...(iv.length === 0 ? [] : [nonce(iv)]),
    ]);
    const ciphertext = concatBytes(bytesOf(find(payload, tags.data)), bytesOf(find(payload, tags.authenticationTag)));
    return { ciphertext, iv, keyId, mechanism: kmipAlgorithms.indexOf(algorithm) };
  }

  async decrypt({ ciphertext, iv, keyId, mechanism = 0 }: SealedBlob): Promise<Uint8Array> {
    const algorithm = kmipAlgorithms[mechanism];
    if (algorithm === undefined) throw failure(`invalid encryption mechanism ID '\\x${mechanism.toString(16)}'`);
    const what = 'error decrypting data encryption key';
    if (algorithm === 'AES_GCM' && ciphertext.length < TAG) throw failure(`${what}: invalid encrypted DEK`);
    const apart = algorithm === 'AES_GCM' && (this.#client.version ?? 0) >= TAG_APART;
    const end = ciphertext.length - (apart ? TAG : 0);
    const payload = await this.#ask(what, operations.decrypt, [
      identifier(keyId),
      parameters(algorithm),
      { tag: tags.data, type: 'bytes', value: ciphertext.subarray(0, end) },
      ...(iv.length === 0 ? [] : [nonce(iv)]),
      ...(apart ? [{ tag: tags.authenticationTag, type: 'bytes', value: ciphertext.subarray(end) } as const] : []),
    ]);
    return bytesOf(find(payload, tags.data));
  }

  async #ask(what: string, operation: number, payload: readonly Ttlv[]): Promise<Ttlv> {
    try {
      return await this.#client.connected((ask) => ask(operation, payload));
    } catch (error) {
      throw failure(`${what}: ${textOf(error)}`);
    }
  }

  async #verify(ask: KmipAsk): Promise<void> {
    const { keyId, algorithm } = this.#settings;
    if (algorithm === 'AES_GCM') {
      await attributesOf(ask, keyId, algorithms.aes, objectTypes.symmetricKey);
      return;
    }
    const link = await attributesOf(ask, keyId, algorithms.rsa, objectTypes.privateKey);
    if (link === undefined) throw failure(`missing public key link attribute for the private key ${quote(keyId)}`);
    await attributesOf(ask, link, algorithms.rsa, objectTypes.publicKey);
    this.#encryptionKey = link;
  }
}

/** A key that will not do. */
class Unfit extends Error {}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const identifier = (keyId: string): Ttlv => ({ tag: tags.uniqueIdentifier, type: 'text', value: keyId });
const nonce = (iv: Uint8Array): Ttlv => ({ tag: tags.nonce, type: 'bytes', value: iv });
const enumeration = (tag: number, value: number): Ttlv => ({ tag, type: 'enumeration', value });

function parameters(algorithm: KmipAlgorithm): Ttlv {
  return { tag: tags.cryptographicParameters, type: 'structure', value: parameterItems(algorithm) };
}

function parameterItems(algorithm: KmipAlgorithm): readonly Ttlv[] {
  if (algorithm === 'AES_GCM') {
    return [
      enumeration(tags.blockCipherMode, GCM),
      enumeration(tags.cryptographicAlgorithm, algorithms.aes),
      { tag: tags.ivLength, type: 'integer', value: NONCE },
      { tag: tags.tagLength, type: 'integer', value: TAG },
    ];
  }
  const hash =
    algorithm === 'RSA_OAEP_SHA256' ? hashes.sha256 : algorithm === 'RSA_OAEP_SHA384' ? hashes.sha384 : hashes.sha512;
  return [
    enumeration(tags.paddingMethod, OAEP),
    enumeration(tags.hashingAlgorithm, hash),
    enumeration(tags.cryptographicAlgorithm, algorithms.rsa),
    enumeration(tags.maskGenerator, MGF1),
    enumeration(tags.maskGeneratorHash, hash),
  ];
}

const ASKED = ['Object Type', 'Cryptographic Algorithm', 'Cryptographic Usage Mask', 'Link'];

/** Throws for a key of the wrong kind; gives the public key's id that a private key names. */
async function attributesOf(ask: KmipAsk, keyId: string, algorithm: number, type: number): Promise<string | undefined> {
  const names = ASKED.map((value): Ttlv => ({ tag: tags.attributeName, type: 'text', value }));
  const answer = await ask(operations.getAttributes, [identifier(keyId), ...names]).catch((error: unknown) => {
    throw failure(`failed to get key attributes: ${textOf(error)}`);
  });
  let publicKey: string | undefined;
  for (const attribute of answer.type === 'structure' ? answer.value : []) {
    const value = find(attribute, tags.attributeValue);
    switch (find(attribute, tags.attributeName)?.value) {
      case 'Cryptographic Algorithm':
        mustBe(algorithm, numberOf(value) ?? 0, algorithmName, 'key has an invalid cryptographic algorithm attribute');
        break;
      case 'Object Type':
        mustBe(type, numberOf(value) ?? 0, objectTypeName, 'unexpected object type');
        break;
      case 'Cryptographic Usage Mask':
        mustAllow(keyId, type, numberOf(value) ?? 0);
        break;
      case 'Link':
        publicKey = linkOf(value) ?? publicKey;
        break;
      default:
    }
  }
  return type === objectTypes.privateKey ? publicKey : undefined;
}

function mustBe(wanted: number, found: number, name: (value: number) => string, text: string): void {
  if (wanted !== found) throw failure(`${text} (wants ${quote(name(wanted))}, got ${quote(name(found))})`);
}

function mustAllow(keyId: string, type: number, mask: number): void {
  if (type !== objectTypes.publicKey && (mask & usage.decrypt) === 0) {
    throw failure(`key ${quote(keyId)} does not allow decrypt operations`);
  }
  if (type !== objectTypes.privateKey && (mask & usage.encrypt) === 0) {
    throw failure(`key ${quote(keyId)} does not allow encrypt operations`);
  }
}

function linkOf(value: Ttlv | undefined): string | undefined {
  if (numberOf(find(value, tags.linkType)) !== PUBLIC_KEY_LINK) return undefined;
  const linked = find(value, tags.linkedObject);
  return linked?.type === 'text' ? linked.value : undefined;
}
