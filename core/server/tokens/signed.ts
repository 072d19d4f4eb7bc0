/**
 * Tokens as clients get them with `disable_ssct_tokens = false`: the token itself, and the index of the storage at
 * which it was made, signed. A node that has not come so far knows that it cannot know the token yet.
 */
import { Base64Error, decodeBase64RawUrl, encodeBase64RawUrl } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import { ProtobufError, ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { makeUuid } from '../../codec/uuid.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import type { IndexState, MaybeLater } from '../../http/api.ts';
import type { Storage } from '../../storage/storage.ts';

const KEY = 'core/index-header-hmac-key';
const PREFIX = 'hvs.';
/** 'hvs.', 24 characters, '.' and a namespace's 6: what is no longer is the token itself. */
const LONGEST_BARE = 35;
/** The number of the index in the message; the lower ones are an older kind of index. */
const INDEX = 50;

/** Undefined for what cannot be a signed token, whatever it is. */
function decoded(token: string): Uint8Array | undefined {
  if (token.length <= LONGEST_BARE || !token.startsWith(PREFIX)) return undefined;
  try {
    return decodeBase64RawUrl(token.slice(PREFIX.length));
  } catch (error) {
    if (error instanceof Base64Error) return undefined;
    throw error;
  }
}

/** By its form alone: the signature may be anybody's. */
export const isSigned = (token: string): boolean => decoded(token) !== undefined;

/** What the index headers and the tokens of a cluster are signed with. */
export async function makeIndexKey(barrier: Storage, bytes: (length: number) => Uint8Array): Promise<void> {
  if ((await barrier.get(KEY)) === undefined) await barrier.put(KEY, encodeUtf8(makeUuid(bytes)));
}

interface SignedToken {
  readonly id: string;
  /** '' where it names none. */
  readonly index: string;
  readonly mac: Uint8Array;
  readonly message: Uint8Array;
}

function read(token: string): SignedToken | undefined {
  try {
    const { mac, message } = envelopeOf(decoded(token)!);
    return { ...contentOf(message), mac, message };
  } catch (error) {
    if (error instanceof ProtobufError) return undefined;
    throw error;
  }
}

/**
 * What is in `token` when it is a signed one, whoever has signed it; otherwise `token` itself. Undefined for what only
 * looks like one. Where nothing is granted to who knows the token, the signature is not looked at.
 */
export const bareToken = (token: string): string | undefined => (isSigned(token) ? read(token)?.id : token);

export interface TokenSigningOptions {
  /** Of the root namespace. */
  readonly barrier: Storage;
  readonly crypto: Crypto;
  /** Undefined where the storage has none. */
  readonly index: () => MaybeLater<IndexState | undefined>;
  /** New tokens are signed; those that others have are understood either way. */
  readonly signs: boolean;
}

export class TokenSigning {
  /** Of ids. */
  readonly servicePrefix: string;
  readonly batchPrefix: string;
  readonly #options: TokenSigningOptions;
  #key: Uint8Array | undefined;

  constructor(options: TokenSigningOptions) {
    this.servicePrefix = options.signs ? PREFIX : 's.';
    this.batchPrefix = options.signs ? 'hvb.' : 'b.';
    this.#options = options;
  }

  /** What the client gets of a service token that was just made; a root token or one of its own choice as it is. */
  async sign(id: string, policies: readonly string[]): Promise<string> {
    if (!this.#options.signs || !id.startsWith(PREFIX) || policies.includes('root')) return id;
    const index = (await this.#options.index())?.value ?? '';
    const token = new ProtobufWriter().text(1, id).text(INDEX, index).finish();
    const mac = await this.#mac(token);
    if (mac === undefined) return id;
    return PREFIX + encodeBase64RawUrl(new ProtobufWriter().uint(1, 1).bytes(2, mac).bytes(3, token).finish());
  }

  /** The token in a signed one; undefined when another cluster has signed it, or this node has not come so far. */
  async open(token: string): Promise<string | undefined> {
    const found = read(token);
    if (found === undefined) return undefined;
    const own = await this.#mac(found.message);
    if (own === undefined || !this.#options.crypto.equal(own, found.mac)) return undefined;
    return found.index === '' || (await this.#options.index())?.reached(found.index) !== false ? found.id : undefined;
  }

  /** Undefined on a standby of a cluster whose active node has not made the key yet. */
  async #mac(message: Uint8Array): Promise<Uint8Array | undefined> {
    const { barrier, crypto } = this.#options;
    this.#key ??= await barrier.get(KEY);
    return this.#key && crypto.hmac('sha256', this.#key, message);
  }
}

function envelopeOf(bytes: Uint8Array): { readonly mac: Uint8Array; readonly message: Uint8Array } {
  let mac: Uint8Array = noBytes;
  let message: Uint8Array = noBytes;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) mac = reader.bytes();
    else if (reader.field === 3) message = reader.bytes();
  }
  return { mac, message };
}

function contentOf(message: Uint8Array): Pick<SignedToken, 'id' | 'index'> {
  let id = '';
  let index = '';
  const reader = new ProtobufReader(message);
  while (reader.next()) {
    if (reader.field === 1) id = reader.text();
    else if (reader.field === INDEX) index = reader.text();
  }
  return { id, index };
}
