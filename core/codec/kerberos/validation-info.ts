/** KERB_VALIDATION_INFO (MS-PAC, section 2.5) in NDR: the name that the account has; of the rest whether it can be read. */
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

/** The account's name; '' when there is none. Throws PacError. */
export function readValidationInfo(bytes: Uint8Array): string {
  const ndr = new Ndr(bytes);
  let name = '';
  const deferred: Deferred[] = [];
  const pointer = (target: Deferred): void => {
    if (ndr.long() !== 0) deferred.push(target);
  };
  const oneText = (take: (value: string) => void): void => {
    ndr.short();
    ndr.short();
    pointer(() => take(text(ndr)));
  };
  const texts = (count: number): void => {
    for (let i = 0; i < count; i++) oneText(() => {});
  };
  const groups = (): void => pointer(() => array(ndr, () => ndr.longs(2)));

  ndr.head();
  // Six times, six texts, two counts; the user, the primary group, how many groups.
  ndr.longs(12);
  oneText((value) => (name = value));
  texts(5);
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
  return name;
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

/** Each unit is a character of its own, as upstream reads it; a zero at the end is none. */
function text(ndr: Ndr): string {
  const room = ndr.long();
  const from = ndr.long();
  const count = ndr.long();
  if (room < (from + count) % 2 ** 32) throw new PacError('max count is less than the offset plus actual count');
  let read = '';
  for (let i = from; i < count; i++) {
    const unit = ndr.short();
    read += unit >= 0xd800 && unit < 0xe000 ? '\ufffd' : String.fromCharCode(unit);
  }
  const whole = read === '' ? '' : '\0'.repeat(from) + read;
  return whole.endsWith('\0') ? whole.slice(0, -1) : whole;
}
