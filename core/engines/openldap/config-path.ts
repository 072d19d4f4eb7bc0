/** The path `config`, and the rotation of the root password. */
import type { JsonObject } from '../../codec/json.ts';
import { failure } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { defaultDirectory, directoryFields, shownDirectory, withSent } from '../../framework/ldap/config.ts';
import type { Directory } from '../../framework/ldap/config.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { openLdapPaths } from './call.ts';
import type { Config } from './config.ts';
import { defaultUserAttribute, SCHEMAS } from './directory.ts';
import { forgetPending, rotateRoot } from './root-password.ts';

const fields = {
  ...directoryFields,
  ttl: field.seconds('How long a password lives; kept for those who send it.'),
  max_ttl: field.seconds('How long a password lives at most; kept for those who send it.'),
  schema: field.string("How passwords are filed: 'openldap', 'ad' or 'racf'.", { default: 'openldap' }),
  password_policy: field.string('The policy that passwords are made by.', { always: true }),
  skip_static_role_import_rotation: field.bool('Whether new static roles keep the password that there is.', {
    always: true,
  }),
  length: field.int('How long passwords are.', { deprecated: true }),
};

const fresh = (): Config => ({
  directory: defaultDirectory(),
  schema: '',
  lastBindPassword: '',
  lastBindPasswordRotation: undefined,
  passwordPolicy: '',
  passwordLength: 0,
  skipImportRotation: false,
});

function validate({ url, discoverdn, binddn, bindpass, upndomain, userdn }: Directory): void {
  if (url === '') throw failure('at least one url must be provided');
  if (!discoverdn && (binddn === '' || bindpass === '') && upndomain === '' && userdn === '') {
    throw failure('cannot derive UserBindDN');
  }
}

/** Old entries have no rule for names at all; new ones show it only when it was sent. */
function shown(config: Config): JsonObject {
  const { use_pre111_group_cn_behavior: old, ...directory } = shownDirectory(config.directory);
  const rotated = config.lastBindPasswordRotation;
  return {
    ...directory,
    ...(old === true ? { use_pre111_group_cn_behavior: true } : {}),
    ...(config.passwordLength > 0 ? { length: config.passwordLength } : {}),
    ...(config.passwordPolicy === '' ? {} : { password_policy: config.passwordPolicy }),
    skip_static_role_import_rotation: config.skipImportRotation,
    ...(rotated === undefined ? {} : { last_bind_password_rotation: formatRfc3339(rotated) }),
    ...(config.schema === '' ? {} : { schema: config.schema }),
  };
}

export const configPaths = openLdapPaths()
  .path(
    'config',
    'The directory, whom to change it as, and how passwords are made.',
    fields,
    {
      read: {
        id: { suffix: 'configuration' },
        run: async (_, { store }) => {
          const config = await store.config.get('config');
          return config && shown(config);
        },
      },
      write: {
        id: { verb: 'configure' },
        run: async (input, call) => {
          const existing = await call.store.config.get('config');
          const before = existing ?? fresh();
          const was = (name: string): boolean => name in call.request.data;
          const sent = Object.fromEntries(Object.entries(input).filter(([name]) => was(name)));
          const directory = withSent(before.directory, sent, failure);
          validate(directory);
          const schema = existing === undefined || was('schema') ? input.schema : before.schema;
          if (schema === '') throw failure('schema is required');
          if (!SCHEMAS.includes(schema)) {
            const supported = SCHEMAS.join(' ');
            throw failure(`the configured schema ${schema} is not valid. Supported schemas: [${supported}]`);
          }
          // Other than for logins, the case of the attribute stays as it was sent.
          if (was('userattr')) directory.userattr = input.userattr;
          else directory.userattr = existing?.directory.userattr ?? defaultUserAttribute(schema);
          const passwordPolicy =
            existing === undefined || was('password_policy') ? input.password_policy : before.passwordPolicy;
          if (passwordPolicy !== '' && input.length !== undefined) {
            throw failure("cannot set both 'password_policy' and 'length'");
          }
          const skipImportRotation = was('skip_static_role_import_rotation')
            ? input.skip_static_role_import_rotation
            : before.skipImportRotation;
          await call.store.config.put('config', {
            ...before,
            directory,
            schema,
            passwordPolicy,
            passwordLength: input.length ?? 0,
            skipImportRotation,
          });
          if (was('bindpass')) await forgetPending(call);
        },
      },
      delete: { id: { suffix: 'configuration' }, run: (_, { store }) => store.config.delete('config') },
    },
    { exists: async (_, { store }) => (await store.config.get('config')) !== undefined, id: { prefix: 'ldap' } },
  )
  .path(
    'rotate-root',
    'A new password for whom the directory is changed as.',
    {},
    { update: { run: (_, call) => rotateRoot(call) } },
    {
      help: 'Nobody learns the new password. It is kept before the directory is told, so that no crash loses it.',
      id: { prefix: 'ldap', verb: 'rotate', suffix: 'root-credentials' },
    },
  );
