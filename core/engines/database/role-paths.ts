/** `roles/<name>`: roles whose users are made when they are asked for. */
import type { JsonObject } from '../../codec/json.ts';
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { SECOND } from '../../runtime.ts';
import { databasePaths, NAME, type DatabaseCall } from './call.ts';
import { credentialConfig, isCredentialType } from './credential.ts';
import type { Role } from './role.ts';
import { noStatements } from './statements.ts';

export const sharedFields = {
  name: field.string('Name of the role.', { always: true }),
  db_name: field.string('Name of the connection.'),
  credential_type: field.string('"password", "rsa_private_key" or "client_certificate".', { default: 'password' }),
  credential_config: field.kvPairs('Settings of that kind of credential.'),
};

const statements = (what: string) => field.strings(`Statements that ${what} a user.`);

const roleFields = {
  ...sharedFields,
  creation_statements: statements('make'),
  revocation_statements: statements('remove'),
  rollback_statements: statements('take back the making of'),
  renew_statements: statements('prolong'),
  default_ttl: field.duration('How long credentials are good.'),
  max_ttl: field.duration('The longest that they can be renewed for.'),
};

interface SharedInput {
  readonly db_name: string | undefined;
  readonly credential_type: string;
  readonly credential_config: Readonly<Record<string, string>> | undefined;
}

/** What both kinds of roles have. An update keeps what it does not name. */
export function sharedPart(input: SharedInput, old: Role | undefined, call: DatabaseCall) {
  const sent = Object.hasOwn(call.request.data, 'credential_type');
  const type = sent || old === undefined ? input.credential_type : old.credentialType;
  if (!isCredentialType(type)) throw refuse(`invalid credential_type ${quote(type)}`);
  const config = credentialConfig(type, input.credential_config ?? {}, call.runtime);
  return { credentialType: type, credentialConfig: config ?? old?.credentialConfig };
}

export const shownCredential = ({ credentialType, credentialConfig: config }: Role): JsonObject =>
  config === undefined || Object.keys(config).length === 0
    ? { credential_type: credentialType }
    : { credential_type: credentialType, credential_config: config };

export const notUnique = () => refuse('Role and Static Role names must be unique');

interface RoleInput extends SharedInput {
  readonly name: string;
  readonly creation_statements: readonly string[] | undefined;
  readonly revocation_statements: readonly string[] | undefined;
  readonly rollback_statements: readonly string[] | undefined;
  readonly renew_statements: readonly string[] | undefined;
  readonly default_ttl: number | undefined;
  readonly max_ttl: number | undefined;
}

async function write(input: RoleInput, call: DatabaseCall): Promise<Answer> {
  const { store } = call;
  if ((await store.statics.get(input.name)) !== undefined) throw notUnique();
  const old = await store.roles.get(input.name);
  const dbName = input.db_name ?? old?.dbName ?? '';
  if (dbName === '') throw refuse('database name is required');
  const { credentialType, credentialConfig: config } = sharedPart(input, old, call);
  const kept = old?.statements ?? noStatements;
  await store.roles.put(input.name, {
    dbName,
    credentialType,
    credentialConfig: config,
    statements: {
      creation: input.creation_statements ?? kept.creation,
      revocation: input.revocation_statements?.filter((one) => one.trim() !== '') ?? kept.revocation,
      rollback: input.rollback_statements ?? kept.rollback,
      renewal: input.renew_statements ?? kept.renewal,
      rotation: kept.rotation,
    },
    defaultTtl: input.default_ttl ?? old?.defaultTtl ?? 0,
    maxTtl: input.max_ttl ?? old?.maxTtl ?? 0,
  });
  return undefined;
}

export const rolePaths = databasePaths()
  .path(
    'roles/?',
    'Roles whose users are made when they are asked for.',
    pageFields,
    {
      list: {
        about: 'List them.',
        run: ({ after, limit }, { store }) => store.roles.list({ after, limit }),
      },
    },
    { id: { prefix: 'database', verb: 'list', suffix: 'roles' } },
  )
  .path(
    `roles/:name${NAME}`,
    'A role whose users are made when they are asked for.',
    roleFields,
    {
      read: {
        about: 'Read it.',
        run: async ({ name }, { store }) => {
          const role = await store.roles.get(name);
          if (role === undefined) return undefined;
          return {
            ...shownCredential(role),
            db_name: role.dbName,
            creation_statements: [...role.statements.creation],
            revocation_statements: [...role.statements.revocation],
            rollback_statements: [...role.statements.rollback],
            renew_statements: [...role.statements.renewal],
            default_ttl: role.defaultTtl / SECOND,
            max_ttl: role.maxTtl / SECOND,
          };
        },
      },
      write: { about: 'Make or change it.', run: write },
      delete: { about: 'Delete it.', run: ({ name }, { store }) => store.roles.delete(name) },
    },
    {
      id: { prefix: 'database', suffix: 'role' },
      exists: async ({ name }, { store }) => (await store.roles.get(name)) !== undefined,
      help: `In statements, {{name}}, {{password}} and {{expiration}} stand for the user's. Several statements may be in
one, with semicolons between them.`,
    },
  );
