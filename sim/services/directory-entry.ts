/** An entry of a directory, and whether a filter is true of it. */
import { sidText } from '../../core/framework/ldap/user-search.ts';
import type { Filter, Substring } from '../../core/codec/ldap/filter.ts';
import type { AttributeValues, Change } from '../../core/codec/ldap/message.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';

/** Names and values are compared without their case. */
export const normal = (text: string): string => text.toLowerCase().replaceAll(/\s*,\s*/g, ',');

/** The rule by which Active Directory finds groups in groups. */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

export class DirectoryEntry {
  readonly dn: string;
  /** By the name in lower case. */
  readonly #attributes = new Map<string, AttributeValues>();

  constructor(dn: string, attributes: readonly AttributeValues[]) {
    this.dn = dn;
    for (const attribute of attributes) this.#attributes.set(attribute.type.toLowerCase(), attribute);
  }

  get attributes(): readonly AttributeValues[] {
    return [...this.#attributes.values()];
  }

  texts(name: string): readonly string[] {
    return (this.#attributes.get(name.toLowerCase())?.values ?? []).map(decodeUtf8);
  }

  has(name: string, value: string): boolean {
    return this.texts(name).some((own) => normal(own) === normal(value));
  }

  /** 'S-1-5-…'. */
  get sid(): string | undefined {
    const bytes = this.#attributes.get('objectsid')?.values[0];
    return bytes && sidText(bytes);
  }

  change({ kind, type, values }: Change): void {
    const name = type.toLowerCase();
    const old = this.#attributes.get(name)?.values ?? [];
    const gone = new Set(values.map(decodeUtf8));
    const next =
      kind === 'replace'
        ? values
        : kind === 'add'
          ? [...old, ...values]
          : old.filter((value) => values.length > 0 && !gone.has(decodeUtf8(value)));
    if (next.length === 0) this.#attributes.delete(name);
    else this.#attributes.set(name, { type, values: next });
  }
}

/** `groupsOf` gives the normal DNs of the groups that a DN is in, directly or by way of others. */
export function matches(filter: Filter, entry: DirectoryEntry, groupsOf: (dn: string) => ReadonlySet<string>): boolean {
  const again = (one: Filter): boolean => matches(one, entry, groupsOf);
  switch (filter.kind) {
    case 'and':
      return filter.filters.every(again);
    case 'or':
      return filter.filters.some(again);
    case 'not':
      return !again(filter.filter);
    case 'present':
      return filter.attribute.toLowerCase() === 'objectclass' || entry.texts(filter.attribute).length > 0;
    case 'substrings':
      return entry.texts(filter.attribute).some((text) => hasParts(normal(text), filter.parts));
    case 'extensible':
      return filter.rule === IN_CHAIN && groupsOf(decodeUtf8(filter.value)).has(normal(entry.dn));
    default:
      return filter.kind === 'equal' && entry.has(filter.attribute, decodeUtf8(filter.value));
  }
}

function hasParts(text: string, parts: readonly Substring[]): boolean {
  let from = 0;
  for (const { at, value } of parts) {
    const part = normal(decodeUtf8(value));
    const found = at === 'final' ? text.length - part.length : text.indexOf(part, from);
    if (found < from || !text.startsWith(part, found) || (at === 'initial' && found !== 0)) return false;
    from = found + part.length;
  }
  return true;
}
