/** What packets are, as far as keys concern it; what upstream's library passes over is passed over. */
import { equalBytes } from '../../codec/bytes.ts';
import type { Crypto } from '../crypto.ts';
import type { Contents } from './packets.ts';
import { AeadError, InvalidData, OpenPgpError, Packets, UnknownCriticalPacket, UnsupportedFeature } from './packets.ts';
import type { PublicKey } from './public-key.ts';
import { readPublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';
import { readSignature, subpacketAt } from './signature.ts';

export type PacketContent =
  | { readonly kind: 'key'; readonly key: PublicKey; readonly subkey: boolean }
  | { readonly kind: 'signature'; readonly signature: Signature }
  | { readonly kind: 'name'; readonly name: Uint8Array }
  | { readonly kind: 'other' };

const TAG = {
  signature: 2,
  privateKey: 5,
  publicKey: 6,
  privateSubkey: 7,
  marker: 10,
  trust: 12,
  name: 13,
  publicSubkey: 14,
};
/** Packets of messages: one that is not known ends it all. */
const OF_MESSAGES = new Set([8, 9, 11, 18, 20]);
const CRITICAL = 39;
const other: PacketContent = { kind: 'other' };

export class PacketReader {
  readonly #packets: Packets;
  readonly #crypto: Pick<Crypto, 'hash'>;
  #again: PacketContent | undefined;

  constructor(bytes: Uint8Array, crypto: Pick<Crypto, 'hash'>) {
    this.#packets = new Packets(bytes);
    this.#crypto = crypto;
  }

  /** Undefined at the end. Throws OpenPgpError. */
  next(): PacketContent | undefined {
    const again = this.#again;
    this.#again = undefined;
    if (again !== undefined) return again;
    for (let packet = this.#packets.next(); packet !== undefined; packet = this.#packets.next()) {
      const { tag, contents } = packet;
      try {
        // An empty marker is taken for the end.
        if (tag === TAG.marker && contents.empty) return undefined;
        const content = contentOf(tag, contents, this.#crypto);
        if (tag !== TAG.marker && tag !== TAG.trust) return content;
      } catch (error) {
        if (!(error instanceof OpenPgpError)) throw error;
        passOver(contents);
        if (!(error instanceof UnsupportedFeature) || OF_MESSAGES.has(tag)) throw error;
      }
    }
    return undefined;
  }

  /** Those that follow; what comes after them stays. */
  *signatures(): Generator<Signature, undefined> {
    for (let packet = this.next(); packet !== undefined; packet = this.next()) {
      if (packet.kind !== 'signature') {
        this.#again = packet;
        return;
      }
      yield packet.signature;
    }
  }
}

/** Where it is cut, that is found again at the next packet. */
function passOver(contents: Contents): void {
  try {
    contents.rest();
  } catch (error) {
    if (!(error instanceof OpenPgpError)) throw error;
  }
}

function contentOf(tag: number, contents: Contents, crypto: Pick<Crypto, 'hash'>): PacketContent {
  switch (tag) {
    case TAG.signature:
      return { kind: 'signature', signature: readSignature(contents) };
    case TAG.publicKey:
    case TAG.publicSubkey:
      return { kind: 'key', key: readPublicKey(contents, crypto), subkey: tag === TAG.publicSubkey };
    case TAG.privateKey:
    case TAG.privateSubkey: {
      const key = readPublicKey(contents, crypto);
      contents.rest();
      return { kind: 'key', key, subkey: tag === TAG.privateSubkey };
    }
    case TAG.name:
      return { kind: 'name', name: contents.rest() };
    case TAG.marker:
      if (!equalBytes(contents.take(3), Uint8Array.of(0x50, 0x47, 0x50)))
        throw new InvalidData('invalid marker packet');
      return other;
    default:
      return otherContent(tag, contents);
  }
}

/** Of packets that do not belong to keys no more is read than upstream reads of them. */
function otherContent(tag: number, contents: Contents): PacketContent {
  switch (tag) {
    case 1:
      readSessionKey(contents);
      return other;
    case 8: {
      const algorithm = contents.uint(1);
      if (algorithm > 3) throw new UnsupportedFeature(`unknown compression algorithm: ${algorithm}`);
      return other;
    }
    case 9:
      return other;
    case 11:
      contents.take(contents.take(2)[1]!);
      contents.take(4);
      return other;
    case 18:
      if (contents.uint(1) !== 1) throw new UnsupportedFeature('unknown SymmetricallyEncrypted version');
      return other;
    case 3:
      readPassword(contents);
      return other;
    case 4:
      if (contents.uint(1) !== 3) throw new UnsupportedFeature('one-pass-signature packet version');
      contents.take(12);
      return other;
    case 17:
      readAttributes(contents.rest());
      return other;
    case 20:
      readAead(contents);
      return other;
    case TAG.trust:
      passOver(contents);
      return other;
    case 21:
      contents.rest();
      return other;
    default:
      if (tag <= CRITICAL) throw new UnknownCriticalPacket(tag);
      throw new UnsupportedFeature(`packet type ${tag}`);
  }
}

function readSessionKey(contents: Contents): void {
  const version = contents.uint(1);
  if (version !== 3) throw new UnsupportedFeature('unknown EncryptedKey version');
  contents.take(9);
  contents.rest();
}

const CIPHERS = new Set([2, 3, 7, 8, 9]);
/** How many bytes follow a kind of making keys from passwords. */
const S2K: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 9],
  [3, 10],
]);

/** A session key under a password. */
function readPassword(contents: Contents): void {
  const version = contents.uint(1);
  if (version < 4 || version > 6) throw new UnsupportedFeature('unknown SymmetricKeyEncrypted version');
  if (!CIPHERS.has(contents.uint(1))) throw new UnsupportedFeature('unknown cipher');
  const length = S2K.get(contents.uint(1));
  if (length === undefined) throw new UnsupportedFeature('S2K function');
  contents.take(length);
  contents.rest();
}

/** Of users: pictures, mostly. */
function readAttributes(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const subpacket = subpacketAt(bytes, at);
    if (subpacket === undefined || subpacket.body.length === 0) throw new InvalidData('subpacket truncated');
    at = subpacket.end;
  }
}

/** Bytes of the nonce in each mode. */
const MODES: ReadonlyMap<number, number> = new Map([
  [1, 16],
  [2, 15],
  [3, 12],
]);

function readAead(contents: Contents): void {
  if (contents.empty) throw new AeadError('could not read aead header:EOF');
  const [, , mode] = orAead('header', () => contents.take(4));
  const length = MODES.get(mode!);
  if (length === undefined) throw new AeadError('unknown mode');
  orAead('nonce', () => contents.take(length));
}

function orAead<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OpenPgpError) throw new AeadError(`could not read aead ${what}:${error.message}`);
    throw error;
  }
}
