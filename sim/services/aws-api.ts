/**
 * IAM and STS as far as credentials are made by them (their API references, 2010-05-08 and 2011-06-15): believes only
 * requests that are signed with a key it gave, and refuses what AWS refuses.
 */
import { escapeStrictly } from '../../core/codec/go-url.ts';
import { formatRfc3339, parseRfc3339 } from '../../core/codec/rfc3339.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { escapeXml } from '../../core/codec/xml.ts';
import { signAws } from '../../core/crypto/aws-sigv4.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';

export interface AwsUser {
  readonly id: string;
  readonly path: string;
  readonly boundary: string;
  readonly policies: Map<string, string>;
  readonly attached: Set<string>;
  readonly groups: Set<string>;
  readonly tags: Map<string, string>;
  /** By access key, oldest first. */
  readonly keys: Map<string, { readonly secret: string; readonly made: Micros }>;
}

/** Values become elements; an array becomes members. */
type Tree = { readonly [name: string]: string | Tree | readonly (string | Tree)[] };
type Form = Readonly<Record<string, string>>;

/** What AWS refuses. */
class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const MOST_KEYS = 2;
const ACCOUNT = '123456789012';

export class AwsApi {
  /** Who the engine is configured as. */
  readonly admin = { name: 'admin', accessKey: 'AKIAADMIN', secretKey: 'admin-secret' };
  readonly users = new Map<string, AwsUser>();
  /** Groups with their managed and their own policies. */
  readonly groups = new Map<string, { readonly attached: readonly string[]; readonly policies: Map<string, string> }>();
  /** Actions, in order; only those that were believed. */
  readonly done: string[] = [];
  /** Actions that are refused from now on. */
  readonly denied = new Set<string>();
  readonly #crypto: Crypto;
  readonly #now: () => Micros;
  #made = 0;

