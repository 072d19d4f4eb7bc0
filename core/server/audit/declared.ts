/**
 * Audit devices declared in the configuration. The active node makes the missing ones and drops those that were declared
 * and are no longer; what the API made is left alone. Any change of an existing one is an error, which also keeps a
 * standby from serving reads (facts §7, §3.5).
 */
import type { Log } from '../../runtime.ts';
import type { MountEntry } from '../mounts/entry.ts';
import type { AuditBroker } from './broker.ts';

export interface AuditStanza {
  readonly type: string;
  /** Without trailing '/'. */
  readonly path: string;
  readonly description: string;
  readonly options: Readonly<Record<string, string>>;
  readonly local: boolean;
}

const pathOf = ({ path }: AuditStanza): string => (path.endsWith('/') ? path : `${path}/`);
const whileReplicating = 'this may be a false-positive depending on data replication state';

/** Rejects with an Error that says which stanza cannot be followed, before anything is changed where that is known. */
export async function reconcile(
  broker: AuditBroker,
  declared: readonly AuditStanza[],
  active: boolean,
  log: Log,
): Promise<void> {
  const existing = new Map(broker.list().map((entry) => [entry.path, entry]));
  const paths = declared.map(pathOf);
  for (const [index, path] of paths.entries()) {
    if (paths.indexOf(path) < index) throw new Error(`two audit devices with same path (${path}) exist in config`);
    check(declared[index]!, path, existing.get(path));
  }
  for (const [index, path] of paths.entries()) {
    if (existing.has(path)) continue;
    if (active) await make(broker, declared[index]!, path, log);
    else {
      const where = 'present in local configuration but not in the configuration of the active node';
      log.write('warn', 'core', `audit device ${where}; ${whileReplicating}`, { path });
    }
  }
  for (const [path, { table }] of existing) {
    if (table !== 'audit-config' || paths.includes(path)) continue;
    if (active) {
      log.write('info', 'core', 'disabling removed audit device', { path });
      await broker.disable(path);
    } else {
      const where = 'present in storage but not standby node configuration';
      log.write('warn', 'core', `audit device ${where}; ${whileReplicating}`, { path });
    }
  }
}

async function make(broker: AuditBroker, stanza: AuditStanza, path: string, log: Log): Promise<void> {
  log.write('info', 'core', 'adding new audit device', { path });
  try {
    await broker.enable({ ...stanza, path }, 'audit-config');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`failed to create new audit device ${path}: ${reason}`, { cause: error });
  }
}

function check(stanza: AuditStanza, path: string, entry: MountEntry | undefined): void {
  if (entry === undefined) return;
  if (entry.table === 'audit') {
    const advice = 'remove the API audit device before attempting to create a duplicate configuration-based version';
    throw new Error(`audit device in configuration (path: ${path}) was already created by API; ${advice}`);
  }
  const difference = differs(entry, stanza);
  if (difference === undefined) return;
  const reason = `modifications to audit devices are not allowed: audit device ${path} ${difference}`;
  throw new Error(`failed to validate audit device config ${path}: ${reason}`);
}

function differs(entry: MountEntry, stanza: AuditStanza): string | undefined {
  const values = (stored: unknown, named: unknown): string => `${String(stored)} (table) vs ${String(named)} (config)`;
  if (entry.type !== stanza.type) return `has different types: ${values(entry.type, stanza.type)}`;
  if (entry.description !== stanza.description) {
    return `has different descriptions: ${values(entry.description, stanza.description)}`;
  }
  if (entry.local !== stanza.local) return `has different values for local: ${values(entry.local, stanza.local)}`;
  const stored = entry.options ?? {};
  for (const name of [...new Set([...Object.keys(stored), ...Object.keys(stanza.options)])].sort()) {
    const [kept, named] = [stored[name], stanza.options[name]];
    // Upstream's words, whichever of the two lacks it.
    if (kept === undefined || named === undefined) {
      return `is missing option ${name} in the audit table but is present in the config`;
    }
    if (kept !== named) return `is missing option ${name} differs: ${values(kept, named)}`;
  }
  return undefined;
}
