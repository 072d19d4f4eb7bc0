/** Which groups an entity is in, and which groups a group is below. */
import { compareText } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { failure, refuse } from '../../fault.ts';
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
      const parent = directory.groupAnywhere(id);
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
  const own = [...direct, ...inherited].filter(({ namespaceId }) => namespaceId === entity.namespaceId);
  return [entity.policies, ...own.map((group) => group.policies ?? [])].flat();
}

/** By the id of the namespace: what groups in other namespaces give, as far as `counts` says that they give anything. */
export function policiesElsewhere(
  entity: StoredEntity,
  directory: Directory,
  counts: (namespaceId: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const { direct, inherited } = groupsOf(entity.id, directory);
  const found = new Map<string, readonly string[]>();
  for (const { namespaceId, policies = [] } of [...direct, ...inherited]) {
    if (namespaceId === entity.namespaceId || policies.length === 0 || !counts(namespaceId)) continue;
    found.set(namespaceId, [...new Set([...(found.get(namespaceId) ?? []), ...policies])]);
  }
  return new Map([...found].sort(([one], [other]) => compareText(one, other)));
}

/** A group is shown and changed in its own namespace alone. */
export function groupHere(id: string, directory: Directory): StoredGroup | undefined {
  const group = directory.group(id);
  if (group === undefined && directory.groupAnywhere(id) !== undefined) {
    throw refuse('request namespace is not the same as the group namespace', 403);
  }
  return group;
}

/** Groups that an entity can be taken out of: those of its own namespace, or it stays where it is. */
export function groupsToLeave(entity: StoredEntity, directory: Directory): readonly StoredGroup[] {
  const groups = directory.groupsOf(entity.id);
  const foreign = groups.find(({ namespaceId }) => namespaceId !== entity.namespaceId);
  if (foreign !== undefined) {
    const [theirs, own] = [quote(foreign.namespaceId), quote(entity.namespaceId)];
    throw failure(`group namespace id ${theirs} does not match context namespace ${own}`);
  }
  return groups;
}

/** Whether `group` is `above` itself or lies below it. */
export function isBelow(group: StoredGroup, above: string, directory: Directory): boolean {
  const seen = new Set<string>();
  const climb = (id: string): boolean => {
    if (id === above) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return (directory.groupAnywhere(id)?.parentGroupIds ?? []).some(climb);
  };
  return climb(group.id);
}
