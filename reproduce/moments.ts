/** What of a log an operator wants to know: who started, stood for election, led, lost whom, and ended. */
import { parseDuration } from '../core/codec/duration.ts';
import type { Micros } from '../core/runtime.ts';
import type { Entry } from './entry.ts';
import { thinned } from './thin.ts';

export type MomentKind =
  | 'start'
  | 'unsealed'
  | 'sealed'
  | 'shutdown'
  | 'panic'
  | 'heartbeat timeout'
  | 'election timeout'
  | 'pre-vote rejected'
  | 'pre-vote failed'
  | 'pre-vote successful'
  | 'election won'
  | 'lock acquired'
  | 'active'
  | 'standby'
  | 'leadership lost'
  | 'no quorum'
  | 'step-down'
  | 'inactive'
  /** Only who was active says so. */
  | 'office over'
  | 'peer missed'
  | 'peer refused'
  /** A connection to it broke. */
  | 'peer broke'
  | 'peer silent'
  /** Whoever asked did not wait for its answer. */
  | 'peer slow'
  | 'peer reached'
  | 'seal unreachable';

export interface Moment {
  readonly at: Micros;
  readonly node: string;
  readonly kind: MomentKind;
  readonly text: string;
  /** The id or the cluster address of whom it is about. */
  readonly peer?: string;
  /** Of a peer: for how long it had been missed by then. */
  readonly since?: Micros;
  /** How often it was said until something else was, or it was kept again. */
  times: number;
}

interface Rule {
  readonly kind: MomentKind;
  readonly says: RegExp;
  readonly name?: RegExp;
  readonly text: (fields: Readonly<Record<string, string>>, message: string) => string;
  readonly peer?: (fields: Readonly<Record<string, string>>) => string | undefined;
}

const RAFT = /^storage\.raft$/;
const CORE = /^core$/;

