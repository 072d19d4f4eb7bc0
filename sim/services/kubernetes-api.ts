/**
 * The Kubernetes API as far as service accounts, roles, bindings and their tokens go: what it keeps, what it refuses,
 * that what has an owner goes with it, and whose tokens are good.
 */
import { encodeBase64RawUrl } from '../../core/codec/base64.ts';
import { asList, asNumber, asObject, asString, asStrings } from '../../core/codec/json-fields.ts';
import { parse, print, type JsonObject, type JsonValue } from '../../core/codec/json.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { authenticated, bearerOf, OWN_AUDIENCE, reviewOf, userNamed, type Cluster } from './kubernetes-reviews.ts';
import { reply } from './json-reply.ts';

type Asked = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;

export interface KubernetesSettings {
  /** Labels by namespace. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `kind namespace/name` of what is there from the start; of what belongs to the cluster `kind /name`. */
  readonly objects: readonly string[];
  /** Longest life of a token in seconds, whatever is asked for. */
  readonly longestToken: number;
  /** `namespace/name` of service accounts that may have tokens reviewed. */
  readonly reviewers?: readonly string[];
  /** Whether the cluster has signed a token that it did not make here. */
  signed?(token: string): boolean;
  /** Odd answers: to a review (`tokenreviews NAMESPACE/NAME`), and to a look at a namespace (`namespaces NAME`). */
  odd?(what: string): HttpResponse | undefined;
  /** Unix seconds. */
  now(): number;
}

interface Place {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly token: boolean;
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1/';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const SHORTEST_TOKEN = 600;

export class KubernetesApi {
  /** What clients have to show. */
  readonly token = 'kube-admin-token';
  /** By `kind namespace/name`. */
  readonly objects = new Map<string, JsonObject>();
  /** Of tokens that were made: `namespace/account` and the Unix second until which each is good. */
  readonly tokens: { readonly account: string; readonly until: number }[] = [];
  readonly #settings: KubernetesSettings;
  readonly #signed = new Set<string>();
  readonly #cluster: Cluster;
  #made = 0;

