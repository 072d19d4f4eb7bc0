/**
 * Keys as their holders give them away (RFC 4880, section 11.1): the primary key, names, subkeys and what binds them
 * together. What is bound by a signature that does not verify is refused, as upstream does.
 */
import { concatBytes } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import { PacketReader } from './reader.ts';
import { InvalidData, OpenPgpError } from './packets.ts';
import type { PublicKey } from './public-key.ts';
import { canSign } from './public-key.ts';
import type { Signature, Verifying } from './signature.ts';
import { claims, verify } from './signature.ts';

export interface Entity {
  /** Of the primary key, lower-case hex. */
  readonly fingerprint: string;
  /** Undefined: nothing can be encrypted to it. */
  readonly encryption: PublicKey | undefined;
}

const TYPE = {
  certification: [0x10, 0x11, 0x12, 0x13],
  subkeyBinding: 0x18,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;
const OF_NAMES = new Set<number>([...TYPE.certification, TYPE.certificationRevocation]);
const MAY_SIGN = 0x02;
const MAY_ENCRYPT_MESSAGES = 0x04;

/** A subkey, or the primary key under one name, with the newest signature that binds it. */
interface Bound {
  readonly key: PublicKey;
  binding: Signature | undefined;
  revoked: boolean;
}

/** The first key of what `gpg --export` gives. Throws OpenPgpError. */
export function readEntity(bytes: Uint8Array, crypto: Verifying): Entity {
  const packets = new PacketReader(bytes, crypto);
  const first = packets.next();
  if (first === undefined) throw new OpenPgpError('EOF');
  if (first.kind !== 'key' || first.subkey) throw new InvalidData('first packet was not a public/private key');
  if (!canSign(first.key)) throw new InvalidData('primary key cannot be used for signatures');
  return new EntityReader(packets, first.key, crypto).read();
}

class EntityReader {
  readonly #packets: PacketReader;
  readonly #primary: PublicKey;
  readonly #crypto: Verifying;
  readonly #names: Bound[] = [];
  readonly #subkeys: Bound[] = [];
  readonly #revocations: Signature[] = [];

  constructor(packets: PacketReader, primary: PublicKey, crypto: Verifying) {
    this.#packets = packets;
    this.#primary = primary;
    this.#crypto = crypto;
  }

  read(): Entity {
    for (let packet = this.#packets.next(); packet !== undefined; packet = this.#packets.next()) {
      if (packet.kind === 'name') this.#name(packet.name);
      else if (packet.kind === 'signature') {
        if (packet.signature.type === TYPE.keyRevocation) this.#revocations.push(packet.signature);
      } else if (packet.kind === 'key') {
        if (!packet.subkey) break;
        this.#subkey(packet.key);
      }
    }
    if (this.#names.length === 0) throw new InvalidData('v4 entity without any identities');
    for (const revocation of this.#revocations) {
      if (!this.#signed(revocation, this.#primary.hashed)) {
        throw new InvalidData('revocation signature signed by alternate key');
      }
    }
    return { fingerprint: encodeHex(this.#primary.fingerprint), encryption: this.#encryption() };
  }

  #signed(signature: Signature, message: Uint8Array): boolean {
    try {
      verify(signature, message, this.#primary, this.#crypto);
      return true;
    } catch (error) {
      if (error instanceof OpenPgpError) return false;
      throw error;
    }
  }

  #name(name: Uint8Array): void {
    const bound: Bound = { key: this.#primary, binding: undefined, revoked: false };
    let own = false;
    const length = Uint8Array.of(0xb4, name.length >>> 24, name.length >> 16, name.length >> 8, name.length);
    const message = concatBytes(this.#primary.hashed, length, name);
    for (const signature of this.#packets.signatures()) {
      if (!OF_NAMES.has(signature.type)) throw new InvalidData('user ID signature with wrong type');
      if (!claims(signature, this.#primary)) continue;
      said('user ID self-signature invalid', () => verify(signature, message, this.#primary, this.#crypto));
      if (signature.type === TYPE.certificationRevocation) bound.revoked = true;
      else bind(bound, signature);
      own = true;
    }
    if (own) this.#names.push(bound);
  }

  #subkey(key: PublicKey): void {
    const bound: Bound = { key, binding: undefined, revoked: false };
    const message = concatBytes(this.#primary.hashed, key.hashed);
    // Also of reading what follows.
    const signatures = this.#packets.signatures();
    for (;;) {
      const { value: signature } = said('subkey signature invalid', () => signatures.next());
      if (signature === undefined) break;
      const { type } = signature;
      if (type !== TYPE.subkeyBinding && type !== TYPE.subkeyRevocation) {
        throw new InvalidData('subkey signature with wrong type');
      }
      said('subkey signature invalid', () => {
        verify(signature, message, this.#primary, this.#crypto);
        this.#crossSigned(signature, key, message);
      });
      if (type === TYPE.subkeyRevocation) bound.revoked = true;
      else bind(bound, signature);
    }
    if (bound.binding === undefined && !bound.revoked) {
      throw new InvalidData('subkey packet not followed by signature');
    }
    this.#subkeys.push(bound);
  }

  /** A subkey that signs has to say itself whose it is. */
  #crossSigned({ says }: Signature, key: PublicKey, message: Uint8Array): void {
    if (((says.flags ?? 0) & MAY_SIGN) === 0) return;
    const { embedded } = says;
    if (embedded === undefined) throw new InvalidData('signing subkey is missing cross-signature');
    said('error while verifying cross-signature', () => verify(embedded, message, key, this.#crypto));
  }

  /** The newest subkey that may; the primary key if none. */
  #encryption(): PublicKey | undefined {
    const [name] = this.#names;
    if (this.#revocations.length > 0 || name!.revoked) return undefined;
    const usable = this.#subkeys.filter(mayEncrypt);
    const newest = Math.max(...usable.map(({ binding }) => binding!.says.created!));
    const chosen =
      usable.find(({ binding }) => binding!.says.created === newest) ?? (mayEncrypt(name!) ? name : undefined);
    return chosen?.key;
  }
}

const ENCRYPTS: ReadonlySet<string> = new Set<PublicKey['material']['kind']>(['rsa', 'x25519']);
const mayEncrypt = ({ key, binding, revoked }: Bound): boolean =>
  !revoked && ((binding?.says.flags ?? 0) & MAY_ENCRYPT_MESSAGES) !== 0 && ENCRYPTS.has(key.material.kind);

function bind(bound: Bound, signature: Signature): void {
  if (bound.binding === undefined || signature.says.created! > bound.binding.says.created!) bound.binding = signature;
}

/** What goes wrong in `what`, with `text` before it. */
function said<T>(text: string, what: () => T): T {
  try {
    return what();
  } catch (error) {
    if (error instanceof OpenPgpError) throw new InvalidData(`${text}: ${error.message}`);
    throw error;
  }
}
