/** Credentials of a role: a user with a lease, or a session that ends by itself. */
import { JsonError } from '../../codec/json.ts';
import { quote } from '../../codec/go-quote.ts';
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { xmlAt, type XmlElement } from '../../codec/xml.ts';
import { failure, refuse } from '../../fault.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import { type Answer, reply } from '../../framework/reply.ts';
import { deleteWal, putWal } from '../../framework/wal.ts';
import { type Micros, SECOND } from '../../runtime.ts';
import { type AwsCall, clientOf } from './call.ts';
import { type AwsAsk, AwsError, listOf } from './client.ts';
import { noRoot } from './config.ts';
import { sessionPolicies } from './policies.ts';
import { type AwsRole, storedRole } from './role.ts';
import { createUser, equipUser, UserError } from './users.ts';

export interface CredentialInput {
  readonly name: string;
  readonly role_arn: string;
  /** Undefined: not said. */
  readonly ttl: number | undefined;
  readonly role_session_name: string;
}

const USUAL_TTL = 3_600 * SECOND;
const SUBJECT = 'aws.UsernameMetadata';
const LONGEST_USER = 64;
const LONGEST_SESSION = 32;

export async function makeCredentials(sent: CredentialInput, call: AwsCall): Promise<Answer> {
  const role = await call.store.roles.get(sent.name);
  if (role === undefined) throw refuse(`Role ${quote(sent.name)} not found`);
  switch (role.credentialType) {
    case 'iam_user':
      return user(sent.name, role, call);
    case 'assumed_role':
      return assumedRole(sent, role, call);
    case 'federation_token':
      return federationToken(sent, role, call);
    case 'session_token':
      return sessionToken(sent, role, call);
    default:
      throw refuse(`unknown credential_type: ${quote(role.credentialType)}`);
  }
}

async function user(roleName: string, role: AwsRole, call: AwsCall): Promise<Answer> {
  const { store, storage } = call;
  const ask = await told('', () => clientOf(call.running));
  const username = await nameFor('IAM', roleName, call);
  // Before the user is made: whatever happens next, somebody knows that there may be one.
  const note = await putWal(call.runtime, storage, 'user', { UserName: username });
  const refused = (error: unknown): never => {
    throw error instanceof UserError ? refuse(error.message) : error;
  };
  await createUser(ask, username, role).catch(async (error: unknown) => {
    // What was refused was not made; whether it was is not known of what was not answered.
    if (error instanceof UserError && !unanswered(error)) await deleteWal(storage, note);
    refused(error);
  });
  const keys = await equipUser(ask, username, roleName, role).catch(refused);
  await deleteWal(storage, note);
  const lease = await store.lease.get('lease');
  const internal = { username, policy: Object.fromEntries(storedRole(role)), is_sts: false };
  const secret = { ...call.secret('access_keys', internal), ttl: lease?.lease ?? 0, maxTtl: lease?.leaseMax ?? 0 };
  return reply({ data: { access_key: keys.accessKey, secret_key: keys.secretKey, security_token: null }, secret });
}

const unanswered = (error: UserError): boolean => error.message.includes(': RequestError: ');

async function assumedRole(sent: CredentialInput, role: AwsRole, call: AwsCall): Promise<Answer> {
  const [only, ...more] = role.roleArns;
  let RoleArn = sent.role_arn;
  if (RoleArn === '') {
    if (only === undefined || more.length > 0) {
      throw refuse('did not supply a role_arn parameter and unable to determine one');
    }
    RoleArn = only;
  } else if (!role.roleArns.includes(RoleArn)) {
    throw refuse(`role_arn ${quote(RoleArn)} not in allowed role arns for Vault role ${quote(sent.name)}`);
  }
  const ask = await told('', () => clientOf(call.running));
  const { document, arns } = await policiesOf(ask, role);
  const RoleSessionName =
    sent.role_session_name === '' ? await nameFor('IAM', sent.name, call) : plainName(sent.role_session_name);
  const result = await told('Error assuming role: ', () =>
    ask('sts', 'AssumeRole', {
      RoleSessionName,
      RoleArn,
      DurationSeconds: lifetime(sent, role, call),
      ...policyParameters(document, arns),
      ...(role.externalId === '' ? {} : { ExternalId: role.externalId }),
    }),
  );
  const arn = xmlAt(result, 'AssumedRoleUser', 'Arn')?.text ?? '';
  return session(result, { arn }, { username: RoleSessionName, policy: RoleArn }, call);
}

