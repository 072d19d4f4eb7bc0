/**
 * Audit devices declared in the configuration. The active node makes the missing ones and drops those no longer named;
 * any change of an existing one is an error, which also keeps a standby from serving reads (facts §7, §3.5).
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

export async function reconcile(
  broker: AuditBroker,
  declared: readonly AuditStanza[],
  active: boolean,
  log: Log,
): Promise<void> {
  const existing = new Map(broker.list().map((entry) => [entry.path, entry]));
  for (const stanza of declared) {
    const path = stanza.path.endsWith('/') ? stanza.path : `${stanza.path}/`;
    const entry = existing.get(path);
    if (entry !== undefined) {
      const difference = differs(entry, stanza);
      if (difference !== undefined) {
        throw new Error(`declared audit device ${path} differs from the stored one in its ${difference}`);
      }
    } else if (active) {
      await broker.enable({ ...stanza, path });
    } else {
      log.write('warn', 'core', 'audit device is configured but not present in the audit table', { path });
    }
  }
  if (!active || declared.length === 0) return;
  const named = new Set(declared.map(({ path }) => (path.endsWith('/') ? path : `${path}/`)));
  for (const path of existing.keys()) if (!named.has(path)) await broker.disable(path);
}

function differs(entry: MountEntry, stanza: AuditStanza): string | undefined {
  if (entry.type !== stanza.type) return 'type';
  if (entry.description !== stanza.description) return 'description';
  if (entry.local !== stanza.local) return 'locality';
  const stored = entry.options ?? {};
  const names = new Set([...Object.keys(stored), ...Object.keys(stanza.options)]);
  for (const name of names) if (stored[name] !== stanza.options[name]) return `option ${name}`;
  return undefined;
}
