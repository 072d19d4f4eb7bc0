/** KERB_VALIDATION_INFO (MS-PAC, section 2.5) in NDR: only whether it can be read. */
import { PacError } from './pac-error.ts';

type Deferred = () => void;

/** Where it is in the bytes; what is pointed to comes behind all that points. */
class Ndr {
  readonly #bytes: Uint8Array;
  #at = 0;
  #little = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The heads (MS-RPCE, section 2.2.6), and the pointer to the whole. */
  head(): void {
    if (this.byte() !== 1) throw new PacError('byte stream does not indicate a RPC Type serialization of version 1');
    const order = this.byte() >> 4;
    if (order > 1) throw new PacError('common header does not indicate a valid endianness');
    this.#little = order === 1;
    if (this.short() !== 8) throw new PacError('common header does not indicate a valid length');
    this.longs(1);
    if (this.long() % 8 !== 0) throw new PacError('object buffer length not a multiple of 8');
    this.longs(2);
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new PacError('error reading bytes from stream: EOF');
    return byte;
  }

  bytes(count: number): void {
    for (let i = 0; i < count; i++) this.byte();
  }

  short(): number {
    return this.#number(2);
  }

  long(): number {
    return this.#number(4);
  }

  longs(count: number): void {
    for (let i = 0; i < count; i++) this.long();
  }

  #number(size: number): number {
    this.#at = Math.ceil(this.#at / size) * size;
    const octets = Array.from({ length: size }, () => this.byte());
    return (this.#little ? octets.toReversed() : octets).reduce((sum, octet) => sum * 256 + octet, 0);
  }
}

/** Throws PacError. */
export function checkValidationInfo(bytes: Uint8Array): void {
  const ndr = new Ndr(bytes);
  const deferred: Deferred[] = [];
  const pointer = (target: Deferred): void => {
    if (ndr.long() !== 0) deferred.push(target);
  };
  const texts = (count: number): void => {
    for (let i = 0; i < count; i++) {
      ndr.short();
      ndr.short();
      pointer(() => text(ndr));
    }
  };
  const groups = (): void => pointer(() => array(ndr, () => ndr.longs(2)));

  ndr.head();
  // Six times, six texts, two counts; the user, the primary group, how many groups.
  ndr.longs(12);
  texts(6);
  ndr.short();
  ndr.short();
  ndr.longs(3);
  groups();
  // Flags, the key of the session; server and domain of the logon.
  ndr.longs(1);
  ndr.bytes(16);
  texts(2);
  pointer(() => identifier(ndr));
  ndr.longs(11);
  pointer(() => identifiers(ndr));
  pointer(() => identifier(ndr));
  ndr.longs(1);
  groups();
  for (const read of deferred) read();
}

function array(ndr: Ndr, one: () => void): void {
  const count = ndr.long();
  for (let i = 0; i < count; i++) one();
}

/** A SID. */
function identifier(ndr: Ndr): void {
  const count = ndr.long();
  ndr.bytes(8);
  ndr.longs(count);
}

function identifiers(ndr: Ndr): void {
  let pointed = 0;
  array(ndr, () => {
    if (ndr.long() !== 0) pointed++;
    ndr.long();
  });
  for (let i = 0; i < pointed; i++) identifier(ndr);
}

function text(ndr: Ndr): void {
  const room = ndr.long();
  const from = ndr.long();
  const count = ndr.long();
  if (room < (from + count) % 2 ** 32) throw new PacError('max count is less than the offset plus actual count');
  for (let i = from; i < count; i++) ndr.short();
}
