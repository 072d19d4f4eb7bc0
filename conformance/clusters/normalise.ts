/** Makes answers of two clusters comparable: nodes become their roles, ids, times and indexes lose their values. */
import type { Target } from './target.ts';

/** Set by clocks, or by the transport rather than the server. */
const UNTOLD = new Set(['date', 'content-length', 'connection', 'keep-alive', 'transfer-encoding']);
const STANDARD: readonly string[] = [
  'cache-control: no-store',
  'strict-transport-security: max-age=31536000; includeSubDomains',
];

const SHAPES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z0-9 ]+-----[^"]*?-----END [A-Z0-9 ]+-----/g, '<pem>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\bvault-cluster-[0-9a-f]{8}\b/g, '<cluster>'],
  [/("keys(?:_base64)?":\[)"[^\]]*\]/g, '$1"<shares>"]'],
  [/\bb\.[\w-]{60,}/g, '<batch>'],
  [/\bs\.[A-Za-z0-9]{24}\b/g, '<token>'],
  [/\b(auth_|audit_)?([a-z]+)_[0-9a-f]{8}\b/g, '<$1$2_>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>'],
  [
    /("(?:server_time_utc|raft_committed_index|raft_applied_index|last_index|last_term|creation_time)":)\d+/g,
    '$1"<n>"',
  ],
  [/("hostname":)"[^"]*"/g, '$1"<hostname>"'],
  [/("last_contact":)"[^"]*"/g, '$1"<duration>"'],
  [/("(?:challenge|nonce|random_bytes|otp)":)"[^"]+"/g, '$1"<bytes>"'],
  [/("expiration":)\d+/g, '$1"<n>"'],
  [/("serial_number":)"[0-9a-f:]+"/g, '$1"<serial>"'],
  [/\b(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])[A-Za-z0-9]{24}\b/g, '<accessor>'],
  // What is left of a lease, in seconds.
  [/(:)(?:276479\d|359\d)\b/g, '$1"<less>"'],
  [/(:)(?:2764800|3600)\b/g, '$1"<less>"'],
];

/** Rows whose order is that of the ports. */
const ROWS = /\{"(?:node_id|hostname|id|Suffrage)":[^{}]*\}(?:,\{"(?:node_id|hostname|id|Suffrage)":[^{}]*\})+/g;

export class Normaliser {
  readonly #target: Target;
  #roles: ReadonlyMap<string, string> = new Map();

  constructor(target: Target) {
    this.#target = target;
  }

  /** Node to role. */
  assign(roles: ReadonlyMap<string, string>): void {
    this.#roles = roles;
  }

  body(bytes: Uint8Array): string {
    return this.rows(Buffer.from(bytes).toString().trimEnd());
  }

  rows(body: string): string {
    const text = this.text(body);
    return sortInjected(text).replace(ROWS, (rows) =>
      rows
        .slice(1, -1)
        .split('},{')
        .sort()
        .map((row) => `{${row}}`)
        .join(),
    );
  }

  headers(headers: readonly (readonly [name: string, value: string])[]): string {
    const lines = headers
      .filter(([name]) => !UNTOLD.has(name.toLowerCase()))
      .map(([name, value]) => {
        if (name.toLowerCase() === 'replay-nonce') return 'replay-nonce: <nonce>';
        if (name.toLowerCase() === 'x-vault-index') return `x-vault-index: ${indexShape(value)}`;
        return `${name.toLowerCase()}: ${this.text(value)}`;
      })
      .sort();
    const standard = STANDARD.every((line) => lines.includes(line));
    return (
      standard ? lines.filter((line) => !STANDARD.includes(line)) : ['(not the standard headers)', ...lines]
    ).join(' | ');
  }

  text(text: string): string {
    let result = text;
    for (const [node, role] of this.#roles) {
      const { api, cluster } = this.#target.address(node);
      result = result
        .replaceAll(`"${node}"`, `"<${role}>"`)
        .replaceAll(`id=${node}`, `id=<${role}>`)
        .replaceAll(`"${cluster}"`, `"<${role}:cluster>"`)
        .replaceAll(`//${cluster}`, `//<${role}:cluster>`)
        .replaceAll(`//${api}`, `//<${role}:api>`);
    }
    for (const [pattern, instead] of SHAPES) result = result.replace(pattern, instead);
    return result;
  }
}

/** What `sys/` repeats at the top comes in the random order of Go's maps. */
function sortInjected(text: string): string {
  if (!text.startsWith('{') || !text.includes('"request_id"')) return text;
  const fields = Object.entries(JSON.parse(text) as Record<string, unknown>);
  const count = fields.findIndex(([name]) => name === 'request_id');
  if (count === 0) return text;
  const injected = fields.slice(0, count).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries([...injected, ...fields.slice(count)]));
}

function indexShape(value: string): string {
  return Buffer.from(value, 'base64')
    .toString()
    .replace(/[0-9a-f-]{36}/, '<uuid>')
    .replace(/"\d+"/, '"<n>"');
}