  constructor(settings: KubernetesSettings) {
    this.#settings = settings;
    this.#cluster = {
      uidOf: (account) => asString(uidOf(this.objects.get(`serviceaccounts ${account}`))),
      signed: (token) => this.#signed.has(token) || settings.signed?.(token) === true,
      now: () => settings.now(),
    };
    for (const name of settings.objects) this.objects.set(name, { metadata: { uid: this.#uid() } });
  }

  answer(request: Asked): HttpResponse {
    const [path = ''] = request.url.split('?');
    const bearer = /^Bearer +(.+)$/.exec(request.headers.get('authorization')?.[0] ?? '')?.[1] ?? '';
    if (bearer !== this.token) {
      const who = authenticated(bearer, this.#cluster);
      if (who === undefined) return failure(401, 'Unauthorized', 'Unauthorized');
      if (path !== REVIEWS || this.#settings.reviewers?.includes(who.account) !== true) {
        return failure(403, 'Forbidden', `${path} is forbidden: User "${userNamed(who.account)}" may not ask for it`);
      }
    }
    if (path === REVIEWS) return this.#review(request);
    const namespace = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path)?.[1];
    if (namespace !== undefined && request.method === 'GET') return this.#namespace(namespace);
    const place = placeOf(path);
    if (place === undefined) return failure(404, 'NotFound', 'the server could not find the requested resource');
    if (request.method === 'DELETE') return this.#delete(place);
    if (request.method !== 'POST') return failure(405, 'MethodNotAllowed', 'the server does not allow this method');
    const sent = asObject(parse(request.body)) ?? {};
    return place.token ? this.#issue(place, sent) : this.#create(place, sent);
  }

  /** Service accounts, as `namespace/name`. */
  get accounts(): readonly string[] {
    const prefix = 'serviceaccounts ';
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }

  has(account: string): boolean {
    return this.objects.has(`serviceaccounts ${account}`);
  }

  make(account: string): void {
    this.objects.set(`serviceaccounts ${account}`, { metadata: { uid: this.#uid() } });
  }

  /** Gives the uid of the account that is no more. */
  unmake(account: string): string {
    const uid = asString(uidOf(this.objects.get(`serviceaccounts ${account}`))) ?? '';
    this.objects.delete(`serviceaccounts ${account}`);
    return uid;
  }

  /** A token for a service account that is there, as the cluster gives them to pods; '' where there is none. */
  tokenFor(account: string, seconds = 3_600, audiences: readonly string[] = [OWN_AUDIENCE]): string {
    const uid = this.#cluster.uidOf(account);
    if (uid === undefined) return '';
    const [namespace = '', name = ''] = account.split('/');
    const iat = this.#settings.now();
    const exp = iat + Math.min(seconds, this.#settings.longestToken);
    this.tokens.push({ account, until: exp });
    const claims = {
      aud: audiences,
      exp,
      iat,
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      sub: userNamed(account),
    };
    const token = [{ alg: 'RS256', kid: 'sim' }, claims, `signature ${this.tokens.length}`]
      .map((part) => encodeBase64RawUrl(encodeUtf8(print(part))))
      .join('.');
    this.#signed.add(token);
    return token;
  }

  #review({ method, body }: Asked): HttpResponse {
    if (method !== 'POST') return failure(405, 'MethodNotAllowed', 'the server does not allow this method');
    const sent = asObject(parse(body)) ?? {};
    const spec = asObject(sent['spec']) ?? {};
    const token = asString(spec['token']) ?? '';
    if (token === '') return failure(400, 'BadRequest', 'token is required for TokenReview in authentication');
    const odd = this.#settings.odd?.(`tokenreviews ${bearerOf(token)?.account ?? ''}`);
    if (odd !== undefined) return odd;
    const status = reviewOf(spec, this.#cluster);
    return reply(201, { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec, status });
  }

  #namespace(name: string): HttpResponse {
    const odd = this.#settings.odd?.(`namespaces ${name}`);
    if (odd !== undefined) return odd;
    const labels = this.#settings.namespaces[name];
    if (labels === undefined) return failure(404, 'NotFound', `namespaces "${name}" not found`);
    return reply(200, { kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels } });
  }

  #delete({ kind, namespace, name }: Place): HttpResponse {
    const key = `${kind} ${namespace}/${name}`;
    const uid = uidOf(this.objects.get(key));
    if (!this.objects.delete(key)) return failure(404, 'NotFound', `${resource(kind)} "${name}" not found`);
    for (const [other, object] of this.objects) {
      const owners = asList(asObject(object['metadata'])?.['ownerReferences']) ?? [];
      if (owners.some((owner) => asObject(owner)?.['uid'] === uid)) this.objects.delete(other);
    }
    return reply(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
  }

  #create({ kind, namespace }: Place, sent: JsonObject): HttpResponse {
    const metadata = asObject(sent['metadata']) ?? {};
    const name = asString(metadata['name']) ?? '';
    if (namespace !== '' && this.#settings.namespaces[namespace] === undefined) {
      return failure(404, 'NotFound', `namespaces "${namespace}" not found`);
    }
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
      return failure(422, 'Invalid', `${titles[kind]!} "${name}" is invalid: metadata.name: Invalid value: "${name}"`);
    }
    if (kind.endsWith('bindings') && asString(asObject(sent['roleRef'])?.['name']) === undefined) {
      return failure(422, 'Invalid', `${titles[kind]!} "${name}" is invalid: roleRef.name: Required value`);
    }
    const key = `${kind} ${namespace}/${name}`;
    if (this.objects.has(key)) return failure(409, 'AlreadyExists', `${resource(kind)} "${name}" already exists`);
    const made = { ...sent, metadata: { ...metadata, uid: this.#uid() } };
    this.objects.set(key, made);
    return reply(201, made);
  }

  #issue({ namespace, name }: Place, sent: JsonObject): HttpResponse {
    if (!this.objects.has(`serviceaccounts ${namespace}/${name}`)) {
      return failure(404, 'NotFound', `serviceaccounts "${name}" not found`);
    }
    const spec = asObject(sent['spec']) ?? {};
    const wanted = asNumber(spec['expirationSeconds']) ?? 3600;
    if (wanted < SHORTEST_TOKEN) {
      const why = 'may not specify a duration less than 10 minutes';
      const text = `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${wanted}: ${why}`;
      return failure(422, 'Invalid', text);
    }
    const token = this.tokenFor(`${namespace}/${name}`, wanted, asStrings(spec['audiences']));
    return reply(201, { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', status: { token } });
  }

  #uid(): string {
    return `00000000-0000-4000-8000-${String(++this.#made).padStart(12, '0')}`;
  }
}

const titles: Readonly<Record<string, string>> = {
  serviceaccounts: 'ServiceAccount',
  roles: 'Role.rbac.authorization.k8s.io',
  clusterroles: 'ClusterRole.rbac.authorization.k8s.io',
  rolebindings: 'RoleBinding.rbac.authorization.k8s.io',
  clusterrolebindings: 'ClusterRoleBinding.rbac.authorization.k8s.io',
};

const resource = (kind: string): string => (kind === 'serviceaccounts' ? kind : `${kind}.rbac.authorization.k8s.io`);

const uidOf = (object: JsonObject | undefined): JsonValue | undefined => asObject(object?.['metadata'])?.['uid'];

function placeOf(path: string): Place | undefined {
  const account = /^\/api\/v1\/namespaces\/([^/]+)\/(serviceaccounts)(?:\/([^/]+))?(\/token)?$/.exec(path);
  if (account !== null) {
    const [, namespace = '', kind = '', name = '', token] = account;
    return { kind, namespace, name, token: token !== undefined };
  }
  if (!path.startsWith(RBAC)) return undefined;
  const role = /^(?:namespaces\/([^/]+)\/(roles|rolebindings)|(clusterroles|clusterrolebindings))(?:\/([^/]+))?$/.exec(
    path.slice(RBAC.length),
  );
  if (role === null) return undefined;
  const [, namespace = '', inNamespace, inCluster, name = ''] = role;
  return { kind: inNamespace ?? inCluster ?? '', namespace, name, token: false };
}

const failure = (code: number, reason: string, message: string): HttpResponse =>
  reply(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
