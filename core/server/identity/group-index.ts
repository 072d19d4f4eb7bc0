/** Groups in memory, found by id, name, alias, member and parent. */
import type { StoredAlias, StoredGroup } from '../../engines/identity/model.ts';
import { byId, factors } from './entity-index.ts';

export class GroupIndex {
  readonly groups = new Map<string, StoredGroup>();
  readonly aliases = new Map<string, StoredAlias>();
  readonly #names = new Map<string, string>();
  readonly #factors = new Map<string, string>();
  readonly #byMember = new Map<string, Set<string>>();
  readonly #byParent = new Map<string, Set<string>>();

  byName(name: string): StoredGroup | undefined {
    const id = this.#names.get(name.toLowerCase());
    return id === undefined ? undefined : this.groups.get(id);
  }

  byAlias(mountAccessor: string, name: string): StoredAlias | undefined {
    const id = this.#factors.get(factors(mountAccessor, name));
    return id === undefined ? undefined : this.aliases.get(id);
  }

  withMember(entityId: string): readonly StoredGroup[] {
    return this.#sorted(this.#byMember.get(entityId));
  }

  withParent(groupId: string): readonly StoredGroup[] {
    return this.#sorted(this.#byParent.get(groupId));
  }

  #sorted(ids: ReadonlySet<string> | undefined): readonly StoredGroup[] {
    return ids === undefined ? [] : byId([...ids].map((id) => this.groups.get(id)!));
  }

  put(group: StoredGroup): void {
    this.remove(group.id);
    this.groups.set(group.id, group);
    this.#names.set(group.name.toLowerCase(), group.id);
    for (const id of group.memberEntityIds ?? []) add(this.#byMember, id, group.id);
    for (const id of group.parentGroupIds ?? []) add(this.#byParent, id, group.id);
    if (group.alias === undefined) return;
    this.aliases.set(group.alias.id, group.alias);
    this.#factors.set(factors(group.alias.mountAccessor, group.alias.name), group.alias.id);
  }

  remove(id: string): void {
    const old = this.groups.get(id);
    if (old === undefined) return;
    this.groups.delete(id);
    if (this.#names.get(old.name.toLowerCase()) === id) this.#names.delete(old.name.toLowerCase());
    for (const member of old.memberEntityIds ?? []) drop(this.#byMember, member, id);
    for (const parent of old.parentGroupIds ?? []) drop(this.#byParent, parent, id);
    const { alias } = old;
    if (alias === undefined || this.aliases.get(alias.id)?.canonicalId !== id) return;
    this.aliases.delete(alias.id);
    const key = factors(alias.mountAccessor, alias.name);
    if (this.#factors.get(key) === alias.id) this.#factors.delete(key);
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function drop(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