  /** `now` is wall time. */
  constructor(crypto: Crypto, now: () => Micros) {
    this.#crypto = crypto;
    this.#now = now;
    const keys = new Map([[this.admin.accessKey, { secret: this.admin.secretKey, made: now() }]]);
    this.users.set(this.admin.name, { ...this.#fresh(), keys });
  }

  answer(request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>): HttpResponse {
    const form = formOf(decodeUtf8(request.body));
    const action = form['Action'] ?? '';
    try {
      const caller = this.#believed(request);
      if (this.denied.has(action)) {
        const arn = `arn:aws:iam::${ACCOUNT}:user/${caller}`;
        throw new Refusal('AccessDenied', `User: ${arn} is not authorized to perform: iam:${action}`, 403);
      }
      const result = this.#do(action, form, caller);
      this.done.push(action);
      return reply(
        200,
        `<${action}Response>${xml({ [`${action}Result`]: result })}<ResponseMetadata/></${action}Response>`,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const said = xml({ Error: { Type: 'Sender', Code: error.code, Message: error.message }, RequestId: 'r1' });
      return reply(error.status, `<ErrorResponse>${said}</ErrorResponse>`);
    }
  }

  /** The name of the user that signed. */
  #believed({ method, url, headers, body }: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>): string {
    const header = (name: string): string => headers.get(name)?.[0] ?? '';
    const found = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(header('authorization'));
    const [, accessKey = '', region = '', service = ''] = found ?? [];
    for (const [name, { keys }] of this.users) {
      const secret = keys.get(accessKey)?.secret;
      if (secret === undefined) continue;
      const signed = { accessKey, secretKey: secret, sessionToken: '' };
      const own = { 'Content-Type': header('content-type') };
      const whole = { method, url: `http://${header('host')}${url}`, headers: own, body };
      const at = dateOf(header('x-amz-date'));
      const expected = signAws(whole, signed, { region, service }, at, this.#crypto)['Authorization'];
      if (expected === header('authorization') && Math.abs(at - this.#now()) < 900 * SECOND) return name;
      throw new Refusal(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided.',
        403,
      );
    }
    throw new Refusal('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }

  #do(action: string, form: Form, caller: string): Tree {
    const name = form['UserName'] ?? caller;
    switch (action) {
      case 'GetUser':
        return { User: { UserName: name, UserId: this.#user(name).id, Path: this.#user(name).path } };
      case 'CreateUser':
        return this.#create(name, form);
      case 'DeleteUser':
        return this.#delete(name);
      case 'AttachUserPolicy':
        this.#user(name).attached.add(form['PolicyArn'] ?? '');
        return {};
      case 'DetachUserPolicy':
        this.#user(name).attached.delete(form['PolicyArn'] ?? '');
        return {};
      case 'PutUserPolicy':
        this.#user(name).policies.set(form['PolicyName'] ?? '', form['PolicyDocument'] ?? '');
        return {};
      case 'DeleteUserPolicy':
        this.#user(name).policies.delete(form['PolicyName'] ?? '');
        return {};
      case 'AddUserToGroup':
        this.#group(form['GroupName'] ?? '');
        this.#user(name).groups.add(form['GroupName'] ?? '');
        return {};
      case 'RemoveUserFromGroup':
        this.#user(name).groups.delete(form['GroupName'] ?? '');
        return {};
      case 'TagUser':
        for (let at = 1; form[`Tags.member.${at}.Key`] !== undefined; at++) {
          this.#user(name).tags.set(form[`Tags.member.${at}.Key`]!, form[`Tags.member.${at}.Value`] ?? '');
        }
        return {};
      case 'ListGroupsForUser':
        return { Groups: [...this.#user(name).groups].map((GroupName) => ({ GroupName })) };
      case 'ListUserPolicies':
        return { PolicyNames: [...this.#user(name).policies.keys()] };
      case 'ListAttachedUserPolicies':
        return { AttachedPolicies: [...this.#user(name).attached].map((PolicyArn) => ({ PolicyArn })) };
      case 'ListAccessKeys':
        return { AccessKeyMetadata: this.#listedKeys(name) };
      case 'CreateAccessKey':
        return { AccessKey: this.#key(name) };
      case 'DeleteAccessKey':
        if (!this.#user(name).keys.delete(form['AccessKeyId'] ?? '')) {
          throw missing(`The Access Key with id ${form['AccessKeyId']} cannot be found.`);
        }
        return {};
      case 'ListAttachedGroupPolicies':
        return {
          AttachedPolicies: this.#group(form['GroupName'] ?? '').attached.map((PolicyArn) => ({ PolicyArn })),
        };
      case 'ListGroupPolicies':
        return { PolicyNames: [...this.#group(form['GroupName'] ?? '').policies.keys()] };
      case 'GetGroupPolicy': {
        const { policies } = this.#group(form['GroupName'] ?? '');
        return { PolicyDocument: escapeStrictly(policies.get(form['PolicyName'] ?? '') ?? '') };
      }
      case 'AssumeRole': {
        const Arn = `${(form['RoleArn'] ?? '').replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${form['RoleSessionName']}`;
        return { ...this.#session(form), AssumedRoleUser: { Arn } };
      }
      case 'GetFederationToken':
      case 'GetSessionToken':
        return this.#session(form);
      default:
        throw new Refusal('InvalidAction', `Could not find operation ${action}`, 400);
    }
  }

  #user(name: string): AwsUser {
    const user = this.users.get(name);
    if (user === undefined) throw missing(`The user with name ${name} cannot be found.`);
    return user;
  }

  #group(name: string) {
    const group = this.groups.get(name);
    if (group === undefined) throw missing(`The group with name ${name} cannot be found.`);
    return group;
  }

  #fresh(path = '/', boundary = ''): AwsUser {
    const id = `AIDA${++this.#made}`;
    return {
      id,
      path,
      boundary,
      policies: new Map(),
      attached: new Set(),
      groups: new Set(),
      tags: new Map(),
      keys: new Map(),
    };
  }

  #create(name: string, form: Form): Tree {
    if (this.users.has(name)) {
      throw new Refusal('EntityAlreadyExists', `User with name ${name} already exists.`, 409);
    }
    const user = this.#fresh(form['Path'], form['PermissionsBoundary']);
    this.users.set(name, user);
    return { User: { UserName: name, UserId: user.id, Path: user.path } };
  }

  #delete(name: string): Tree {
    const { keys, attached, policies, groups } = this.#user(name);
    if (keys.size + attached.size + policies.size + groups.size > 0) {
      throw new Refusal('DeleteConflict', 'Cannot delete entity, must remove everything of it first.', 409);
    }
    this.users.delete(name);
    return {};
  }

  #listedKeys(name: string): readonly Tree[] {
    return [...this.#user(name).keys].map(([AccessKeyId, { made }]) => ({
      UserName: name,
      AccessKeyId,
      CreateDate: formatRfc3339(made),
    }));
  }

  #key(name: string): Tree {
    const { keys } = this.#user(name);
    if (keys.size >= MOST_KEYS) throw new Refusal('LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2', 409);
    const AccessKeyId = `AKIA${++this.#made}`;
    const secret = `secret/of+${AccessKeyId}`;
    keys.set(AccessKeyId, { secret, made: this.#now() });
    return { UserName: name, AccessKeyId, SecretAccessKey: secret };
  }

  #session(form: Form): Tree {
    const number = ++this.#made;
    const until = this.#now() + Number(form['DurationSeconds']) * SECOND;
    const told = { AccessKeyId: `ASIA${number}`, SecretAccessKey: `session${number}`, SessionToken: `token${number}` };
    return { Credentials: { ...told, Expiration: formatRfc3339(until) } };
  }
}

const missing = (message: string): Refusal => new Refusal('NoSuchEntity', message, 404);

const reply = (status: number, body: string): HttpResponse => ({
  status,
  headers: [['Content-Type', 'text/xml']],
  body: encodeUtf8(body),
});

const xml = (tree: Tree): string =>
  Object.entries(tree)
    .map(([name, value]) => `<${name}>${inner(value)}</${name}>`)
    .join('');

function inner(value: Tree[string]): string {
  if (typeof value === 'string') return escapeXml(value);
  if (!Array.isArray(value)) return xml(value as Tree);
  return (value as readonly (string | Tree)[]).map((one) => `<member>${inner(one)}</member>`).join('');
}

function formOf(text: string): Record<string, string> {
  const pairs = text.split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]);
  return Object.fromEntries(pairs);
}

/** `20261128T035311Z` in wall micros. */
function dateOf(text: string): Micros {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return year === undefined ? 0 : (parseRfc3339(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) ?? 0);
}
