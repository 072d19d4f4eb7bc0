/** identity/oidc/assignment: who may log in at a client. */
import { quote } from '../../../codec/go-quote.ts';
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { Directory } from '../directory.ts';
import type { IdentityCall } from '../fields.ts';
import { eachOnce, identityPaths } from '../fields.ts';
import { groupsOf } from '../membership.ts';
import type { StoredEntity } from '../model.ts';
import type { OidcClient } from './provider-store.ts';

const name = field.string('Name of the assignment.', { required: true });

/** Everybody; always there. */
export const ALLOW_ALL = 'allow_all';

/** Whether the entity may log in at the client. */
export async function isAssigned(
  entity: StoredEntity | undefined,
  client: OidcClient,
  { store, context: { directory } }: IdentityCall,
): Promise<boolean> {
  if (entity === undefined || entity.disabled) return false;
  if (client.assignments.includes(ALLOW_ALL)) return true;
  const groups = groupIds(entity, directory);
  for (const one of client.assignments) {
    const assignment = await store.assignments.get(one);
    if (assignment?.entityIds.includes(entity.id) === true) return true;
    if (assignment?.groupIds.some((id) => groups.has(id)) === true) return true;
  }
  return false;
}

function groupIds(entity: StoredEntity, directory: Directory): ReadonlySet<string> {
  const { direct, inherited } = groupsOf(entity.id, directory);
  return new Set([...direct, ...inherited].map(({ id }) => id));
}

async function remove(assignment: string, { store }: IdentityCall): Promise<void> {
  if (assignment === ALLOW_ALL) throw refuse(`deletion of assignment ${quote(ALLOW_ALL)} not allowed`);
  const users: string[] = [];
  for (const one of await store.clients.list()) {
    if ((await store.clients.get(one))?.assignments.includes(assignment) === true) users.push(one);
  }
  if (users.length > 0) {
    throw refuse(
      `unable to delete assignment ${quote(assignment)} because it is currently referenced by these clients: ${users.join(', ')}`,
    );
  }
  await store.assignments.delete(assignment);
}

/** In lower case but for what follows a dot, which is the id of a namespace. */
const ids = (given: readonly string[]): string[] =>
  eachOnce(given.map((id) => id.replace(/^[^.]*/, (own) => own.toLowerCase())));

export const assignmentPaths = identityPaths()
  .path(
    'oidc/assignment/:name',
    'Entities and groups that may log in at a client.',
    {
      name,
      entity_ids: field.commaStrings('IDs of the entities.'),
      group_ids: field.commaStrings('IDs of the groups.'),
    },
    {
      write: {
        forward: true,
        run: (sent, { store, state }) =>
          state.oidc.run(async () => {
            if (sent.name === ALLOW_ALL) throw refuse(`modification of assignment ${quote(ALLOW_ALL)} not allowed`);
            const old = await store.assignments.get(sent.name);
            await store.assignments.put(sent.name, {
              entityIds: sent.entity_ids === undefined ? (old?.entityIds ?? []) : ids(sent.entity_ids),
              groupIds: sent.group_ids === undefined ? (old?.groupIds ?? []) : ids(sent.group_ids),
            });
          }),
      },
      read: {
        run: async (sent, { store }) => {
          const found = await store.assignments.get(sent.name);
          return found && { group_ids: found.groupIds, entity_ids: found.entityIds };
        },
      },
      delete: { forward: true, run: (sent, call) => call.state.oidc.run(() => remove(sent.name, call)) },
    },
    {
      exists: async (sent, { store }) => (await store.assignments.get(sent.name)) !== undefined,
      id: { prefix: 'oidc', suffix: 'assignment' },
    },
  )
  .path(
    'oidc/assignment',
    'The names of all assignments.',
    {},
    { list: { run: (_, { store }) => store.assignments.list() } },
    { id: { prefix: 'oidc', suffix: 'assignments' } },
  );
