/**
 * Nodes tell each other the keys of namespaces with a seal of their own, so that a new active node can open what the
 * old one had open (facts §1.13). The standby begins, with the names of those it has; only what is missing travels.
 */
import { type Micros, SECOND } from '../../runtime.ts';
import type { NamespaceKeys } from './calls.ts';

/** Three heartbeats. */
export const KEY_SYNC: Micros = 15 * SECOND;

export interface KeyHolder {
  /** Of the open namespaces. */
  namespaceKeys(): NamespaceKeys;
  /** What does not fit, or was sealed by hand, is left alone. */
  takeNamespaceKeys(keys: NamespaceKeys): Promise<void>;
}

/** The active node's answer: what the standby lacks, and what it has alone. */
export function answerOffer(holder: KeyHolder, held: readonly string[]): { keys: NamespaceKeys; wanted: string[] } {
  const own = holder.namespaceKeys();
  return {
    keys: new Map([...own].filter(([uuid]) => !held.includes(uuid))),
    wanted: held.filter((uuid) => !own.has(uuid)),
  };
}
