/**
 * JSON as go-jose reads it: in the words of Go's older decoder, a member's name in its own case only, and no object with
 * two members of one name.
 */
import { isObject, JsonError, kindOf, parse, type JsonValue } from '../../codec/json.ts';
import { quoteCharacter } from '../../codec/go-quote.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const SPACE = 0x20;
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

interface OpenObject {
  readonly kind: 'object';
  readonly names: Set<string>;
  name: string;
  /** Where the member's value begins. */
  from: number;
}
type Container = OpenObject | { readonly kind: 'list'; from: number };

/** Checks a text as a whole, as Go does before it decodes any of it. */
class Scanner {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Of the outermost object, as they were sent. */
  readonly members = new Map<string, Uint8Array>();
  /** Of the outermost list, likewise. */
  readonly items: Uint8Array[] = [];
  /** The first name that an object has twice; outermost: the outermost object. */
  twice: string | undefined;
  twiceOutermost: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At its end Go feeds its scanner one space, and only then gives up. */
  #peek(): number {
    if (this.#at < this.#bytes.length) return this.#bytes[this.#at]!;
    if (this.#at === this.#bytes.length) return SPACE;
    throw new JsonError('unexpected end of JSON input');
  }

  #fail(where: string): never {
    throw new JsonError(`invalid character ${quoteCharacter(this.#peek())} ${where}`);
  }

  #skipSpace(): number {
    for (;;) {
      const byte = this.#peek();
      if (byte !== SPACE && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte;
      this.#at++;
    }
  }

  whole(): void {
    const stack: Container[] = [];
    for (;;) {
      const byte = this.#skipSpace();
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.#at++;
        const close = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST;
        const empty = this.#skipSpace() === close;
        if (!empty) {
          const opened: Container =
            byte === OPEN_LIST
              ? { kind: 'list', from: this.#at }
              : { kind: 'object', names: new Set(), name: '', from: 0 };
          stack.push(opened);
          if (opened.kind === 'object') this.#name(opened, stack.length === 1);
          continue;
        }
        this.#at++;
      } else this.#scalar(byte);
      if (!this.#afterValue(stack)) break;
    }
    for (; this.#at < this.#bytes.length; this.#at++) {
      if (![SPACE, 0x09, 0x0a, 0x0d].includes(this.#peek())) this.#fail('after top-level value');
    }
  }

  /** Closes what ends here. False when that is everything. */
  #afterValue(stack: Container[]): boolean {
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (stack.length === 1) {
        const sent = this.#bytes.subarray(top.from, this.#at);
        if (top.kind === 'object') this.members.set(top.name, sent);
        else this.items.push(sent);
      }
      const byte = this.#skipSpace();
      if (byte === COMMA) {
        this.#at++;
        if (top.kind === 'object') this.#name(top, stack.length === 1);
        else top.from = this.#at;
        return true;
      }
      if (byte !== (top.kind === 'object' ? CLOSE_OBJECT : CLOSE_LIST)) {
        this.#fail(top.kind === 'object' ? 'after object key:value pair' : 'after array element');
      }
      this.#at++;
      stack.pop();
    }
    return false;
  }

  #name(object: OpenObject, outermost: boolean): void {
    if (this.#skipSpace() !== QUOTE) this.#fail('looking for beginning of object key string');
    const from = this.#at;
    this.#string();
    object.name = parse(this.#bytes.subarray(from, this.#at)) as string;
    if (object.names.has(object.name)) {
      this.twice ??= object.name;
      if (outermost) this.twiceOutermost ??= object.name;
    }
    object.names.add(object.name);
    if (this.#skipSpace() !== COLON) this.#fail('after object key');
    this.#at++;
    this.#skipSpace();
    object.from = this.#at;
  }

  #scalar(byte: number): void {
    if (byte === QUOTE) return this.#string();
    if (byte === 0x2d || isDigit(byte)) return this.#number();
    const literal = LITERALS[String.fromCharCode(byte)];
    if (literal === undefined) this.#fail('looking for beginning of value');
    for (const expected of literal) {
      if (this.#peek() !== expected.charCodeAt(0)) this.#fail(`in literal ${literal} (expecting '${expected}')`);
      this.#at++;
    }
  }

  #number(): void {
    if (this.#peek() === 0x2d) this.#at++;
    if (this.#peek() === 0x30) this.#at++;
    else this.#digits('in numeric literal');
    if (this.#peek() === 0x2e) {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (this.#peek() === 0x65 || this.#peek() === 0x45) {
      this.#at++;
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(where: string): void {
    if (!isDigit(this.#peek())) this.#fail(where);
    while (isDigit(this.#peek())) this.#at++;
  }

  #string(): void {
    this.#at++;
    for (let byte = this.#peek(); byte !== QUOTE; byte = this.#peek()) {
      if (byte < SPACE) this.#fail('in string literal');
      this.#at++;
      if (byte === BACKSLASH) this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    const kind = String.fromCharCode(this.#peek());
    if (!'bfnrt\\/"u'.includes(kind)) this.#fail('in string escape code');
    this.#at++;
    if (kind !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[\da-fA-F]/.test(String.fromCharCode(this.#peek())))
        this.#fail(String.raw`in \u hexadecimal character escape`);
      this.#at++;
    }
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

function scanned(bytes: Uint8Array): Scanner {
  const scanner = new Scanner(bytes);
  scanner.whole();
  return scanner;
}

/** '' for null. Throws JsonError. */
export function joseText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type string`);
}

/** A member that is a text, of whatever size it is as a number. Throws JsonError. */
export const sentText = (sent: Uint8Array): string => joseText(isDigit(sent.at(-1) ?? 0) ? 0 : parseJose(sent));

const duplicate = (name: string): JsonError => new JsonError(`json: duplicate key '${name}' in object`);

/** Throws JsonError. */
export function parseJose(bytes: Uint8Array): JsonValue {
  const { twice } = scanned(bytes);
  if (twice !== undefined) throw duplicate(twice);
  return parse(bytes);
}

/** An object that is read as what has no use for objects inside: of those names may stand twice. Throws JsonError. */
export function parseFlatJose(bytes: Uint8Array): JsonValue {
  const { twiceOutermost } = scanned(bytes);
  if (twiceOutermost !== undefined) throw duplicate(twiceOutermost);
  return parse(bytes);
}

/** The members of an object as they were sent, whatever stands twice; of one name the last. Throws JsonError. */
export const membersSent = (bytes: Uint8Array): ReadonlyMap<string, Uint8Array> => scanned(bytes).members;

/** The items of a list as they were sent. Throws JsonError. */
export const itemsSent = (bytes: Uint8Array): readonly Uint8Array[] => scanned(bytes).items;

/** The members of an object as they were sent, those that are null left out; `type` is what Go reads it into. Throws JsonError. */
export function joseMembers(bytes: Uint8Array, type: string): ReadonlyMap<string, Uint8Array> {
  const { members, twiceOutermost } = scanned(bytes);
  if (twiceOutermost !== undefined) throw duplicate(twiceOutermost);
  if (members.size === 0) {
    const value = parse(bytes);
    if (value !== null && !isObject(value)) {
      throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${type}`);
    }
  }
  return new Map([...members].filter(([, value]) => decodeUtf8(value) !== 'null'));
}
