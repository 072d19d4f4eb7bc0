/** Other names as clients write them: `<oid>;utf8:<value>`. */
import { der } from '../../codec/der.ts';
import { quote } from '../../codec/go-quote.ts';
import { matchesGlob } from '../../codec/glob.ts';
import { refuse, type Fault } from '../../fault.ts';
import { otherText, type OtherName } from '../../crypto/x509/general-name.ts';
import { Unsigned } from './external-keys.ts';

export interface NamedOther {
  readonly oid: string;
  readonly value: string;
}

/** What is wrong with one, or what it says. */
export function parseOther(text: string): NamedOther | string {
  const semicolon = text.indexOf(';');
  if (semicolon < 0) return `expected a semicolon in other SAN ${quote(text)}`;
  const typed = text.slice(semicolon + 1);
  const colon = typed.indexOf(':');
  if (colon < 0) return `expected a colon in other SAN ${quote(text)}`;
  if (!['utf8', 'utf-8'].includes(typed.slice(0, colon).toLowerCase())) {
    return `only utf8 other SANs are supported; found non-supported type in other SAN ${quote(text)}`;
  }
  return { oid: text.slice(0, semicolon), value: typed.slice(colon + 1) };
}

/** In order, those of one identifier together. Throws a Fault with `prefix` in front of what is wrong. */
export function parseOthers(texts: readonly string[], prefix: string): NamedOther[] {
  const byOid = new Map<string, NamedOther[]>();
  for (const text of texts) {
    const other = parseOther(text);
    if (typeof other === 'string') throw refuse(prefix + other);
    byOid.set(other.oid, [...(byOid.get(other.oid) ?? []), other]);
  }
  return [...byOid.values()].flat();
}

/** Against the role's own `<oid>;utf8:<pattern>`; a lone '*' allows all. */
export function refusedOther(allowed: readonly string[], others: readonly NamedOther[]): Fault | undefined {
  if (allowed.length === 1 && allowed[0] === '*') return undefined;
  const rules = parseOthers(allowed, "error parsing role's allowed SANs: ");
  for (const { oid, value } of others) {
    const own = rules.filter((rule) => rule.oid === oid);
    if (own.length === 0) return refuse(`other SAN OID ${oid} not allowed by this role`);
    if (!own.some((rule) => matchesGlob(rule.value, value))) {
      return refuse(`other SAN ${value} not allowed for OID ${oid} by this role`);
    }
  }
  return undefined;
}

export const toOtherName = ({ oid, value }: NamedOther): OtherName => ({ oid, value: der.utf8(value) });

const ARCS_OF_FIRST = 40n;
const LARGEST_INT = 2n ** 63n;

/** Upstream finds only when it writes them that identifiers are none. Throws Unsigned. */
export function checkIdentifiers(others: readonly OtherName[]): void {
  const failed = (why: string): Unsigned => new Unsigned(`error marshaling other SANs: ${why}`);
  for (const { oid } of others) {
    const arcs = oid.split('.').map((arc) => {
      const known = /^[+-]?[0-9]+$/.test(arc);
      const number = known ? BigInt(arc.replace('+', '')) : 0n;
      if (known && number < LARGEST_INT && number >= -LARGEST_INT) return number;
      throw failed(`strconv.Atoi: parsing ${quote(arc)}: ${known ? 'value out of range' : 'invalid syntax'}`);
    });
    const [first = 0n, second] = arcs;
    const fits = second !== undefined && first <= 2n && (first === 2n || second < ARCS_OF_FIRST);
    if (!fits || arcs.some((arc) => arc < 0n)) throw failed(`cryptobyte: invalid OID: ${arcs.join('.')}`);
  }
}

/** As a client would write it; undefined when its value is no text. */
export function otherNameText(other: OtherName): string | undefined {
  const text = otherText(other);
  return text === undefined ? undefined : `${other.oid};UTF-8:${text}`;
}