const peerOf = ({ peer = '', target = '', 'server-id': id }: Readonly<Record<string, string>>): string | undefined => {
  const text = peer || target;
  return id ?? /^\{\w+ (\S+) /.exec(text)?.[1] ?? (text === '' ? undefined : text);
};
const REFUSED = /dial tcp (\S+): connect: connection refused/;
const BROKE = /\bEOF\b|connection reset by peer/;
const SLOW = /code = (Canceled|DeadlineExceeded)\b/;
/** Whom a standby forwards to. */
export const ACTIVE_NODE = 'the active node';
const shortly = (error = ''): string => {
  if (REFUSED.test(error)) return 'connection refused';
  if (SLOW.test(error)) return 'whoever asked did not wait for the answer';
  return BROKE.test(error) ? 'the connection broke' : error.split('\n')[0]!;
};
const troubleOf = (error: string): MomentKind => {
  if (REFUSED.test(error)) return 'peer refused';
  if (SLOW.test(error)) return 'peer slow';
  return BROKE.test(error) ? 'peer broke' : 'peer silent';
};

const RULES: readonly Rule[] = [
  { kind: 'start', says: /^proxy environment$/, name: /^$/, text: () => 'starts' },
  { kind: 'shutdown', says: /^==> OpenBao shutdown triggered/, text: () => 'is told to shut down' },
  { kind: 'panic', says: /^(panic|fatal error): /, text: (_, message) => `crashes: ${message}` },
  { kind: 'unsealed', says: /^vault is unsealed$/, name: CORE, text: () => 'is unsealed' },
  { kind: 'sealed', says: /^marked as sealed$/, name: CORE, text: () => 'seals' },
  {
    kind: 'heartbeat timeout',
    says: /^heartbeat timeout reached, starting election$/,
    name: RAFT,
    text: (fields) => `heartbeat timeout: nothing heard of ${fields['last-leader-id'] || 'any leader'}`,
    peer: (fields) => fields['last-leader-id'] || undefined,
  },
  {
    kind: 'election timeout',
    says: /^Election timeout reached, restarting election/i,
    name: RAFT,
    text: () => 'election timeout',
  },
  {
    kind: 'pre-vote rejected',
    says: /^rejecting pre-vote request since we have a leader/,
    name: RAFT,
    text: (fields) =>
      `refuses the pre-vote to ${fields['from'] ?? 'a candidate'}: it has heard of ${fields['leader-id'] ?? 'a leader'}`,
    peer: (fields) => fields['from'],
  },
  { kind: 'pre-vote failed', says: /^pre-vote campaign failed/, name: RAFT, text: () => 'too few pre-votes' },
  {
    kind: 'pre-vote successful',
    says: /^pre-vote successful/,
    name: RAFT,
    text: (fields) => `has the pre-votes for term ${fields['term']}`,
  },
  {
    kind: 'election won',
    says: /^election won$/,
    name: RAFT,
    text: (fields) => `wins the election of term ${fields['term']}`,
  },
  { kind: 'lock acquired', says: /^acquired lock, enabling active operation$/, name: CORE, text: () => 'has the lock' },
  { kind: 'standby', says: /^entering (read-enabled )?standby mode$/, name: CORE, text: () => 'is a standby' },
  { kind: 'active', says: /^post-unseal setup complete$/, name: CORE, text: () => 'is active' },
  { kind: 'inactive', says: /^pre-seal teardown starting$/, name: CORE, text: () => 'is active no more' },
  { kind: 'office over', says: /^done with active loop iteration$/, name: CORE, text: () => 'is done with its office' },
  {
    kind: 'step-down',
    says: /^stepping down from active operation to standby$/,
    name: CORE,
    text: () => 'steps down as it was asked to',
  },
  {
    kind: 'leadership lost',
    says: /^leadership lost, stopping active operation$/,
    name: CORE,
    text: () => 'has lost its leadership',
  },
  {
    kind: 'no quorum',
    says: /^failed to contact quorum of nodes, stepping down$/,
    name: RAFT,
    text: () => 'has no quorum and gives up',
  },
  {
    kind: 'peer missed',
    says: /^failed to contact$/,
    name: RAFT,
    text: (fields) => `has not reached ${fields['server-id']} for ${fields['time']}`,
    peer: peerOf,
  },
  {
    kind: 'peer silent',
    says: /^failed to (heartbeat to|appendEntries to|make requestVote RPC)$/,
    name: RAFT,
    text: (fields) => `cannot reach ${peerOf(fields)}: ${shortly(fields['error'])}`,
    peer: peerOf,
  },
  {
    kind: 'peer silent',
    says: /^error during forwarded RPC request$/,
    name: CORE,
    text: (fields) => `cannot forward a request: ${shortly(fields['error'])}`,
    peer: ({ error = '' }) => REFUSED.exec(error)?.[1] ?? ACTIVE_NODE,
  },
  {
    kind: 'peer reached',
    says: /^pipelining replication$/,
    name: RAFT,
    text: (fields) => `replicates to ${peerOf(fields)}`,
    peer: peerOf,
  },
  {
    kind: 'seal unreachable',
    says: /^(Error configuring seal|failed to unseal core|error parsing Seal configuration)/i,
    text: (fields, message) =>
      `${message}${fields['error'] === undefined ? '' : `: ${fields['error'].split('\n')[0]}`}`,
  },
];

/** Of one node's log, in its order. */
export function momentsOf(entries: readonly Entry[]): Moment[] {
  const office = new Office();
  const found: Moment[] = [];
  for (const { at, node, name, message, fields } of entries) {
    office.hears(message);
    const rule = RULES.find((each) => each.says.test(message) && (each.name?.test(name) ?? true));
    if (rule === undefined || !office.tells(rule.kind)) continue;
    const peer = rule.peer?.(fields);
    const kind = rule.kind === 'peer silent' ? troubleOf(fields['error'] ?? '') : rule.kind;
    const since = kind === 'peer missed' ? spanOf(fields['time'] ?? '') : undefined;
    found.push({
      at,
      node,
      kind,
      text: rule.text(fields, message),
      times: 1,
      ...(peer === undefined ? {} : { peer }),
      ...(since === undefined ? {} : { since }),
    });
  }
  return thinned(found);
}

/** Go's text, or nanoseconds as JSON has them. */
function spanOf(text: string): Micros | undefined {
  if (/^\d+$/.test(text)) return Math.floor(Number(text) / 1_000);
  return /^[\d.]+(?:µs|ms|s|m\d|h\d)/.test(text) ? parseDuration(text) : undefined;
}

/**
 * Standbys set up and take down what they read with, in the same words as an active node its office, and one may end
 * after the other has begun.
 */
class Office {
  #state: 'none' | 'locked' | 'set up' | 'active' = 'none';

  hears(message: string): void {
    if (message === 'post-unseal setup starting' && this.#state === 'locked') this.#state = 'set up';
  }

  tells(kind: MomentKind): boolean {
    const before = this.#state;
    if (kind === 'lock acquired') this.#state = 'locked';
    if (kind === 'start' || kind === 'standby') this.#state = 'none';
    if (kind === 'active' && before === 'set up') this.#state = 'active';
    if (kind === 'inactive' && before === 'active') this.#state = 'none';
    if (kind === 'active') return before === 'set up';
    return kind !== 'inactive' || before === 'active';
  }
}
