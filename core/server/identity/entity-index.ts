/** Entities and their aliases in memory, found by id, name, alias and what was merged into them. */
import { compareText } from '../../codec/bytes.ts';
import type { StoredAlias, StoredEntity } from '../../engines/identity/model.ts';

/** Names of aliases and entities are found whatever their case. */
export const factors = (mountAccessor: string, name: string): string => `${mountAccessor}\n${name.toLowerCase()}`;

export const byId = <T extends { readonly id: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => compareText(a.id, b.id));

export class EntityIndex {
  readonly entities = new Map<string, StoredEntity>();
  readonly aliases = new Map<string, StoredAlias>();
  readonly #names = new Map<string, string>();
  readonly #factors = new Map<string, string>();
  readonly #merged = new Map<string, string>();

  byName(name: string): StoredEntity | undefined {
    return this.#find(this.#names.get(name.toLowerCase()));
  }

  byMergedId(id: string): StoredEntity | undefined {
    return this.#find(this.#merged.get(id));
  }

  byAlias(mountAccessor: string, name: string): StoredAlias | undefined {
    const id = this.#factors.get(factors(mountAccessor, name));
    return id === undefined ? undefined : this.aliases.get(id);
  }

  #find(id: string | undefined): StoredEntity | undefined {
    return id === undefined ? undefined : this.entities.get(id);
  }

  /** `hidden` aliases stay the entity's, but are not found. */
  put(entity: StoredEntity, hidden?: ReadonlySet<string>): void {
    this.remove(entity.id);
    this.entities.set(entity.id, entity);
    this.#names.set(entity.name.toLowerCase(), entity.id);
    for (const id of entity.mergedEntityIds) this.#merged.set(id, entity.id);
    for (const alias of entity.aliases) {
      if (hidden?.has(alias.id) === true) continue;
      this.dropAlias(alias.id);
      this.aliases.set(alias.id, alias);
      this.#factors.set(factors(alias.mountAccessor, alias.name), alias.id);
    }
  }

  remove(id: string): void {
    const old = this.entities.get(id);
    if (old === undefined) return;
    this.entities.delete(id);
    if (this.#names.get(old.name.toLowerCase()) === id) this.#names.delete(old.name.toLowerCase());
    for (const merged of old.mergedEntityIds) if (this.#merged.get(merged) === id) this.#merged.delete(merged);
    for (const alias of old.aliases) if (this.aliases.get(alias.id)?.canonicalId === id) this.dropAlias(alias.id);
  }

  dropAlias(id: string): void {
    const alias = this.aliases.get(id);
    if (alias === undefined) return;
    this.aliases.delete(id);
    const key = factors(alias.mountAccessor, alias.name);
    if (this.#factors.get(key) === id) this.#factors.delete(key);
  }
}
