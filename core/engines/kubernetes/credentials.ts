/** Tokens of service accounts with a lease; where the account is made for it, it goes with the lease. */
import { decodeBase64RawUrl } from '../../codec/base64.ts';
import { formatDuration } from '../../codec/duration.ts';
import { asNumber, asObject } from '../../codec/json-fields.ts';
import { parse, type JsonObject } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { failure, Fault, refuse } from '../../fault.ts';
import type { Secret } from '../../framework/logical.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { deleteWal, putWal } from '../../framework/wal.ts';
import { HOUR, SECOND, type Micros } from '../../runtime.ts';
import type { KubernetesCall } from './call.ts';
import { isKubernetesError, type KubernetesClient, type Marks, type Owner } from './client.ts';
import { clientFor } from './config.ts';
import { ObjectError, parseRules, parseSelector, selects } from '../../framework/kubernetes/objects.ts';
import type { KubernetesRole } from './role.ts';

export const TOKEN_SECRET = 'kube_token';
export const SUBJECT = 'kubesecrets.nameMetadata';
export const NAME_TEMPLATE =
  '{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 8) (.RoleName | truncate 8) (unix_time) (random 24) | truncate 62 | lowercase }}';

/** After so long what could not be undone is given up. */
const LONGEST_UNDOING: Micros = 24 * HOUR;

const LABELS = {
  'app.kubernetes.io/managed-by': 'HashiCorp-Vault',
  'app.kubernetes.io/created-by': 'vault-plugin-secrets-kubernetes',
};

export interface TokenInput {
  readonly name: string;
  readonly kubernetes_namespace: string;
  readonly cluster_role_binding: boolean;
  readonly ttl: Micros;
  readonly audiences: readonly string[];
}

export async function makeToken(sent: TokenInput, call: KubernetesCall): Promise<Answer> {
  const role = await call.store.roles.get(sent.name);
  if (role === undefined) throw refuse(`role '${sent.name}' does not exist`);
  const namespace = await namespaceFor(sent.kubernetes_namespace, role, call);
  if (sent.cluster_role_binding && role.roleType === 'Role') throw refuse('a ClusterRoleBinding cannot ref a Role');
  const client = await clientOf(call);
  const name = nameFor(role, call);
  const warnings: string[] = [];
  const ttl = ttlOf(sent.ttl, role, call, warnings);
  const audiences = sent.audiences.length === 0 ? (role.audiences ?? []) : sent.audiences;
  const made = await new Making(call, client, role, namespace, name, sent.cluster_role_binding).make(ttl, audiences);
  const lasts = tokenTtl(made.token);
  if (lasts !== ttl) warnings.push(ttlWarning(lasts, ttl));
  const secret: Secret = {
    ...call.secret(TOKEN_SECRET, { role: sent.name, service_account_namespace: namespace, ...made.internal }),
    ttl: Math.min(lasts, ttl),
    maxTtl: role.maxTtl,
  };
  if (made.wal !== undefined) await deleteWal(call.storage, made.wal);
  const data = {
    service_account_namespace: namespace,
    service_account_name: made.account,
    service_account_token: made.token,
  };
  return reply({ data, secret, ...(warnings.length === 0 ? {} : { warnings }) });
}

const clientOf = async ({ runtime, store }: KubernetesCall): Promise<KubernetesClient> =>
  clientFor(runtime, await store.config.get('config'));

async function namespaceFor(sent: string, role: KubernetesRole, call: KubernetesCall): Promise<string> {
  const listed = role.namespaces ?? [];
  if (sent === '') {
    const [only] = listed;
    if (role.selector === '' && listed.length === 1 && only !== '' && only !== '*') return only!;
    throw unverified("'kubernetes_namespace' is required unless the OpenBao role has a single namespace specified");
  }
  if (listed.includes('*') || listed.includes(sent)) return sent;
  if (role.selector !== '' && (await isSelected(sent, role.selector, call))) return sent;
  throw refuse(
    `kubernetes_namespace '${sent}' is not present in role's allowed_kubernetes_namespaces or does not match role's label selector allowed_kubernetes_namespace_selector`,
  );
}

const unverified = (why: string): Fault => failure(`error verifying namespace: ${why}`);

async function isSelected(namespace: string, source: string, call: KubernetesCall): Promise<boolean> {
  try {
    const selector = parseSelector(source);
    const client = await clientOf(call);
    return selects(selector, await client.labelsOf(namespace));
  } catch (error) {
    if (error instanceof ObjectError || isKubernetesError(error)) throw unverified(error.message);
    throw error instanceof Fault ? unverified(error.message) : error;
  }
}

function nameFor(role: KubernetesRole, call: KubernetesCall): string {
  const text = role.nameTemplate === '' ? NAME_TEMPLATE : role.nameTemplate;
  const subject = { DisplayName: call.request.caller?.displayName ?? '', RoleName: role.name };
  try {
    return new NameTemplate(text, call.runtime, SUBJECT).generate(subject);
  } catch (error) {
    throw error instanceof NameTemplateError ? failure(`failed to generate name: ${error.message}`) : error;
  }
}

