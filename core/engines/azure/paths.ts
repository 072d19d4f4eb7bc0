/** The paths of Azure: configuration, roles and credentials. */
import { multierror } from '../../codec/multierror.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { SECOND } from '../../runtime.ts';
import { asFailure, azurePaths, type AzureCall, clientOf } from './call.ts';
import { type AzureAsk, AzureError, forgetTokens, noCloud } from './client.ts';
import { cloudOf, noConfig } from './config.ts';
import { makeCredentials } from './credentials.ts';
import { getApplication, groupById, groupsByName, type Named, roleById, rolesByName } from './directory.ts';
import { rotateRoot } from './root-password.ts';
import {
  type AssignedRole,
  type AzureRole,
  type JoinedGroup,
  noRole,
  parseAssignedRoles,
  parseGroups,
  shownRole,
} from './role.ts';

interface RoleInput {
  readonly name: string;
  readonly application_object_id: string | undefined;
  readonly azure_roles: string | undefined;
  readonly azure_groups: string | undefined;
  readonly ttl: number | undefined;
  readonly max_ttl: number | undefined;
  readonly permanently_delete: boolean | undefined;
}

/** The one that is meant: by its id, else the only one of that name. */
async function meant(
  kind: 'role' | 'group',
  wanted: { readonly id: string; readonly name: string },
  missing: string,
  byId: () => Promise<Named>,
  byName: () => Promise<readonly Named[]>,
): Promise<Named> {
  const [idField, nameField, better] =
    kind === 'role' ? ['role_id', 'role_name', 'role by ID'] : ['object_id', 'group_name', 'group by ObjectID'];
  return asFailure(`unable to lookup Azure ${kind}: `, async () => {
    if (wanted.id !== '') {
      return byId().catch((error: unknown) => {
        if (!(error instanceof AzureError && error.code === missing)) throw error;
        throw refuse(`no ${kind} found for ${idField}: '${wanted.id}'`);
      });
    }
    const [only, ...more] = await byName();
    if (only === undefined) throw refuse(`no ${kind} found for ${nameField}: '${wanted.name}'`);
    if (more.length === 0) return only;
    throw refuse(`multiple matches found for ${nameField}: '${wanted.name}'. Specify ${better} instead.`);
  });
}

async function knownRoles(ask: AzureAsk, roles: readonly AssignedRole[], call: AzureCall): Promise<AssignedRole[]> {
  const { subscriptionId } = (await call.store.config.get('config')) ?? noConfig;
  const known: AssignedRole[] = [];
  for (const { role_id: id, role_name: name, scope } of roles) {
    const found = await meant(
      'role',
      { id, name },
      'RoleDefinitionDoesNotExist',
      () => roleById(ask, id),
      () => rolesByName(ask, subscriptionId, name),
    );
    if (known.some((one) => one.role_id === found.id && one.scope === scope)) {
      throw refuse(`duplicate role_id and scope: '${found.id}', '${scope}'`);
    }
    known.push({ role_name: found.name, role_id: found.id, scope });
  }
  return known;
}

async function knownGroups(ask: AzureAsk, groups: readonly JoinedGroup[]): Promise<JoinedGroup[]> {
  const known: JoinedGroup[] = [];
  for (const { object_id: id, group_name: name } of groups) {
    const found = await meant(
      'group',
      { id, name },
      'Request_ResourceNotFound',
      () => groupById(ask, id),
      () => groupsByName(ask, name),
    );
    if (known.some((one) => one.object_id === found.id)) throw refuse(`duplicate object_id '${found.id}'`);
    known.push({ group_name: found.name, object_id: found.id });
  }
  return known;
}

async function putRole(sent: RoleInput, call: AzureCall): Promise<void> {
  const ask = await asFailure('', () => clientOf(call.running));
  const old = (await call.store.roles.get(sent.name)) ?? noRole;
  const ttl = sent.ttl === undefined ? old.ttl : sent.ttl * SECOND;
  const maxTtl = sent.max_ttl === undefined ? old.maxTtl : sent.max_ttl * SECOND;
  if (maxTtl !== 0 && ttl > maxTtl) throw refuse('ttl cannot be greater than max_ttl');
  const applicationObjectId = sent.application_object_id ?? old.applicationObjectId;
  const application =
    applicationObjectId === ''
      ? undefined
      : await asFailure('error loading Application: ', () => getApplication(ask, applicationObjectId));
  const roles = sent.azure_roles === undefined ? old.azureRoles : parseAssignedRoles(sent.azure_roles);
  const groups = sent.azure_groups === undefined ? old.azureGroups : parseGroups(sent.azure_groups);
  const role: AzureRole = {
    azureRoles: await knownRoles(ask, roles, call),
    azureGroups: await knownGroups(ask, groups),
    applicationId: application?.appId ?? '',
    applicationObjectId,
    ttl,
    maxTtl,
    permanentlyDelete: sent.permanently_delete ?? old.permanentlyDelete,
  };
  if (application === undefined && role.azureRoles.length === 0 && role.azureGroups.length === 0) {
    throw refuse('either Azure role definitions, group definitions, or an Application Object ID must be provided');
  }
  await call.store.roles.put(sent.name, role);
}