async function federationToken(sent: CredentialInput, role: AwsRole, call: AwsCall): Promise<Answer> {
  const ask = await told('', () => clientOf(call.running));
  const { document, arns } = await policiesOf(ask, role);
  const Name = await nameFor('STS', sent.name, call);
  // Without a policy it would be allowed all that the engine itself is.
  if (document === '' && arns.length === 0) {
    throw refuse('must specify at least one of policy_arns or policy_document with federation_token credential_type');
  }
  const result = await told('Error generating STS keys: ', () =>
    ask('sts', 'GetFederationToken', {
      Name,
      DurationSeconds: lifetime(sent, role, call),
      ...policyParameters(document, arns),
    }),
  );
  return session(result, {}, { username: Name, policy: document }, call);
}

async function sessionToken(sent: CredentialInput, role: AwsRole, call: AwsCall): Promise<Answer> {
  const ask = await told('', () => clientOf(call.running));
  const result = await told('Error generating STS keys: ', () =>
    ask('sts', 'GetSessionToken', { DurationSeconds: lifetime(sent, role, call) }),
  );
  return session(result, {}, {}, call);
}

/** Its lease ends when AWS says, and nobody can renew it. */
function session(
  result: XmlElement | undefined,
  more: Readonly<Record<string, string>>,
  internal: Readonly<Record<string, string>>,
  call: AwsCall,
): Answer {
  const field = (name: string): string => xmlAt(result, 'Credentials', name)?.text ?? '';
  const expires = parseRfc3339(field('Expiration')) ?? call.now();
  const ttl: Micros = Math.max(0, expires - call.now());
  const secret = { ...call.secret('access_keys', { ...internal, is_sts: true }), ttl, renewable: false };
  const data = {
    access_key: field('AccessKeyId'),
    secret_key: field('SecretAccessKey'),
    security_token: field('SessionToken'),
    ...more,
    ttl: Math.floor(ttl / SECOND),
  };
  return reply({ data, secret });
}

/** Seconds. */
function lifetime({ ttl }: CredentialInput, { defaultStsTtl, maxStsTtl }: AwsRole, { system }: AwsCall): string {
  const asked = ttl === undefined ? defaultStsTtl || USUAL_TTL : ttl * SECOND;
  return String(Math.floor(Math.min(asked, maxStsTtl || system.maxLeaseTtl()) / SECOND));
}

const policyParameters = (document: string, arns: readonly string[]): Record<string, string> => ({
  ...(document === '' ? {} : { Policy: document }),
  ...listOf(
    'PolicyArns',
    arns.map((arn) => ({ arn })),
  ),
});

async function policiesOf(ask: AwsAsk, role: AwsRole): ReturnType<typeof sessionPolicies> {
  try {
    return await told('', () => sessionPolicies(ask, role));
  } catch (error) {
    throw error instanceof JsonError ? refuse(error.message) : error;
  }
}

/** Runs `body`; what AWS refuses is refused in its words, after `prefix`. */
async function told<T>(prefix: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof AwsError ? refuse(`${prefix}${error.message}`) : error;
  }
}

async function nameFor(Type: 'IAM' | 'STS', role: string, call: AwsCall): Promise<string> {
  const { usernameTemplate } = (await call.store.root.get('root')) ?? noRoot;
  const named = (name: string): string => (Type === 'IAM' ? plainName(name) : '');
  let made: string;
  let prefix = 'unable to initialize username template: ';
  try {
    const template = new NameTemplate(usernameTemplate, call.runtime, SUBJECT);
    prefix = 'failed to generate username: ';
    const DisplayName = named(call.request.caller?.displayName ?? '');
    made = template.generate({ Type, DisplayName, PolicyName: named(role) });
  } catch (error) {
    throw error instanceof NameTemplateError ? failure(`${prefix}${error.message}`) : error;
  }
  const longest = Type === 'IAM' ? LONGEST_USER : LONGEST_SESSION;
  if (made.length <= longest) return made;
  const what = `${Type} username length limits of ${longest} chars`;
  throw failure(`the username generated by the template exceeds the ${what}`);
}

/** What names at AWS may be made of. */
const plainName = (name: string): string => name.replaceAll(/[^a-zA-Z0-9+=,.@_-]/g, '_');

export async function renewUser(call: AwsCall): Promise<Answer> {
  const { secret } = call.request;
  if (secret?.internal['is_sts'] === true) return undefined;
  const lease = await call.store.lease.get('lease');
  return reply({ secret: { ...secret!, ttl: lease?.lease ?? 0, maxTtl: lease?.leaseMax ?? 0 } });
}
