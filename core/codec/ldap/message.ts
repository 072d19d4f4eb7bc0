/** Messages of LDAP version 3 (RFC 4511): what clients ask and what servers answer, as BER and back. */
import { context, element, TAG } from '../der.ts';
import { BerError, BerReader, boolean, integer, octets } from './ber.ts';
import { decodeFilter, encodeFilter, type Filter } from './filter.ts';

export const START_TLS = '1.3.6.1.4.1.1466.20037';
/** RFC 3062. */
export const MODIFY_PASSWORD = '1.3.6.1.4.1.4203.1.11.1';
/** RFC 2696. */
export const PAGED_RESULTS = '1.2.840.113556.1.4.319';

export interface Control {
  readonly type: string;
  readonly critical: boolean;
  readonly value?: Uint8Array;
}

export interface AttributeValues {
  readonly type: string;
  readonly values: readonly Uint8Array[];
}

const SCOPES = ['base', 'one', 'subtree'] as const;
const ALIASES = ['never', 'searching', 'finding', 'always'] as const;
const CHANGES = ['add', 'delete', 'replace'] as const;
export type Scope = (typeof SCOPES)[number];
export type DereferenceAliases = (typeof ALIASES)[number];
export type ChangeKind = (typeof CHANGES)[number];

export interface Change extends AttributeValues {
  readonly kind: ChangeKind;
}

export interface SearchRequest {
  readonly kind: 'search';
  readonly base: string;
  readonly scope: Scope;
  readonly aliases: DereferenceAliases;
  /** Entries; 0 sets none. */
  readonly sizeLimit: number;
  readonly filter: Filter;
  /** All user attributes when there are none. */
  readonly attributes: readonly string[];
}

export type Request =
  | { readonly kind: 'bind'; readonly name: string; readonly password: string }
  | { readonly kind: 'unbind' }
  | SearchRequest
  | { readonly kind: 'modify'; readonly dn: string; readonly changes: readonly Change[] }
  | { readonly kind: 'add'; readonly dn: string; readonly attributes: readonly AttributeValues[] }
  | { readonly kind: 'delete'; readonly dn: string }
  | { readonly kind: 'extended'; readonly name: string; readonly value?: Uint8Array };

export interface Entry {
  readonly kind: 'entry';
  readonly dn: string;
  readonly attributes: readonly AttributeValues[];
}

export interface Result {
  readonly kind: 'result';
  /** What it answers. */
  readonly to: 'bind' | 'search' | 'modify' | 'add' | 'delete' | 'extended';
  readonly code: number;
  readonly matchedDn: string;
  readonly message: string;
}

/** A reference to another server says nothing that is used here. */
export type Answer = Entry | Result | { readonly kind: 'reference' };

export interface Message<T> {
  readonly id: number;
  readonly body: T;
  readonly controls: readonly Control[];
}

const application = (number: number, constructed = true): number => 0x40 | (constructed ? 0x20 : 0) | number;

const TAGS = {
  bind: application(0),
  bound: application(1),
  unbind: application(2, false),
  search: application(3),
  entry: application(4),
  found: application(5),
  modify: application(6),
  modified: application(7),
  add: application(8),
  added: application(9),
  delete: application(10, false),
  deleted: application(11),
  reference: application(19),
  extended: application(23),
  extendedResult: application(24),
} as const;

const RESULTS: readonly (readonly [Result['to'], number])[] = [
  ['bind', TAGS.bound],
  ['search', TAGS.found],
  ['modify', TAGS.modified],
  ['add', TAGS.added],
  ['delete', TAGS.deleted],
  ['extended', TAGS.extendedResult],
];

const attribute = ({ type, values }: AttributeValues): Uint8Array =>
  element(TAG.sequence, octets(type), element(TAG.set, ...values.map((value) => octets(value))));

function encodeBody(body: Request | Answer): Uint8Array {
  switch (body.kind) {
    case 'bind':
      return element(TAGS.bind, integer(3), octets(body.name), octets(body.password, context(0, false)));
    case 'unbind':
      return element(TAGS.unbind);
    case 'search':
      return element(
        TAGS.search,
        octets(body.base),
        integer(SCOPES.indexOf(body.scope), TAG.enumerated),
        integer(ALIASES.indexOf(body.aliases), TAG.enumerated),
        integer(body.sizeLimit),
        integer(0),
        boolean(false),
        encodeFilter(body.filter),
        element(TAG.sequence, ...body.attributes.map((name) => octets(name))),
      );
    case 'modify': {
      const changes = body.changes.map((change) =>
        element(TAG.sequence, integer(CHANGES.indexOf(change.kind), TAG.enumerated), attribute(change)),
      );
      return element(TAGS.modify, octets(body.dn), element(TAG.sequence, ...changes));
    }
    case 'add':
      return element(TAGS.add, octets(body.dn), element(TAG.sequence, ...body.attributes.map(attribute)));
    case 'delete':
      return octets(body.dn, TAGS.delete);
    case 'extended':
      return element(
        TAGS.extended,
        octets(body.name, context(0, false)),
        ...(body.value === undefined ? [] : [octets(body.value, context(1, false))]),
      );
    case 'entry':
      return element(TAGS.entry, octets(body.dn), element(TAG.sequence, ...body.attributes.map(attribute)));
    case 'reference':
      return element(TAGS.reference);
    case 'result': {
      const tag = RESULTS.find(([to]) => to === body.to)![1];
      return element(tag, integer(body.code, TAG.enumerated), octets(body.matchedDn), octets(body.message));
    }
  }
}

