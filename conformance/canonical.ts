/**
 * What a server answered, without what must differ between two servers: ids, tokens, times, keys, ciphertexts become
 * names by their shape and order of appearance. The same value has the same name for the whole case, so that an id
 * that changes where it should not is seen.
 */
import { insideBase64, insidePem } from './certificates.ts';
import type { Answer } from './client.ts';
import { looseness } from './loose.ts';
import { tellCertificates } from './ssh-certificate.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Exchange {
  /** The request as the case has it. */
  readonly request: string;
  readonly status: number;
  /** "Name: value", sorted, without those of the connection. */
  readonly headers: readonly string[];
  /** Undefined: empty. A string when it is not JSON. */
  readonly body: Json | undefined;
  /** Set when JSON does not end with the newline that Go's encoder puts there. */
  readonly unended?: true;
  /** How long the case had been played when this was answered, without the waiting that it asks for; seconds. */
  readonly played?: number;
}

const SHAPES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['pem', /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----\n?/g],
  // Before whatever a ciphertext may look like from its middle on.
  ['ciphertext', /\bvault:v\d+:[\w+/=-]+/g],
  // Certificates and the like; keys of P-256 and of Ed25519.
  ['der', /(?<![\w+/:=-])(?:MI|MHcCAQEE|MC4CAQAwBQYDK2Vw)[A-Za-z0-9+/]{32,}={0,2}/g],
  ['serial', /\b(?:[0-9a-f]{2}:){15,19}[0-9a-f]{2}\b/g],
  ['ssh', /\b(?:sk-)?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+)(?:@openssh\.com)? [A-Za-z0-9+/]{40,}=*/g],
  ['eab', /\bvault-eab-0-[\w-]{43}/g],
  ['pgp', /\bc1[0-9a-f]{200,}\b/g],
  ['pgp', /\bw[cVY][A-Za-z0-9+/]{200,}={0,2}/g],
  ['secret', /\bhvo_secret_[A-Za-z0-9]{64}\b/g],
  ['jwt', /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g],
  ['secret', /(?<=\bsecret=)[A-Z2-7]{16,}/g],
  ['uuid', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ['batch', /\bb\.[\w-]{60,}/g],
  ['token', /\b[sr]\.[A-Za-z0-9]{24}\b/g],
  ['accessor', /\b(?:auth_|audit_|ns_)?[a-z][a-z-]*_[0-9a-f]{8}\b/g],
  ['time', /\b(?!0001)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)/g],
  ['second', /\b(?!0001)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)/g],
  ['second', /\b(?!0001)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC(?: m=\S+)?/g],
  ['generated', /(?<=-1[6-9]\d{8}-)[a-z0-9]{24}\b/g],
  ['state', /\bst_[A-Za-z0-9]{20}\b/g],
  ['nonce', /\bn_[A-Za-z0-9]{20}\b/g],
  ['challenge', /(?<=\bcode_challenge=)[\w-]{43}/g],
  ['hmac', /\bhmac-sha256:[0-9a-f]{64}\b/g],
  ['hex', /\b(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{66}|h[0-9a-f]{64})\b/g],
  [
    'base62',
    /(?<![A-Za-z0-9])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])(?:[A-Za-z0-9]{24}|[A-Za-z0-9]{32})(?![A-Za-z0-9])/g,
  ],
  // A Go value that was printed by its address.
  ['pointer', /\b0x[0-9a-f]{9,12}\b/g],
  ['builtin', /\bv\d+\.\d+\.\d+\+builtin\.bao\b/g],
  ['cluster', /\bvault-cluster-[0-9a-f]{8}\b/g],
  ['second', /\b1[6-9]\d{8}\b/g],
  ['port', /(?<=127\.0\.0\.1:)\d{4,5}\b/g],
];