const name = field.lowerCase('Name of the role.', { required: true });

export const allPaths = azurePaths()
  .path(
    'config',
    'Who the engine is at Azure.',
    {
      subscription_id: field.string('The subscription whose roles are assigned.'),
      tenant_id: field.string('The directory.'),
      client_id: field.string('An application that may make applications.'),
      client_secret: field.string('Its password.'),
      environment: field.string('Which Azure; AzurePublicCloud unless said.'),
      root_password_ttl: field.seconds('How long a new password of the engine itself lasts.'),
    },
    {
      read: {
        about: 'Read who the engine is, without its secret.',
        run: async (_, { store }) => {
          const config = await store.config.get('config');
          return (
            config && {
              subscription_id: config.subscriptionId,
              tenant_id: config.tenantId,
              environment: config.environment,
              client_id: config.clientId,
              root_password_ttl: config.rootPasswordTtl / SECOND,
              ...(config.secretEnds === 0 ? {} : { root_password_expiration_date: formatRfc3339(config.secretEnds) }),
            }
          );
        },
      },
      update: {
        about: 'Set who the engine is, or change what is said of it.',
        run: async (sent, { store, state }) => {
          const old = (await store.config.get('config')) ?? noConfig;
          if (sent.environment !== undefined && cloudOf(sent.environment) === undefined) {
            throw refuse(multierror(noCloud(sent.environment)));
          }
          const ttl = sent.root_password_ttl;
          await store.config.put('config', {
            subscriptionId: sent.subscription_id ?? old.subscriptionId,
            tenantId: sent.tenant_id ?? old.tenantId,
            clientId: sent.client_id ?? old.clientId,
            clientSecret: sent.client_secret ?? old.clientSecret,
            environment: sent.environment ?? old.environment,
            rootPasswordTtl: ttl === undefined ? old.rootPasswordTtl : ttl * SECOND,
            // What is said of another secret holds no more.
            ...(sent.client_secret === undefined
              ? { secretEnds: old.secretEnds, next: old.next }
              : { secretEnds: 0, next: undefined }),
          });
          forgetTokens(state);
        },
      },
      delete: {
        about: 'Forget who the engine is.',
        run: async (_, { store, state }) => {
          await store.config.delete('config');
          forgetTokens(state);
        },
      },
    },
  )
  .path(
    'rotate-root',
    "The engine's own password.",
    {},
    {
      update: {
        about: 'Make a new one; the old ones go when Azure knows it.',
        forward: true,
        run: (_, call) => rotateRoot(call),
      },
    },
    { id: { verb: 'rotate', suffix: 'root' } },
  )
  .path(
    'roles',
    'Names of the roles.',
    {},
    { list: { about: 'List the roles.', run: (_, { store }) => store.roles.list() } },
  )
  .path(
    'roles/:name',
    'A role.',
    {
      name,
      application_object_id: field.string('An application that is there, for one more password of it.'),
      azure_roles: field.string('Roles of a new service principal, as JSON.'),
      azure_groups: field.string('Groups of a new service principal, as JSON.'),
      ttl: field.seconds('Until credentials have to be renewed.'),
      max_ttl: field.seconds('Until credentials cannot be renewed.'),
      permanently_delete: field.bool('Whether Azure is to keep nothing of what was deleted.'),
    },
    {
      read: {
        about: 'Read a role.',
        run: async (sent, { store }) => {
          const role = await store.roles.get(sent.name);
          return role && shownRole(role);
        },
      },
      write: { about: 'Make a role, or change what is said of it.', run: putRole },
      delete: { about: 'Delete a role.', run: (sent, { store }) => store.roles.delete(sent.name) },
    },
    { exists: async (sent, { store }) => (await store.roles.get(sent.name)) !== undefined },
  )
  .path(
    'creds/:role',
    'Credentials of a role.',
    { role: field.lowerCase('Name of the role.', { required: true }) },
    { read: { about: 'Make credentials.', forward: true, run: makeCredentials } },
  );
