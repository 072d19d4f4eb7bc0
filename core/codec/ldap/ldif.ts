/**
 * LDIF (RFC 2849) as upstream's parser takes it: entries and changes, without renaming, and with its words for what is
 * wrong. A change type holds for the entries after it, too. Values from files (`attribute:< file:///…`) are refused:
 * the text comes from a client, the files are the server's.
 */
import { Base64Error, decodeBase64 } from '../base64.ts';
import { goAtoi } from '../go-atoi.ts';
import { quote } from '../go-quote.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import type { AttributeValues, Change, Control } from './message.ts';

export type LdifRecord =
  | {
      readonly kind: 'add';
      readonly dn: string;
      readonly attributes: readonly AttributeValues[];
      readonly controls: readonly Control[];
    }
  | {
      readonly kind: 'modify';
      readonly dn: string;
      readonly changes: readonly Change[];
      readonly controls: readonly Control[];
    }
  | { readonly kind: 'delete'; readonly dn: string; readonly controls: readonly Control[] };

export class LdifError extends Error {
  constructor(line: number, message: string) {
    super(`Error in line ${line}: ${message}`);
    this.name = 'LdifError';
  }
}

class Wrong extends Error {}

/** Undefined stands for what is no record: a version alone. Throws LdifError. */
export function parseLdif(text: string): (LdifRecord | undefined)[] {
  const records: (LdifRecord | undefined)[] = [];
  const state: State = { first: true, change: '' };
  let lines: string[] = [];
  let line = '';
  let comment = false;
  const source = text.split('\n');
  for (const [i, raw] of source.entries()) {
    const next = raw.replace(/\r+$/, '');
    if (next !== '') {
      if (next.startsWith('#')) comment = true;
      else if (next.startsWith(' ')) line += comment ? '' : next.slice(1);
      else {
        comment = false;
        if (line !== '') lines.push(line);
        line = next;
      }
      // Upstream finds the end of the text only in the line after it.
      if (i < source.length - 1) continue;
    }
    if (line === '' && lines.length === 0) continue;
    lines.push(line);
    try {
      records.push(parseRecord(lines, state));
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      throw new LdifError(next === '' ? i + 1 : i + 2, error.message);
    }
    line = '';
    lines = [];
  }
  return records;
}

interface State {
  first: boolean;
  change: string;
}

function parseRecord(all: readonly string[], state: State): LdifRecord | undefined {
  let lines = all;
  if (state.first && lines[0]!.startsWith('version:')) {
    const text = lines[0]!.slice(8).replace(/^ +/, '');
    const version = goAtoi(text);
    if (typeof version === 'string') throw new Wrong(version);
    if (version !== 1) throw new Wrong(`Invalid version spec ${text}`);
    lines = lines.slice(1);
  }
  state.first = false;
  if (lines.length === 0) return undefined;
  if (!lines[0]!.startsWith('dn:')) throw new Wrong("missing 'dn:'");
  const dn = text(parseLine(lines[0]!).value);
  if (lines.length === 1) throw new Wrong('only a dn: line');
  lines = lines.slice(1);
  const count = lines.findIndex((line) => !line.startsWith('control:'));
  const controls = lines[count]?.startsWith('changetype:') === true ? lines.slice(0, count).map(parseControl) : [];
  lines = lines.slice(controls.length);
  if (lines[0]!.startsWith('changetype:')) {
    state.change = text(parseLine(lines[0]!).value);
    if (lines.length > 1) lines = lines.slice(1);
  }
  switch (state.change) {
    case '':
    case 'add':
      return { kind: 'add', dn, attributes: parseAttributes(lines), controls };
    case 'delete':
      if (lines.length > 1) throw new Wrong('no attributes allowed for changetype delete');
      return { kind: 'delete', dn, controls };
    case 'modify':
      return { kind: 'modify', dn, changes: parseChanges(lines), controls };
    case 'modrdn':
    case 'moddn':
      throw new Wrong(`unsupported changetype ${state.change}`);
    default:
      throw new Wrong(`invalid changetype ${state.change}`);
  }
}

