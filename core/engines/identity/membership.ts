/** Which groups an entity is in, and which groups a group is below. */
import type { Directory } from './directory.ts';
import type { StoredEntity, StoredGroup } from './model.ts';

export interface Membership {
  readonly direct: readonly StoredGroup[];
  /** Through groups that are members of groups. */
  readonly inherited: readonly StoredGroup[];
}

export function groupsOf(entityId: string, directory: Directory): Membership {
  const direct = directory.groupsOf(entityId);
  if (direct.length === 0) return { direct, inherited: [] };
  const seen = new Set(direct);
  const inherited: StoredGroup[] = [];
  const visit = (group: StoredGroup): void => {
    for (const id of group.parentGroupIds ?? []) {
      // A deleted parent is still named by its former members.
      const parent = directory.group(id);
      if (parent === undefined || seen.has(parent)) continue;
      seen.add(parent);
      inherited.push(parent);
      visit(parent);
    }
  };
  direct.forEach(visit);
  return { direct, inherited };
}

/** The entity's own, then its groups'; unsorted and with duplicates, as upstream shows them. */
export function policiesOf(entity: StoredEntity, directory: Directory): readonly string[] {
  const { direct, inherited } = groupsOf(entity.id, directory);
  if (direct.length === 0) return entity.policies;
  return [entity.policies, ...[...direct, ...inherited].map((group) => group.policies ?? [])].flat();
}

/** Whether `group` is `above` itself or lies below it. */
export function isBelow(group: StoredGroup, above: string, directory: Directory): boolean {
  const seen = new Set<string>();
  const climb = (id: string): boolean => {
    if (id === above) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return (directory.group(id)?.parentGroupIds ?? []).some(climb);
  };
  return climb(group.id);
}