const encodeControl = ({ type, critical, value }: Control): Uint8Array =>
  element(
    TAG.sequence,
    octets(type),
    ...(critical ? [boolean(true)] : []),
    ...(value === undefined ? [] : [octets(value)]),
  );

export function encodeMessage({ id, body, controls }: Message<Request | Answer>): Uint8Array {
  return element(
    TAG.sequence,
    integer(id),
    encodeBody(body),
    ...(controls.length === 0 ? [] : [element(context(0, true), ...controls.map(encodeControl))]),
  );
}

function all<T>(reader: BerReader, one: (reader: BerReader) => T): T[] {
  const found: T[] = [];
  while (!reader.atEnd) found.push(one(reader));
  return found;
}

function readAttribute(reader: BerReader): AttributeValues {
  const inner = reader.sequence();
  return { type: inner.text(), values: all(inner.sequence(TAG.set), (values) => values.read(TAG.octets)) };
}

function readControl(reader: BerReader): Control {
  const inner = reader.sequence();
  const type = inner.text();
  const critical = inner.peek() === TAG.boolean && inner.boolean();
  const value = inner.optional(TAG.octets);
  return { type, critical, ...(value === undefined ? {} : { value }) };
}

function choice<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new BerError('unknown value of an enumeration');
  return found;
}

function readBody(reader: BerReader): Request | Answer {
  const { tag, contents } = reader.any();
  const inner = new BerReader(contents);
  const result = RESULTS.find(([, own]) => own === tag);
  if (result !== undefined) {
    const code = inner.integer(TAG.enumerated);
    return { kind: 'result', to: result[0], code, matchedDn: inner.text(), message: inner.text() };
  }
  switch (tag) {
    case TAGS.bind:
      inner.integer();
      return { kind: 'bind', name: inner.text(), password: inner.text(context(0, false)) };
    case TAGS.unbind:
      return { kind: 'unbind' };
    case TAGS.search: {
      const base = inner.text();
      const scope = choice(SCOPES, inner.integer(TAG.enumerated));
      const aliases = choice(ALIASES, inner.integer(TAG.enumerated));
      const sizeLimit = inner.integer();
      inner.integer();
      inner.boolean();
      const filter = decodeFilter(inner);
      const attributes = all(inner.sequence(), (names) => names.text());
      return { kind: 'search', base, scope, aliases, sizeLimit, filter, attributes };
    }
    case TAGS.modify: {
      const dn = inner.text();
      const changes = all(inner.sequence(), (list) => {
        const change = list.sequence();
        return { kind: choice(CHANGES, change.integer(TAG.enumerated)), ...readAttribute(change) };
      });
      return { kind: 'modify', dn, changes };
    }
    case TAGS.add:
      return { kind: 'add', dn: inner.text(), attributes: all(inner.sequence(), readAttribute) };
    case TAGS.delete:
      return { kind: 'delete', dn: new BerReader(octets(contents)).text() };
    case TAGS.extended: {
      const name = inner.text(context(0, false));
      const value = inner.optional(context(1, false));
      return { kind: 'extended', name, ...(value === undefined ? {} : { value }) };
    }
    case TAGS.entry:
      return { kind: 'entry', dn: inner.text(), attributes: all(inner.sequence(), readAttribute) };
    case TAGS.reference:
      return { kind: 'reference' };
    default:
      throw new BerError(`unknown operation ${tag}`);
  }
}

/** Of one whole message. Throws BerError. */
export function decodeMessage(bytes: Uint8Array): Message<Request | Answer> {
  const reader = new BerReader(bytes).sequence();
  const id = reader.integer();
  const body = readBody(reader);
  const list = reader.optional(context(0, true));
  return { id, body, controls: list === undefined ? [] : all(new BerReader(list), readControl) };
}

/** The value of the control for results in pages. */
export const encodePage = (size: number, cookie: Uint8Array): Uint8Array =>
  element(TAG.sequence, integer(size), octets(cookie));

/** What the server gave to ask on with; nothing at the last page. Throws BerError. */
export function decodePage(value: Uint8Array): { readonly size: number; readonly cookie: Uint8Array } {
  const reader = new BerReader(value).sequence();
  return { size: reader.integer(), cookie: reader.read(TAG.octets) };
}

/** The value of a change of one's password, or of somebody's. */
export const encodePasswordChange = (dn: string, next: string): Uint8Array =>
  element(TAG.sequence, octets(dn, context(0, false)), octets(next, context(2, false)));

/** Throws BerError. */
export function decodePasswordChange(value: Uint8Array): { readonly dn: string; readonly next: string } {
  const reader = new BerReader(value).sequence();
  const dn = reader.text(context(0, false));
  reader.optional(context(1, false));
  return { dn, next: reader.text(context(2, false)) };
}
