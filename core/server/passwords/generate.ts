/** Draws passwords until one keeps all rules. */
import { assert } from '../../assert.ts';
import type { Random } from '../../runtime.ts';
import type { PasswordPolicy } from './policy.ts';

/** Where upstream gives up after a second of trying. */
const attempts = 20_000;

const letters = 'abcdefghijklmnopqrstuvwxyz';
const charsets = [letters, letters.toUpperCase(), '0123456789', '-'].map((text) => Array.from(text));
const usual: PasswordPolicy = {
  length: 20,
  rules: charsets.map((charset) => ({ charset, minimum: 1 })),
  charset: charsets.flat(),
};

/** Where no policy is named: 20 characters, of each kind at least one. */
export function usualPassword(random: Random): string {
  const password = generatePassword(usual, random);
  assert(password !== undefined, 'one draw in two keeps the usual rules');
  return password;
}

/** Undefined: no password kept the rules in all attempts. */
export function generatePassword(policy: PasswordPolicy, random: Random): string | undefined {
  for (let i = 0; i < attempts; i++) {
    const password = draw(policy, random);
    if (keeps(policy, password)) return password.join('');
  }
  return undefined;
}

function draw({ charset, length }: PasswordPolicy, random: Random): string[] {
  const out: string[] = [];
  // Bytes above the last whole multiple of the charset's size would favour its first characters.
  const width = charset.length <= 256 ? 1 : 2;
  const range = width === 1 ? 256 : 65_536;
  const bound = range - (range % charset.length);
  while (out.length < length) {
    const bytes = random.bytes((length - out.length) * width);
    for (let at = 0; at < bytes.length; at += width) {
      const value = width === 1 ? bytes[at]! : bytes[at]! * 256 + bytes[at + 1]!;
      if (value < bound) out.push(charset[value % charset.length]!);
    }
  }
  return out;
}

const keeps = ({ rules }: PasswordPolicy, password: readonly string[]): boolean =>
  rules.every(
    ({ charset, minimum }) =>
      minimum <= 0 || password.filter((character) => charset.includes(character)).length >= minimum,
  );
