/** Which kinds and sizes of keys a role allows. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { SshKeyKind, SshPublicKey } from '../../crypto/ssh/public-key.ts';
import { refuse } from '../../fault.ts';
import { isList, isNumber, literalOf } from '../../framework/coerce.ts';
import type { KeyLengths } from './role.ts';

/** What a client sent, by name: a number, a list of numbers, or a text with commas. Throws a refusal. */
export function parseKeyLengths(sent: JsonObject): KeyLengths {
  return Object.fromEntries(Object.entries(sent).map(([name, sizes]) => [name, sizesIn(sizes)]));
}

function sizesIn(sent: JsonValue): readonly number[] | null {
  if (sent === null) return null;
  if (isList(sent)) return sent.length === 0 ? null : sent.map(sizeIn);
  return typeof sent === 'string' && sent.includes(',') ? sent.split(',').map(sizeIn) : [sizeIn(sent)];
}

function sizeIn(sent: JsonValue): number {
  if (typeof sent === 'boolean') return sent ? 1 : 0;
  const text = typeof sent === 'string' ? sent.trim() : isNumber(sent) ? literalOf(sent) : undefined;
  if (text === undefined) throw wrong('could not parse value from input');
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) throw wrong(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

const wrong = (why: string) => refuse(`error processing allowed_user_key_lengths: ${why}`);

const isRestricted = (lengths: KeyLengths): boolean => Object.keys(lengths).length > 0;

/** The names under which a role may speak of a kind of key. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  rsa: ['rsa', 'ssh-rsa'],
  dsa: ['dsa', 'ssh-dss'],
  ecdsa: ['ecdsa', 'ec'],
  ed25519: ['ed25519', 'ssh-ed25519'],
};

function namesOf(kind: SshKeyKind, bits: number): readonly string[] {
  const names = NAMES[kind]!;
  return kind === 'ecdsa' ? [...names, `ecdsa-sha2-nistp${bits}`] : names;
}

/** A key that somebody wants to have signed. Throws a refusal. */
export function checkSigned(lengths: KeyLengths, { kind, bits }: SshPublicKey): void {
  if (!isRestricted(lengths)) return;
  const allowed = namesOf(kind, bits).filter((name) => Object.hasOwn(lengths, name));
  if (allowed.length === 0) throw unfit(`key of type ${kind} is not allowed`);
  const sized = (name: string): boolean => kind === 'rsa' || kind === 'dsa' || name === 'ec' || name === 'ecdsa';
  const fits = allowed.some((name) => lengths[name]?.some((size) => !sized(name) || size === bits));
  if (!fits) throw unfit(`key is of an invalid size: ${bits}`);
}

const unfit = (why: string) => refuse(`public_key failed to meet the key requirements: ${why}`);

/** A key that is to be made. Throws a refusal. */
export function checkIssued(lengths: KeyLengths, type: string, bits: number): void {
  if (!isRestricted(lengths)) return;
  const allowed = (NAMES[type] ?? []).filter((name) => Object.hasOwn(lengths, name));
  if (allowed.length === 0) throw refuse('provided key_type value not in allowed_user_key_types');
  if (!allowed.some((name) => lengths[name]?.includes(bits))) {
    throw refuse("provided key_bits value not in list of role's allowed_user_key_types");
  }
}