function ttlOf(sent: Micros, role: KubernetesRole, { system }: KubernetesCall, warnings: string[]): Micros {
  let ttl = sent > 0 ? sent : role.defaultTtl > 0 ? role.defaultTtl : system.defaultLeaseTtl();
  const cap = (most: Micros, whose: string): void => {
    if (ttl <= most) return;
    warnings.push(
      `ttl of ${formatDuration(ttl)} is greater than ${whose} ${formatDuration(most)}; capping accordingly`,
    );
    ttl = most;
  };
  if (role.maxTtl > 0) cap(role.maxTtl, "the role's token_max_ttl of");
  cap(system.maxLeaseTtl(), "OpenBao's max lease ttl");
  return ttl;
}

/** By what the token says of itself. */
function tokenTtl(token: string): Micros {
  const claims = asObject(parse(decodeBase64RawUrl(token.split('.')[1] ?? ''))) ?? {};
  return ((asNumber(claims['exp']) ?? 0) - (asNumber(claims['iat']) ?? 0)) * SECOND;
}

function ttlWarning(lasts: Micros, ttl: Micros): string {
  const start = `the created Kubernetes service accout token TTL ${formatDuration(lasts)} is`;
  return lasts > ttl
    ? `${start} greater than the OpenBao lease TTL ${formatDuration(ttl)}`
    : `${start} less than the OpenBao lease TTL ${formatDuration(ttl)}; capping the lease TTL accordingly`;
}

interface Made {
  readonly account: string;
  readonly token: string;
  readonly internal: JsonObject;
  /** What is to be struck out now that all is done. */
  readonly wal: string | undefined;
}

/** One chain of objects: a role, a binding, an account, a token; as much of it as the role asks for. */
class Making {
  readonly #call: KubernetesCall;
  readonly #client: KubernetesClient;
  readonly #role: KubernetesRole;
  readonly #namespace: string;
  readonly #name: string;
  readonly #cluster: boolean;
  readonly #marks: Marks;

  constructor(
    call: KubernetesCall,
    client: KubernetesClient,
    role: KubernetesRole,
    namespace: string,
    name: string,
    cluster: boolean,
  ) {
    this.#call = call;
    this.#client = client;
    this.#role = role;
    this.#namespace = namespace;
    this.#name = name;
    this.#cluster = cluster;
    this.#marks = { labels: { ...role.labels, ...LABELS }, annotations: role.annotations };
  }

  async make(ttl: Micros, audiences: readonly string[]): Promise<Made> {
    const { serviceAccount, roleName } = this.#role;
    if (serviceAccount !== '') {
      const token = await this.#token(serviceAccount, ttl, audiences);
      return { account: serviceAccount, token, internal: this.#internal('', '', ''), wal: undefined };
    }
    const name = this.#name;
    const wal = roleName === '' ? await this.#ownRole() : await this.#ownBinding();
    const token = await this.#token(name, ttl, audiences);
    return { account: name, token, internal: this.#internal(name, name, roleName === '' ? name : ''), wal };
  }

  #internal(account: string, binding: string, role: string): JsonObject {
    return {
      cluster_role_binding: this.#cluster,
      created_service_account: account,
      created_role_binding: binding,
      created_role: role,
      created_role_type: this.#role.roleType,
    };
  }

  async #token(account: string, ttl: Micros, audiences: readonly string[]): Promise<string> {
    const seconds = Math.floor(ttl / SECOND);
    return this.#told(
      `failed to create a service account token for ${this.#namespace}/${account}`,
      this.#client.makeToken(this.#namespace, account, seconds, audiences),
    );
  }

  /** The binding owns the account. */
  async #ownBinding(): Promise<string> {
    const wal = await this.#intend('roleBinding', { IsCluster: this.#cluster });
    await this.#account(await this.#binding(this.#role.roleName));
    return wal;
  }

  /** The role owns the binding and the account. */
  async #ownRole(): Promise<string> {
    const { roleType, rules } = this.#role;
    const wal = await this.#intend('role', { RoleType: roleType });
    const owner = await this.#told(
      `failed to create Role/ClusterRole '${this.#namespace}/${this.#name}`,
      this.#client.makeRole(roleType, this.#namespace, this.#name, this.#marks, parseRules(rules)),
    );
    await this.#binding(this.#name, owner);
    await this.#account(owner);
    return wal;
  }

  #intend(kind: string, data: JsonObject): Promise<string> {
    const { runtime, storage } = this.#call;
    const Expiration = formatRfc3339(runtime.clock.wall() + LONGEST_UNDOING);
    const entry = { Namespace: this.#namespace, Name: this.#name, ...data, Expiration };
    return putWal(runtime, storage, kind, entry);
  }

  #binding(role: string, owner?: Owner): Promise<Owner> {
    const { roleType: kind } = this.#role;
    const ref = { kind, name: role };
    return this.#told(
      `failed to create RoleBinding/ClusterRoleBinding '${this.#name}' for ${role}`,
      this.#client.makeBinding(this.#cluster, this.#namespace, this.#name, this.#marks, ref, owner),
    );
  }

  #account(owner: Owner): Promise<void> {
    return this.#told(
      `failed to create service account '${this.#namespace}/${this.#name}'`,
      this.#client.makeServiceAccount(this.#namespace, this.#name, this.#marks, owner),
    );
  }

  async #told<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw isKubernetesError(error) ? failure(`${what}: ${error.message}`) : error;
    }
  }
}