/** `control: 1.2.3 true: value`. */
function parseControl(line: string): Control {
  const found = /^control: *(\S+?)(?: +(true|false))?(?: *:: *(\S+)| *: *(.*))?$/.exec(line);
  if (found === null) return { type: line.slice('control:'.length).trim(), critical: false };
  const [, type = '', critical, base64, plain] = found;
  const value = base64 === undefined ? plain && encodeUtf8(plain) : decoded(base64);
  return { type, critical: critical === 'true', ...(value === undefined || value === '' ? {} : { value }) };
}

function parseAttributes(lines: readonly string[]): AttributeValues[] {
  const found = new Map<string, Uint8Array[]>();
  for (const line of lines) {
    const { name, value } = parseLine(line);
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return [...found].map(([type, values]) => ({ type, values }));
}

function parseChanges(lines: readonly string[]): Change[] {
  if (lines.at(-1) !== '-') throw new Wrong('modify request does not close with a single dash');
  const changes: Change[] = [];
  let change: { kind: string; type: string; values: Uint8Array[] } | undefined;
  for (const line of lines) {
    if (line === '-') {
      if (change === undefined) throw new Wrong('empty operation');
      const { kind, type, values } = change;
      if (kind !== 'add' && kind !== 'delete' && kind !== 'replace') {
        throw new Wrong(`invalid operation ${kind} in modify request`);
      }
      changes.push({ kind, type, values });
      change = undefined;
      continue;
    }
    const { name, value } = parseLine(line);
    if (change === undefined) change = { kind: name, type: text(value), values: [] };
    else if (name !== change.type) {
      throw new Wrong(`invalid attribute ${name} in ${change.kind} request for ${change.type}`);
    } else change.values.push(value);
  }
  return changes;
}

const text = (value: Uint8Array): string => decodeUtf8(value);

function parseLine(line: string): { readonly name: string; readonly value: Uint8Array } {
  const colon = line.indexOf(':');
  if (colon < 0) throw new Wrong(`Missing : in line \`${line}\``);
  if (colon > line.length - 2) throw new Wrong('empty value');
  const name = line.slice(0, colon);
  checkName(name);
  const rest = line.slice(colon + 2).replace(/^ +/, '');
  switch (line[colon + 1]) {
    case ':':
      return { name, value: decoded(rest) };
    case '<':
      throw new Wrong(urlRefused(rest));
    default:
      return { name, value: encodeUtf8(line.slice(colon + 1).replace(/^ +/, '')) };
  }
}

/** RFC 4512: a descriptor or an object identifier, and options after it. */
function checkName(name: string): void {
  const [type = ''] = name.split(';', 1);
  if (type === '') throw new Wrong('empty attribute name');
  if (/^\d/.test(type)) {
    if (!/^[\d.]+$/.test(type)) throw new Wrong('Invalid character in OID');
  } else if (!/^[A-Za-z]/.test(type)) throw new Wrong('invalid first character in attribute');
  else if (!/^[A-Za-z0-9-]+$/.test(type)) throw new Wrong('invalid character in attribute name');
  if (!/^[A-Za-z0-9;-]*$/.test(name.slice(type.length))) throw new Wrong('invalid character in attribute name');
}

function decoded(text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (error) {
    if (error instanceof Base64Error) throw new Wrong(error.message);
    throw error;
  }
}

function urlRefused(url: string): string {
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(url);
  if (escape !== null) return `failed to parse URL: parse ${quote(url)}: invalid URL escape ${quote(escape[0])}`;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1] ?? '';
  if (scheme.toLowerCase() !== 'file') return `unsupported URL scheme ${scheme.toLowerCase()}`;
  const path = url.slice(scheme.length + 1).replace(/^\/\/[^/]*/, '');
  return `failed to read ${path}: open ${path}: no such file or directory`;
}
