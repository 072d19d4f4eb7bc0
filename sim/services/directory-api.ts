/**
 * A directory as its clients see it: entries, of which some may bind; its root may change everything, whoever has bound
 * may read, and who has not sees all but what is hidden.
 */
import { concatBytes, noBytes } from '../../core/codec/bytes.ts';
import { wholeLength } from '../../core/codec/ldap/ber.ts';
import type { Answer, AttributeValues, Change, Control, Message } from '../../core/codec/ldap/message.ts';
import { decodeMessage, decodePage, decodePasswordChange, encodePage } from '../../core/codec/ldap/message.ts';
import { MODIFY_PASSWORD, PAGED_RESULTS } from '../../core/codec/ldap/message.ts';
import type { Request, Result, SearchRequest } from '../../core/codec/ldap/message.ts';
import * as code from '../../core/codec/ldap/result-code.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { DirectoryEntry, matches, normal } from './directory-entry.ts';

export const SUFFIX = 'dc=example,dc=com';
export const PEOPLE = `ou=people,${SUFFIX}`;
export const ROOT = `cn=admin,${SUFFIX}`;
/** What is below it is only there for who has bound. */
const HIDDEN = `,ou=hidden,${SUFFIX}`;

export type EntryPlan = readonly [dn: string, attributes: Readonly<Record<string, readonly (string | Uint8Array)[]>>];

interface Said {
  readonly body: Answer;
  readonly controls: readonly Control[];
}

export class DirectoryApi {
  /** By the normal form of the DN, in the order in which they were added. */
  readonly #entries = new Map<string, DirectoryEntry>();

  constructor(plans: readonly EntryPlan[]) {
    const own: EntryPlan[] = [
      [SUFFIX, { dc: ['example'] }],
      [ROOT, { cn: ['admin'], userPassword: ['first'] }],
      [PEOPLE, { ou: ['people'] }],
    ];
    for (const [dn, attributes] of [...own, ...plans]) {
      const values = Object.entries(attributes).map(([type, list]) => ({
        type,
        values: list.map((value) => (typeof value === 'string' ? encodeUtf8(value) : value)),
      }));
      this.#entries.set(normal(dn), new DirectoryEntry(dn, values));
    }
  }

  /** Undefined when there is no such entry, or none of its attributes has the name. */
  valueOf(dn: string, attribute: string): string | undefined {
    return this.#entries.get(normal(dn))?.texts(attribute)[0];
  }

  /** The normal form of the DN that a bind is good for, or what is wrong with it. */
  #bind(name: string, password: string): string | number {
    if (name === '') return '';
    if (password === '') return code.UNWILLING_TO_PERFORM;
    const entry = name.includes('=')
      ? this.#entries.get(normal(name))
      : [...this.#entries.values()].find((one) => one.has('userPrincipalName', name));
    return entry?.texts('userPassword')[0] === password ? normal(entry.dn) : code.INVALID_CREDENTIALS;
  }

