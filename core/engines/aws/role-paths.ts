/** The paths of roles, and of what they give. */
import { quote } from '../../codec/go-quote.ts';
import { JsonError, parse } from '../../codec/json.ts';
import { multierror } from '../../codec/multierror.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { SECOND } from '../../runtime.ts';
import { awsPaths } from './call.ts';
import { makeCredentials } from './credentials.ts';
import { noRole, roleProblems, shownRole } from './role.ts';

/** JSON without the space between its parts; keys stay in their order. */
function compact(text: string): string {
  if (text === '') return '';
  try {
    parse(text);
  } catch (error) {
    throw error instanceof JsonError ? refuse(`cannot parse policy document: ${quote(text)}`) : error;
  }
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, '$1');
}

const name = field.string('Name of the role.', { required: true });

const credentialFields = {
  name,
  role_arn: field.string('Which of the roles at AWS to assume.', { default: '', query: true }),
  ttl: field.seconds('How long a session lasts.', { query: true }),
  role_session_name: field.string('How the session of an assumed role is called.', { default: '', query: true }),
};

const issue = { about: 'Make credentials.', run: makeCredentials } as const;

export const rolePaths = awsPaths()
  .path(
    'roles',
    'Names of the roles.',
    {},
    { list: { about: 'List the roles.', run: (_, { store }) => store.roles.list() } },
    { id: { suffix: 'roles' } },
  )
  .path(
    'roles/:name@',
    'A role.',
    {
      name,
      credential_type: field.string('iam_user, assumed_role, federation_token or session_token.'),
      role_arns: field.commaStrings('Roles at AWS that may be assumed.'),
      policy_arns: field.commaStrings('Managed policies: of a user, or what a session is limited to.'),
      policy_document: field.string('A policy of its own, as JSON.'),
      iam_groups: field.commaStrings('Groups of a user, or whose policies a session is limited to.'),
      iam_tags: field.kvPairs('Tags of a user.'),
      default_sts_ttl: field.seconds('How long a session lasts that nothing is said of.'),
      max_sts_ttl: field.seconds('How long a session may last.'),
      permissions_boundary_arn: field.string('A managed policy that no user gets beyond.'),
      user_path: field.string('Path of a user.'),
      external_id: field.string('What AWS asks those for who assume a role of somebody else.'),
    },
    {
      read: {
        about: 'Read a role.',
        run: async (sent, { store }) => {
          const role = await store.roles.get(sent.name);
          return role && shownRole(role);
        },
      },
      update: {
        about: 'Make a role, or change what is said of it.',
        run: async (sent, { store }) => {
          const old = (await store.roles.get(sent.name)) ?? noRole;
          const seconds = (given: number | undefined, kept: number): number =>
            given === undefined ? kept : given * SECOND;
          const role = {
            credentialType: sent.credential_type ?? old.credentialType,
            policyArns: sent.policy_arns ?? old.policyArns,
            roleArns: sent.role_arns ?? old.roleArns,
            policyDocument: sent.policy_document === undefined ? old.policyDocument : compact(sent.policy_document),
            iamGroups: sent.iam_groups ?? old.iamGroups,
            iamTags: sent.iam_tags ?? old.iamTags,
            defaultStsTtl: seconds(sent.default_sts_ttl, old.defaultStsTtl),
            maxStsTtl: seconds(sent.max_sts_ttl, old.maxStsTtl),
            userPath: sent.user_path ?? old.userPath,
            permissionsBoundaryArn: sent.permissions_boundary_arn ?? old.permissionsBoundaryArn,
            externalId: sent.external_id ?? old.externalId,
          };
          if ((sent.external_id ?? '') !== '' && role.credentialType !== 'assumed_role') {
            throw refuse("cannot supply external_id when credential_type isn't assumed_role");
          }
          const problems = roleProblems(role);
          if (problems.length > 0) {
            throw refuse(`error(s) validating supplied role data: ${quote(multierror(...problems))}`);
          }
          await store.roles.put(sent.name, role);
        },
      },
      delete: { about: 'Delete a role.', run: (sent, { store }) => store.roles.delete(sent.name) },
    },
    { id: { suffix: 'role' } },
  )
  .path(
    'creds/:name@',
    'Credentials of a role.',
    credentialFields,
    {
      read: { ...issue, id: { suffix: 'credentials' } },
      update: { ...issue, id: { suffix: 'credentials-with-parameters' } },
    },
    { id: { verb: 'generate' } },
  )
  .path(
    'sts/:name@',
    'Credentials of a role.',
    credentialFields,
    {
      read: { ...issue, id: { suffix: 'sts-credentials' } },
      update: { ...issue, id: { suffix: 'sts-credentials-with-parameters' } },
    },
    { id: { verb: 'generate' } },
  );