/** Parameter names in the order of a Go map. */
const REPLACED =
  /(replaced the value of these parameters with the values captured from the endpoint's path: \[)([^\]]*)/g;

/** Names of algorithms in the order of a Go map. */
const ALGORITHMS = /(?<=Unknown signature algorithm value: 0 - valid values are )[\w, ]+/g;

/** Strings under these keys are random whatever they look like; their length is kept. */
const RANDOM = new Set([
  'random_bytes',
  'otp',
  'encoded_token',
  'encoded_root_token',
  'keys_base64',
  'recovery_keys_base64',
  'password',
  'secret_shares_base64',
]);
/** Bytes in base64 under these keys, or under the number of a version, are keys; the length of short ones is kept. */
const MATERIAL_KEYS = /^(?:\d+|[nxy]|public_?key|plaintext|backup|barcode)$/;
const MATERIAL = /^[A-Za-z0-9+/_-]{22,}={0,2}$/;
const MACHINE = new Set(['hostname', 'commit_date', 'build_date', 'go_version']);
const MACHINE_NUMBERS = new Set(['remote_port', 'encryptions']);
/** Places in the raft log: how many entries a server writes for itself is its own business. */
const LOG_PLACE = /^(?:raft_\w+_index|(?:last_)?index|applied_index|commit_index|last_log_index)$/;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
/** Under these keys a namespace's id may stand; elsewhere it follows a dot. */
const NAMESPACE_KEYS = new Set(['id', 'namespace_id']);

/** Good for nothing but to be sent back. */
const OPAQUE_HEADERS: ReadonlyMap<string, string> = new Map([
  ['Last-Modified', '<date>'],
  ['X-Vault-Index', '<index>'],
  ['Replay-Nonce', '<nonce>'],
]);

/** Of the connection, not of the answer. */
const CONNECTION = new Set(['date', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']);

/** The envelope's own keys; a sys/ answer may repeat its data's keys before them, in an order drawn by chance. */
const ENVELOPE = new Set([
  'request_id',
  'lease_id',
  'renewable',
  'lease_duration',
  'data',
  'wrap_info',
  'warnings',
  'auth',
]);

/** An id in a list, a namespace or a slash after it, or as the end of a URL. */
const LISTED = /^(?:<address \d+>\S*\/)?<[a-z]+\d*-\d+>(?:\.(?:\w+|<namespace-\d+>)|\/)?$/;

const isPage = (shown: Json): boolean => typeof shown === 'string' && shown.startsWith('<page ');

export class Canonicaliser {
  readonly #addresses: readonly (readonly [index: number, address: string])[];
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #requests = new Set<string>();
  readonly #namespaces = new Set<string>();
  readonly #version: string;

  /** `version` is the server's own, e.g. '2.7.2'; where it says so is not a difference between two versions. */
  constructor(addresses: readonly string[], version: string, advertised: readonly string[] = []) {
    this.#addresses = [...addresses.entries(), ...advertised.entries()];
    this.#version = version;
  }

  exchange(request: string, path: string, { status, headers, body }: Answer): Exchange {
    const loose = looseness(request.split(' ')[0]!, path);
    const lines = headers
      .filter(([name]) => !CONNECTION.has(name.toLowerCase()))
      .map(([name, value]) => `${name}: ${OPAQUE_HEADERS.get(name) ?? this.#text(value)}`)
      .sort();
    const shown = this.#body(body, status < 400 ? loose : undefined);
    const unended = shown !== undefined && shown !== '<opaque>' && !isPage(shown) && !body.endsWith('\n');
    return { request, status, headers: lines, body: shown, ...(unended ? { unended } : {}) };
  }

  #body(text: string, loose: ReturnType<typeof looseness>): Json | undefined {
    if (text === '') return undefined;
    if (loose === 'opaque') return '<opaque>';
    // Pages are read by people; what they are called is the same.
    if (/^\s*<!doctype html/i.test(text)) return `<page ${/<title>(.*?)<\/title>/s.exec(text)?.[1] ?? ''}>`;
    const parsed = parseKeepingNumbers(text);
    if (parsed === undefined) return loose === 'types' ? '<text>' : this.#text(text);
    if (loose === 'types') return typesOf(parsed);
    if (loose === 'prose') return this.#value(withoutProse(parsed, ''), '', true);
    if (loose !== 'unordered') return this.#value(parsed, '', true);
    // What is made up is known by another name than it is sorted by here.
    return sorted(this.#value(sorted(parsed), '', true));
  }

  #value(value: Json, key: string, top = false): Json {
    if (typeof value === 'string') return this.#string(value, key);
    if (typeof value === 'number' && (MACHINE_NUMBERS.has(key) || LOG_PLACE.test(key))) return `<${key}>`;
    if (typeof value === 'number') return value >= 1_600_000_000 && value < 2_200_000_000 ? '<second number>' : value;
    if (value === null || typeof value === 'boolean') return value;
    if (Array.isArray(value)) return this.#list(value as readonly Json[], key);
    return this.#object(value as { readonly [key: string]: Json }, top);
  }

  #list(list: readonly Json[], key: string): Json {
    const shown = list.map((item) => this.#value(item, key));
    // A list of ids is in the order of the ids, which is chance.
    return shown.length > 1 && shown.every((item) => typeof item === 'string' && LISTED.test(item))
      ? shown.sort((a, b) => ordinal(a as string) - ordinal(b as string))
      : shown;
  }

  #object(object: { readonly [key: string]: Json }, top: boolean): Json {
    let entries = Object.entries(object);
    if (top && Object.hasOwn(object, 'request_id')) {
      const extra = entries.filter(([key]) => !ENVELOPE.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
      entries = [...extra, ...entries.filter(([key]) => ENVELOPE.has(key))];
    }
    entries = this.#inOrder(entries);
    const named = entries.map(([key, value]) => [this.#text(key), key, value] as const);
    if (named.some(([name, key]) => name !== key)) named.sort(([a], [b]) => compareNamed(a, b));
    return Object.fromEntries(
      named.map(([name, key, value]) => {
        const shown = this.#value(value, key);
        return [name, key === 'warnings' ? withoutChance(shown) : shown];
      }),
    );
  }

  /** Ids that were not seen before come in the order of chance: they are named in the order of what stands under them. */
  #inOrder(entries: [string, Json][]): [string, Json][] {
    const fresh = entries.filter(([key]) => ID.test(key) && /<\w+ not seen>/.test(this.#known(key)));
    if (fresh.length < 2) return entries;
    const about = new Map(fresh.map((entry) => [entry, this.#known(JSON.stringify(entry[1]))]));
    fresh.sort((a, b) => (about.get(a)! < about.get(b)! ? -1 : 1));
    return entries.map((entry) => (about.has(entry) ? fresh.shift()! : entry));
  }

  /** With the names that there are already. */
  #known(text: string): string {
    let shown = text;
    for (const [name, pattern] of SHAPES)
      shown = shown.replace(
        pattern,
        (found) => this.#names.get(`${kindOf(name, found)}/${found}`) ?? `<${name} not seen>`,
      );
    return shown;
  }

  #string(text: string, key: string): string {
    if (text === '') return text;
    if (key === 'request_id') return this.#requestId(text);
    if (RANDOM.has(key)) return this.#name(`random${text.length}`, text);
    if (MATERIAL_KEYS.test(key) && MATERIAL.test(text)) {
      return this.#name(text.length < 100 ? `key${text.length}` : 'key', text);
    }
    if (key === 'serial_number' && /^[0-9a-f]{8,16}$/.test(text)) return this.#name('serial', text);
    if (key === 'client_id' && /^[A-Za-z0-9]{26}$/.test(text)) return this.#name('base62', text);
    if (key === 'token' && /^[\w-]{28}$/.test(text)) return this.#name('random28', text);
    // Two of them are the same or not as the time has it.
    if (key === 'code' && /^\d{6,8}$/.test(text)) return `<code${text.length}>`;
    if (MACHINE.has(key)) return `<${key}>`;
    if (NAMESPACE_KEYS.has(key) && /^[A-Za-z0-9]{6}$/.test(text)) {
      this.#namespaces.add(text);
      return this.#name('namespace', text);
    }
    return this.#text(text);
  }

  /** Every answer has one of its own. */
  #requestId(text: string): string {
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
    if (this.#requests.has(text)) return '<request id that was used before>';
    this.#requests.add(text);
    return '<request id>';
  }

  #text(text: string): string {
    if (text === this.#version) return '<version>';
    let shown = tellCertificates(text);
    for (const [index, address] of this.#addresses) {
      shown = shown
        .replaceAll(address, `<address ${index}>`)
        .replaceAll(address.replace(/^https?:\/\//, ''), `<host ${index}>`);
    }
    for (const id of this.#namespaces) shown = shown.replaceAll(`.${id}`, `.${this.#name('namespace', id)}`);
    shown = shown.replace(REPLACED, (_, before: string, names: string) => before + names.split(' ').sort().join(' '));
    shown = shown
      .replace(ALGORITHMS, (names) => names.split(', ').sort().join(', '))
      .replace(/\b(\d+)h59m5[7-9]s\b/g, (_, hours: string) => `${Number(hours) + 1}h`)
      .replace(/\b59m5[7-9]s\b/g, '1h')
      .replace(/\b(\d+)m5[7-9]s\b/g, (_, minutes: string) => `${Number(minutes) + 1}m`);
    for (const [name, pattern] of SHAPES) shown = shown.replace(pattern, (found) => this.#name(name, found));
    return shown;
  }

  #name(shape: string, found: string): string {
    // Whether two events fall into one second or port is chance.
    if (shape === 'second' || shape === 'port' || shape === 'builtin') return `<${shape}>`;
    const kind = kindOf(shape, found);
    const key = `${kind}/${found}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      this.#names.set(key, (name = `<${kind}-${count}>`));
      // Told once: later the name stands for it.
      const inside = shape === 'pem' ? insidePem(found) : shape === 'der' ? insideBase64(found) : undefined;
      if (inside !== undefined) return `${name}{${inside}}`;
    }
    return name;
  }
}

function kindOf(shape: string, found: string): string {
  if (shape === 'pem') return `pem ${/BEGIN ([A-Z0-9 ]+)/.exec(found)![1]!.toLowerCase()}`;
  // The length of a key is as much a part of the answer as its type.
  return shape === 'ssh' ? `${found.slice(0, found.indexOf(' '))} of ${found.length}` : shape;
}

const ordinal = (name: string): number => Number(/-(\d+)>/.exec(name)?.[1] ?? 0);

const compareNamed = (a: string, b: string): number => ordinal(a) - ordinal(b) || (a < b ? -1 : a > b ? 1 : 0);

/** Undefined when it is not JSON. A number that would not print as it was sent stays visible as text. */
export function parseKeepingNumbers(text: string): Json | undefined {
  try {
    return JSON.parse(text, (_key, value: unknown, { source }: { source?: string } = {}) =>
      typeof value === 'number' && source !== undefined && String(value) !== source ? `<number ${source}>` : value,
    ) as Json;
  } catch {
    return undefined;
  }
}

/** A lifetime cut by less than it says: whether a second has passed since the token was made is chance. */
const CUT_BY_CHANCE = /^TTL of "(\w+)" exceeded the effective max_ttl of "\1"; TTL value is capped accordingly$/;

function withoutChance(warnings: Json): Json {
  if (!Array.isArray(warnings)) return warnings;
  const kept = (warnings as readonly Json[]).filter((text) => typeof text !== 'string' || !CUT_BY_CHANCE.test(text));
  if (kept.length === warnings.length) return warnings;
  return kept.length === 0 ? null : kept;
}

/** Help and OpenAPI without sentences; that document's keys have no order that means anything. */
function withoutProse(value: Json, key: string): Json {
  if (key === 'description' && typeof value === 'string') return '<prose>';
  if (key === 'help' && typeof value === 'string')
    return value
      .split('\n')
      .filter((line) => /^(?:Request|Matching Route):|^## |^ {4}[\w-]+ \(/.test(line))
      .join('\n');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json) => withoutProse(item, ''));
  const entries = Object.entries(value as { readonly [key: string]: Json }).filter(([name]) => name !== 'summary');
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, withoutProse(item, name)]),
  );
}

/** What was made up comes last. */
const shownOrder = (text: string): string => text.replace(/^</, '~');

/** Lists of strings in one order. */
function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'string')
      ? value.toSorted((a, b) => (shownOrder(a) < shownOrder(b) ? -1 : 1))
      : value.map(sorted);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]));
}

/** Keys and types only. Lists show the type of their first element. */
function typesOf(value: Json): Json {
  if (value === null) return null;
  if (Array.isArray(value)) return value.length === 0 ? [] : [typesOf(value[0] as Json)];
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typesOf(item)]));
  return `<${typeof value}>`;
}
