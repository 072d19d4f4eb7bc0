/** identity/mfa/login-enforcement: which logins have to be confirmed. */
import type { JsonObject } from '../../../codec/json.ts';
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import { listing, reply } from '../../../framework/reply.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths, named } from '../fields.ts';
import type { Enforcement } from './model.ts';

const show = (one: Enforcement, namespace_path: string): JsonObject => ({
  name: one.name,
  namespace_id: one.namespaceId,
  namespace_path,
  mfa_method_ids: one.methodIds,
  auth_method_accessors: one.accessors,
  auth_method_types: one.types,
  identity_group_ids: one.groupIds,
  identity_entity_ids: one.entityIds,
  id: one.id,
});

interface Sent {
  readonly name: string;
  readonly mfa_method_ids: readonly string[] | undefined;
  readonly auth_method_accessors: readonly string[] | undefined;
  readonly auth_method_types: readonly string[] | undefined;
  readonly identity_group_ids: readonly string[] | undefined;
  readonly identity_entity_ids: readonly string[] | undefined;
}

function write(sent: Sent, call: IdentityCall): Promise<void> {
  const { directory, mfa } = call.context;
  return directory.exclusive(async () => {
    await mfa.ready();
    const old = mfa.enforcement(sent.name);
    // What was there before and is not sent may be gone meanwhile.
    const check = (ids: readonly string[] | undefined, known: (id: string) => boolean, refusal: string): void => {
      if (ids !== undefined && !ids.every(known)) throw refuse(refusal);
    };
    if (sent.mfa_method_ids === undefined) throw refuse('missing method ids');
    for (const id of sent.mfa_method_ids) {
      const found = await mfa.find(named(id, 'config id'));
      if (found === undefined) throw refuse("one of the provided method ids doesn't exist");
      if (!mfa.namespacePath.startsWith(found.namespacePath)) {
        throw refuse("one of the provided method ids is in an incompatible namespace and can't be used");
      }
    }
    const next: Enforcement = {
      id: old?.id ?? mfa.uuid(),
      name: sent.name,
      namespaceId: call.request.namespace.id,
      methodIds: sent.mfa_method_ids,
      accessors: sent.auth_method_accessors ?? old?.accessors ?? [],
      types: sent.auth_method_types ?? old?.types ?? [],
      groupIds: sent.identity_group_ids ?? old?.groupIds ?? [],
      entityIds: sent.identity_entity_ids ?? old?.entityIds ?? [],
    };
    check(
      sent.auth_method_accessors,
      (accessor) => {
        const mount = directory.mount(accessor);
        return mount?.accessor === accessor && mount.path.startsWith('auth/');
      },
      'one of the auth method accessors provided is invalid',
    );
    check(sent.auth_method_types, (type) => mfa.hasAuthType(type), 'one of the auth method types provided is invalid');
    check(
      sent.identity_group_ids,
      (id) => directory.group(named(id, 'group ID')) !== undefined,
      "one of the provided group ids doesn't exist",
    );
    check(
      sent.identity_entity_ids,
      (id) => directory.entity(named(id, 'entity id')) !== undefined,
      "one of the provided entity ids doesn't exist",
    );
    const given = [
      sent.auth_method_accessors,
      sent.auth_method_types,
      sent.identity_group_ids,
      sent.identity_entity_ids,
    ];
    if (given.every((list) => list === undefined)) {
      throw refuse(
        'One of auth_method_accessors, auth_method_types, identity_group_ids, identity_entity_ids must be specified',
      );
    }
    await mfa.putEnforcement(next);
  });
}

export const enforcementPaths = identityPaths()
  .path(
    'mfa/login-enforcement/:name',
    'Logins that have to be confirmed.',
    {
      name: field.string('Name of the rule.', { required: true }),
      mfa_method_ids: field.strings('IDs of the methods; one of them is enough.', { documentedRequired: true }),
      auth_method_accessors: field.strings('Accessors of auth mounts whose logins are meant.'),
      auth_method_types: field.strings('Types of auth mounts whose logins are meant.'),
      identity_group_ids: field.strings('IDs of groups whose logins are meant.'),
      identity_entity_ids: field.strings('IDs of entities whose logins are meant.'),
    },
    {
      read: {
        about: 'Read the rule.',
        run: async (sent, { context: { mfa } }) => {
          await mfa.ready();
          const found = mfa.enforcement(sent.name);
          return found && show(found, mfa.namespacePath);
        },
      },
      update: { about: 'Make or change the rule.', forward: true, id: { verb: 'write' }, run: write },
      delete: {
        about: 'Delete the rule.',
        forward: true,
        run: (sent, { context: { mfa, directory } }) =>
          directory.exclusive(async () => {
            await mfa.ready();
            await mfa.deleteEnforcement(sent.name);
          }),
      },
    },
    { id: { prefix: 'mfa', suffix: 'login-enforcement' } },
  )
  .path(
    'mfa/login-enforcement',
    'The names of all rules.',
    {},
    {
      list: {
        about: 'List the rules.',
        run: async (_, { context: { mfa } }) => {
          await mfa.ready();
          const all = mfa.enforcements();
          const info = Object.fromEntries(all.map((one) => [one.name, show(one, mfa.namespacePath)]));
          return reply(
            listing(
              all.map((one) => one.name),
              info,
            ),
          );
        },
      },
    },
    { id: { prefix: 'mfa', suffix: 'login-enforcements' } },
  );
