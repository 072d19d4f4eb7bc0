/** `sort`: addresses by several criteria, each with a sign. */
import { compareText } from '../bytes.ts';
import { quote } from '../go-quote.ts';
import { trimGoSpace } from '../go-space.ts';
import { GoTemplateError } from '../go-template/lexer.ts';
import type { InterfaceAddress } from './interfaces.ts';
import { isSetAside } from './registry.ts';

type Comparison = (a: InterfaceAddress, b: InterfaceAddress) => number;

const sign = (a: bigint | number, b: bigint | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Those of another version are left where they are by most. */
const sameKind =
  (compare: Comparison): Comparison =>
  (a, b) =>
    a.block.width === b.block.width ? compare(a, b) : 0;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  address: sameKind((a, b) => sign(a.block.value, b.block.value)),
  name: (a, b) => compareText(a.of.name, b.of.name),
  port: () => 0,
  // Private before public; one of another version comes after a private one, and beside a public one.
  private: (a, b) => {
    const inner = Number(isSetAside('6890', a.block));
    return a.block.width === b.block.width ? Number(isSetAside('6890', b.block)) - inner : 0 - inner;
  },
  size: sameKind((a, b) => sign(a.block.length, b.block.length)),
  type: (a, b) => sign(a.block.width, b.block.width),
};

const byDefault =
  (name: string | undefined): Comparison =>
  (a, b) =>
    name === undefined ? 0 : Number(b.of.name === name) - Number(a.of.name === name);

/** `criteria` like 'default,-type'; throws GoTemplateError for one that is not known. */
export function sorted(
  criteria: string,
  addresses: readonly InterfaceAddress[],
  defaultName: string | undefined,
): InterfaceAddress[] {
  const comparisons = criteria.split(',').map((clause): Comparison => {
    const [, minus, word = ''] = /^([+-]?)(.*)$/s.exec(trimGoSpace(clause.toLowerCase())) ?? [];
    const found = word === 'default' ? byDefault(defaultName) : ownEntry(word);
    if (found === undefined) throw new GoTemplateError(`unknown sort type: ${quote(clause)}`);
    return minus === '-' ? (a, b) => -found(a, b) : found;
  });
  const before = (a: InterfaceAddress, b: InterfaceAddress): boolean => {
    for (const compare of comparisons) {
      const found = compare(a, b);
      if (found !== 0) return found < 0;
    }
    return false;
  };
  return inserted(addresses, before);
}

const ownEntry = (word: string): Comparison | undefined =>
  Object.hasOwn(COMPARISONS, word) ? COMPARISONS[word] : undefined;

/** As Go sorts a dozen at most: some of the comparisons contradict themselves, so that the way shows. */
function inserted(
  addresses: readonly InterfaceAddress[],
  before: (a: InterfaceAddress, b: InterfaceAddress) => boolean,
): InterfaceAddress[] {
  const all = [...addresses];
  for (let i = 1; i < all.length; i++) {
    for (let j = i; j > 0 && before(all[j]!, all[j - 1]!); j--) [all[j - 1], all[j]] = [all[j]!, all[j - 1]!];
  }
  return all;
}
