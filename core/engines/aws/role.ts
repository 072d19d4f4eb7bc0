/** Roles: `role/<name>`, which credentials come out and what they may do. */
import { quote } from '../../codec/go-quote.ts';
import { asNumber, asObject, asString, asStringMap, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import { type Micros, SECOND } from '../../runtime.ts';
import { NANOS } from './config.ts';

export const CREDENTIAL_TYPES = ['iam_user', 'assumed_role', 'federation_token', 'session_token'] as const;
export type CredentialType = (typeof CREDENTIAL_TYPES)[number];

export interface AwsRole {
  readonly credentialType: string;
  readonly policyArns: readonly string[];
  readonly roleArns: readonly string[];
  /** JSON without spaces; '' for none. */
  readonly policyDocument: string;
  readonly iamGroups: readonly string[];
  readonly iamTags: Readonly<Record<string, string>>;
  /** 0: not said. */
  readonly defaultStsTtl: Micros;
  readonly maxStsTtl: Micros;
  readonly userPath: string;
  readonly permissionsBoundaryArn: string;
  readonly externalId: string;
}

export const noRole: AwsRole = {
  credentialType: '',
  policyArns: [],
  roleArns: [],
  policyDocument: '',
  iamGroups: [],
  iamTags: {},
  defaultStsTtl: 0,
  maxStsTtl: 0,
  userPath: '',
  permissionsBoundaryArn: '',
  externalId: '',
};

/** What is stored, in upstream's order, and what a lease keeps of its role. */
export const storedRole = (role: AwsRole): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['credential_types', role.credentialType === '' ? null : [role.credentialType]],
    ['policy_arns', [...role.policyArns]],
    ['role_arns', [...role.roleArns]],
    ['policy_document', role.policyDocument],
    ['iam_groups', [...role.iamGroups]],
    ['iam_tags', role.iamTags],
    ['version', 0],
    ['default_sts_ttl', role.defaultStsTtl * NANOS],
    ['max_sts_ttl', role.maxStsTtl * NANOS],
    ['user_path', role.userPath],
    ['permissions_boundary_arn', role.permissionsBoundaryArn],
    ...(role.externalId === '' ? [] : ([['external_id', role.externalId]] as const)),
  ]);

export const roleForm: Form<AwsRole> = {
  encode: storedRole,
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    const texts = (name: string): readonly string[] => asStrings(fields[name]) ?? [];
    return {
      credentialType: texts('credential_types')[0] ?? '',
      policyArns: texts('policy_arns'),
      roleArns: texts('role_arns'),
      policyDocument: text('policy_document'),
      iamGroups: texts('iam_groups'),
      iamTags: asStringMap(fields['iam_tags']) ?? {},
      defaultStsTtl: (asNumber(fields['default_sts_ttl']) ?? 0) / NANOS,
      maxStsTtl: (asNumber(fields['max_sts_ttl']) ?? 0) / NANOS,
      userPath: text('user_path'),
      permissionsBoundaryArn: text('permissions_boundary_arn'),
      externalId: text('external_id'),
    };
  },
};

export const shownRole = (role: AwsRole): JsonObject => ({
  credential_type: role.credentialType,
  policy_arns: [...role.policyArns],
  role_arns: [...role.roleArns],
  policy_document: role.policyDocument,
  iam_groups: [...role.iamGroups],
  iam_tags: role.iamTags,
  default_sts_ttl: role.defaultStsTtl / SECOND,
  max_sts_ttl: role.maxStsTtl / SECOND,
  user_path: role.userPath,
  permissions_boundary_arn: role.permissionsBoundaryArn,
  external_id: role.externalId,
});

const USER_PATH = /^\/([\x21-\x7F]{0,510}\/)?$/;

/** What is wrong with a role, in upstream's words; [] for nothing. */
export function roleProblems(role: AwsRole): string[] {
  const problems: string[] = [];
  const { credentialType: type, defaultStsTtl, maxStsTtl } = role;
  const must = (good: boolean, text: string): void => {
    if (!good) problems.push(text);
  };
  const session = type !== 'iam_user' && (CREDENTIAL_TYPES as readonly string[]).includes(type);
  if (type === '') problems.push('did not supply credential_type');
  else must((CREDENTIAL_TYPES as readonly string[]).includes(type), `unrecognized credential type: ${type}`);
  const sessions = 'parameter only valid for assumed_role and federation_token credential types';
  must(defaultStsTtl === 0 || session, `default_sts_ttl ${sessions}`);
  must(maxStsTtl === 0 || session, `max_sts_ttl ${sessions}`);
  must(
    defaultStsTtl === 0 || maxStsTtl === 0 || defaultStsTtl <= maxStsTtl,
    '"default_sts_ttl" value must be less than or equal to "max_sts_ttl" value',
  );
  if (role.userPath !== '') {
    must(type === 'iam_user', 'user_path parameter only valid for iam_user credential type');
    const pattern = quote(String.raw`^\/([\x21-\x7F]{0,510}\/)?$`);
    must(
      USER_PATH.test(role.userPath),
      `The specified value for user_path is invalid. It must match ${pattern} regexp`,
    );
  }
  if (role.permissionsBoundaryArn !== '') {
    must(type === 'iam_user', "cannot supply permissions_boundary_arn when credential_type isn't iam_user");
    const problem = arnProblem(role.permissionsBoundaryArn);
    must(problem === undefined, `invalid permissions_boundary_arn parameter: ${problem}`);
  }
  must(
    role.roleArns.length === 0 || type === 'assumed_role',
    "cannot supply role_arns when credential_type isn't assumed_role",
  );
  return problems;
}

/** Of a managed policy: `arn:aws:iam::…:policy/…`. */
function arnProblem(arn: string): string | undefined {
  const [prefix, , service, , , ...resource] = arn.split(':');
  if (prefix !== 'arn') return 'arn: invalid prefix';
  if (resource.length === 0) return 'arn: not enough sections';
  if (service !== 'iam') return `expected a service of iam but got ${service}`;
  const name = resource.join(':');
  return name.startsWith('policy/') ? undefined : `expected a resource type of policy but got ${name}`;
}