  /** What it says, and who the connection belongs to from then on. */
  answer({ body, controls }: Message<Request>, bound: string): { readonly said: Said[]; readonly bound: string } {
    const result = (to: Result['to'], number: number): Said => {
      const message = number === code.UNWILLING_TO_PERFORM ? 'a bind without a password' : '';
      return { body: { kind: 'result', to, code: number, matchedDn: '', message }, controls: [] };
    };
    if (body.kind === 'unbind') return { said: [], bound };
    if (body.kind === 'search') return { said: this.#search(body, controls, bound), bound };
    if (body.kind === 'bind') {
      const found = this.#bind(body.name, body.password);
      return typeof found === 'string'
        ? { said: [result('bind', code.SUCCESS)], bound: found }
        : { said: [result('bind', found)], bound: '' };
    }
    return { said: [result(body.kind, this.#change(body, bound))], bound };
  }

  #change(body: Exclude<Request, { readonly kind: 'bind' | 'unbind' | 'search' }>, bound: string): number {
    if (body.kind === 'extended' && body.name !== MODIFY_PASSWORD) return code.PROTOCOL_ERROR;
    if (bound !== normal(ROOT)) return code.INSUFFICIENT_ACCESS;
    if (body.kind === 'add') {
      if (this.#entries.has(normal(body.dn))) return code.ENTRY_ALREADY_EXISTS;
      this.#entries.set(normal(body.dn), new DirectoryEntry(body.dn, body.attributes));
      return code.SUCCESS;
    }
    const { dn, changes } = changesOf(body);
    const entry = this.#entries.get(normal(dn));
    if (entry === undefined) return code.NO_SUCH_OBJECT;
    if (body.kind === 'delete') this.#entries.delete(normal(dn));
    for (const change of changes) entry.change(change);
    return code.SUCCESS;
  }

  #search(request: SearchRequest, controls: readonly Control[], bound: string): Said[] {
    const base = this.#entry(request.base);
    const done = (number: number, told: readonly Control[] = []): Said => ({
      body: { kind: 'result', to: 'search', code: number, matchedDn: '', message: '' },
      controls: told,
    });
    if (base === undefined) return [done(code.NO_SUCH_OBJECT)];
    const found = [...this.#entries.values()]
      .filter((entry) => bound !== '' || !normal(entry.dn).endsWith(HIDDEN))
      .filter((entry) => inScope(normal(entry.dn), normal(base.dn), request.scope))
      .filter((entry) => matches(request.filter, entry, (dn) => this.#groupsOf(dn)))
      .map((entry): Said => ({ body: shown(entry, request.attributes), controls: [] }));
    const page = controls.find(({ type }) => type === PAGED_RESULTS)?.value;
    if (page !== undefined) {
      const { size, cookie } = decodePage(page);
      const from = Number(decodeUtf8(cookie));
      const next = from + size < found.length ? encodeUtf8(String(from + size)) : noBytes;
      const value = encodePage(0, next);
      return [...found.slice(from, from + size), done(code.SUCCESS, [{ type: PAGED_RESULTS, critical: false, value }])];
    }
    const { sizeLimit } = request;
    if (sizeLimit === 0 || found.length <= sizeLimit) return [...found, done(code.SUCCESS)];
    return [...found.slice(0, sizeLimit), done(code.SIZE_LIMIT_EXCEEDED)];
  }

  /** By its DN, or by its identifier as Active Directory takes it. */
  #entry(dn: string): DirectoryEntry | undefined {
    const sid = /^<SID=(.*)>$/.exec(dn)?.[1];
    if (sid === undefined) return this.#entries.get(normal(dn));
    return [...this.#entries.values()].find((entry) => entry.sid === sid);
  }

  /** All groups that have it as a member, by way of other groups too. */
  #groupsOf(dn: string, seen = new Set<string>()): ReadonlySet<string> {
    for (const entry of this.#entries.values()) {
      if (seen.has(normal(entry.dn)) || !entry.has('member', dn)) continue;
      seen.add(normal(entry.dn));
      this.#groupsOf(entry.dn, seen);
    }
    return seen;
  }
}

function changesOf(body: Extract<Request, { readonly kind: 'modify' | 'delete' | 'extended' }>): {
  readonly dn: string;
  readonly changes: readonly Change[];
} {
  if (body.kind === 'modify') return body;
  if (body.kind === 'delete') return { dn: body.dn, changes: [] };
  const { dn, next } = decodePasswordChange(body.value ?? noBytes);
  return { dn, changes: [{ kind: 'replace', type: 'userPassword', values: [encodeUtf8(next)] }] };
}

function inScope(dn: string, base: string, scope: SearchRequest['scope']): boolean {
  if (scope === 'base') return dn === base;
  if (scope === 'subtree') return dn === base || dn.endsWith(`,${base}`);
  return dn.slice(dn.indexOf(',') + 1) === base;
}

function shown(entry: DirectoryEntry, wanted: readonly string[]): Answer {
  const all = entry.attributes.filter(({ type }) => type !== 'userPassword');
  const names = wanted.map((name) => name.toLowerCase());
  const attributes: AttributeValues[] =
    wanted.length === 0 ? all : all.filter(({ type }) => names.includes(type.toLowerCase()));
  return { kind: 'entry', dn: entry.dn, attributes };
}

/** A connection's end at the directory: whose it is, and what has not wholly arrived yet. */
export class DirectorySession {
  bound = '';
  #unread: Uint8Array = noBytes;

  /** The messages that are whole now. Throws BerError. */
  receive(piece: Uint8Array): Message<Request>[] {
    this.#unread = concatBytes(this.#unread, piece);
    const messages: Message<Request>[] = [];
    for (let length = wholeLength(this.#unread); length !== undefined && length <= this.#unread.length;) {
      messages.push(decodeMessage(this.#unread.subarray(0, length)) as Message<Request>);
      this.#unread = this.#unread.subarray(length);
      length = wholeLength(this.#unread);
    }
    return messages;
  }
}
