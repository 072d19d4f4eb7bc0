/**
 * Linearizability of a KV v2 key. Versions decide the order of writes, so there is no search: every acknowledged write
 * names its place, and every write carries a value of its own, so a read names the write it saw. What stays open is
 * which of the writes without an answer filled the versions that nobody claimed; they are matched earliest first.
 */
export interface KvOperation {
  readonly client: string;
  readonly kind: 'put' | 'get';
  readonly key: string;
  readonly invoked: number;
  /** Undefined: no answer. */
  readonly returned?: number | undefined;
  /** `failed`: certainly without effect. */
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** Written, or read. Every put's value is unique. */
  readonly value?: string | undefined;
  /** Of the acknowledged write, or of what was read; 0: nothing there. */
  readonly version?: number | undefined;
  readonly cas?: number | undefined;
  /** Refused because the check-and-set version did not match. */
  readonly casRefused?: boolean | undefined;
  /** Read from a node that may lag (standby read): need not be fresh, but must be true. */
  readonly stale?: boolean | undefined;
}

export interface KvViolation {
  readonly at: number;
  readonly message: string;
}

interface Write {
  readonly version: number;
  readonly invoked: number;
  readonly returned: number;
  readonly value: string | undefined;
}

/** Checks the operations of one key. */
export function checkKey(key: string, operations: readonly KvOperation[]): KvViolation[] {
  const violations: KvViolation[] = [];
  const blame = (at: number, message: string) => violations.push({ at, message: `${key}: ${message}` });
  const writes = placeWrites(operations, blame);
  const fresh = operations.filter(({ outcome, stale }) => outcome === 'ok' && stale !== true);
  checkRealTime(fresh, blame);
  checkReads(operations, writes, blame);
  checkGaps(operations, writes, fresh, blame);
  checkCasRefusals(operations, fresh, blame);
  return violations;
}

type Blame = (at: number, message: string) => void;

/** Version → the write that made it: acknowledged ones by their answer, unknown ones by a read that saw their value. */
function placeWrites(operations: readonly KvOperation[], blame: Blame): Map<number, Write> {
  const writes = new Map<number, Write>();
  for (const { kind, outcome, version, invoked, returned, value, cas, client } of operations) {
    if (kind !== 'put' || outcome !== 'ok') continue;
    const at = returned ?? invoked;
    if (version === undefined || version < 1) {
      blame(at, `${client} got an acknowledgement without a version`);
      continue;
    }
    if (cas !== undefined && version !== cas + 1) blame(at, `a write with cas ${cas} became version ${version}`);
    const rival = writes.get(version);
    if (rival !== undefined)
      blame(at, `two acknowledged writes are version ${version} ("${rival.value}" and "${value}")`);
    writes.set(version, { version, invoked, returned: at, value });
  }
  const open = new Map(
    operations
      .filter(({ kind, outcome }) => kind === 'put' && outcome === 'unknown')
      .map((write) => [write.value, write]),
  );
  for (const { kind, outcome, version, value } of operations) {
    if (kind !== 'get' || outcome !== 'ok' || version === undefined || version < 1 || writes.has(version)) continue;
    const write = open.get(value);
    if (write === undefined) continue;
    open.delete(value);
    writes.set(version, { version, invoked: write.invoked, returned: Infinity, value });
  }
  return writes;
}

/** What returned before another began must not be of a later version; equal versions are fine only where one is a read. */
function checkRealTime(fresh: readonly KvOperation[], blame: Blame): void {
  const byReturn = [...fresh].sort((a, b) => a.returned! - b.returned!);
  const byInvoke = [...fresh].sort((a, b) => a.invoked - b.invoked);
  let highest = 0;
  let next = 0;
  for (const operation of byInvoke) {
    while (next < byReturn.length && byReturn[next]!.returned! < operation.invoked)
      highest = Math.max(highest, byReturn[next++]!.version ?? 0);
    const version = operation.version ?? 0;
    const behind = operation.kind === 'put' ? version <= highest : version < highest;
    if (behind)
      blame(
        operation.returned!,
        `${operation.client} ${operation.kind === 'put' ? 'wrote' : 'read'} version ${version} after version ${highest} was there: an acknowledged write was lost or a read was stale`,
      );
  }
}

/** A read must show the value that was written as that version, and not before that write began. */
function checkReads(operations: readonly KvOperation[], writes: ReadonlyMap<number, Write>, blame: Blame): void {
  const refused = new Set(
    operations.filter(({ kind, outcome }) => kind === 'put' && outcome === 'failed').map(({ value }) => value),
  );
  for (const { kind, outcome, version, value, returned, client } of operations) {
    if (kind !== 'get' || outcome !== 'ok' || version === undefined || version === 0) continue;
    const write = writes.get(version);
    if (write === undefined || write.value !== value) {
      const why = refused.has(value) ? 'a write that was refused' : `"${value}"`;
      blame(
        returned!,
        `${client} read ${why} as version ${version}, which ${write ? `was written as "${write.value}"` : 'nobody wrote'}`,
      );
    } else if (write.invoked > returned!) blame(returned!, `${client} read version ${version} before it was written`);
  }
}

/** Versions that nobody claimed need a write without an answer that began early enough to be them. */
function checkGaps(
  operations: readonly KvOperation[],
  writes: ReadonlyMap<number, Write>,
  fresh: readonly KvOperation[],
  blame: Blame,
): void {
  const seen = fresh.filter(({ version }) => (version ?? 0) > 0).sort((a, b) => b.version! - a.version!);
  const highest = seen[0]?.version ?? 0;
  const placed = new Set([...writes.values()].map(({ value }) => value));
  const open = operations
    .filter(({ kind, outcome, value }) => kind === 'put' && outcome === 'unknown' && !placed.has(value))
    .sort((a, b) => a.invoked - b.invoked);
  const deadlines: { gap: number; deadline: number }[] = [];
  let deadline = Infinity;
  let at = 0;
  for (let version = highest; version >= 1; version -= 1) {
    while (at < seen.length && seen[at]!.version! >= version) deadline = Math.min(deadline, seen[at++]!.returned!);
    if (!writes.has(version)) deadlines.push({ gap: version, deadline });
  }
  for (const { gap, deadline: latest } of deadlines.reverse()) {
    const index = open.findIndex(({ invoked, cas }) => invoked < latest && (cas === undefined || cas + 1 === gap));
    if (index < 0) blame(latest, `version ${gap} exists, but no write can have made it: something was applied twice`);
    else open.splice(index, 1);
  }
}

/** A refused check-and-set must have had a moment at which the current version was another one. */
function checkCasRefusals(operations: readonly KvOperation[], fresh: readonly KvOperation[], blame: Blame): void {
  for (const refused of operations) {
    if (refused.casRefused !== true || refused.cas === undefined || refused.returned === undefined) continue;
    const { cas, invoked, returned, client } = refused;
    const reached =
      cas === 0 || fresh.some((operation) => operation.returned! < invoked && (operation.version ?? 0) >= cas);
    const moved = operations.some(
      (other) =>
        other !== refused &&
        other.kind === 'put' &&
        other.outcome !== 'failed' &&
        other.invoked < returned &&
        (other.version ?? Infinity) > cas,
    );
    if (reached && !moved) blame(returned, `${client} was refused cas ${cas} although it was the current version`);
  }
}
