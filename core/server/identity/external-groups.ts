/** Logins say which external groups their entity is in: those of the login's mount follow. */
import type { Directory } from '../../engines/identity/directory.ts';
import { clonedGroup } from '../../engines/identity/model.ts';

/** `names` are the aliases of groups on the mount, as the auth method calls them. */
export async function refreshGroups(
  entityId: string,
  names: readonly string[],
  mountAccessor: string,
  directory: Directory,
): Promise<void> {
  const plan = () => {
    const wanted = names.flatMap((name) => directory.groupAliasOf(mountAccessor, name)?.canonicalId ?? []);
    const joined = directory.groupsOf(entityId).filter(({ id }) => directory.group(id) !== undefined);
    return {
      join: wanted.filter((id) => !joined.some((group) => group.id === id)),
      leave: joined.filter((group) => group.alias?.mountAccessor === mountAccessor && !wanted.includes(group.id)),
    };
  };
  const first = plan();
  if (first.join.length === 0 && first.leave.length === 0) return;
  await directory.exclusive(async () => {
    const { join, leave } = plan();
    for (const id of join) {
      const group = clonedGroup(directory.group(id)!);
      await directory.putGroup({ ...group, memberEntityIds: [...(group.memberEntityIds ?? []), entityId] });
    }
    for (const { id } of leave) {
      const group = clonedGroup(directory.group(id)!);
      const memberEntityIds = (group.memberEntityIds ?? []).filter((member) => member !== entityId);
      await directory.putGroup({ ...group, memberEntityIds });
    }
  });
}
