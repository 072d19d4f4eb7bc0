/** What a mounted backend may ask: its TTLs follow the mount's row as it is now, tuned or not. */
import type { JsonObject } from '../../codec/json.ts';
import type { ExternalKey } from '../../framework/external-key.ts';
import type { SystemView } from '../../framework/logical.ts';
import { mountPoint, type MountEntry } from './entry.ts';

export interface SystemFacts {
  readonly active: boolean;
  readonly defaultLeaseTtl: number;
  readonly maxLeaseTtl: number;
  clusterId(): string;
  entity(id: string): Promise<JsonObject | undefined>;
  generatePassword(policy: string): Promise<string>;
  fillTemplate: SystemView['fillTemplate'];
  /** Whose lease TTLs hold for a mount instead of its own, if anybody's. */
  limitsOf?(entry: MountEntry): SystemView | undefined;
  /** For the mount at `point`. */
  externalKey(point: string, reference: string): Promise<ExternalKey>;
}

export class MountSystemView implements SystemView {
  readonly #facts: SystemFacts;
  /** Set anew when the mount is tuned. */
  entry: MountEntry;

  constructor(facts: SystemFacts, entry: MountEntry) {
    this.#facts = facts;
    this.entry = entry;
  }

  defaultLeaseTtl(): number {
    const limits = this.#facts.limitsOf?.(this.entry);
    return limits?.defaultLeaseTtl() ?? (this.entry.config.defaultLeaseTtl || this.#facts.defaultLeaseTtl);
  }

  maxLeaseTtl(): number {
    const limits = this.#facts.limitsOf?.(this.entry);
    return limits?.maxLeaseTtl() ?? (this.entry.config.maxLeaseTtl || this.#facts.maxLeaseTtl);
  }

  get active(): boolean {
    return this.#facts.active;
  }

  get clusterId(): string {
    return this.#facts.clusterId();
  }

  entity(id: string): Promise<JsonObject | undefined> {
    return this.#facts.entity(id);
  }

  generatePassword(policy: string): Promise<string> {
    return this.#facts.generatePassword(policy);
  }

  fillTemplate(text: string, entityId: string, forbidden: readonly string[]): Promise<string> {
    return this.#facts.fillTemplate(text, entityId, forbidden);
  }

  externalKey(reference: string): Promise<ExternalKey> {
    return this.#facts.externalKey(mountPoint(this.entry), reference);
  }
}
