/** The calls of the Kubernetes API that make and end service accounts, roles, bindings and tokens. */
import { asObject, asString, asStringMap } from '../../codec/json-fields.ts';
import { JsonError, parse, print, type JsonObject } from '../../codec/json.ts';
import { cleanGoPath } from '../../codec/go-path.ts';
import { quote } from '../../codec/go-quote.ts';
import { parseGoUrl } from '../../codec/go-url.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { askWeb, parseBase, WebError } from '../../framework/web-call.ts';
import { MINUTE, type OutgoingResponse, type Runtime } from '../../runtime.ts';

/** How the API is reached, with everything filled in. */
export interface Access {
  readonly host: string;
  /** PEM; '' for the machine's authorities. */
  readonly ca: string;
  readonly token: string;
}

/** The API answered, and refuses; in its words. */
export class KubernetesRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'KubernetesRefusal';
    this.status = status;
  }
}

export const isKubernetesError = (error: unknown): error is KubernetesRefusal | WebError =>
  error instanceof KubernetesRefusal || error instanceof WebError;

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const TIMEOUT = MINUTE;

/** What a thing belongs to, so that it goes with it. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>> | null;
}

/**
 * Where the API is, as client-go reads it: what has no scheme and host of its own is a host, with a port or without, and
 * nothing behind it. Of an address the path counts, and what follows it does not. Throws WebError.
 */
function baseOf(host: string): string {
  const whole = urlFault(host) === undefined ? parseGoUrl(host) : undefined;
  const isAddress = whole !== undefined && whole.host !== '' && /^[A-Za-z][A-Za-z0-9+.-]*:/.test(host);
  const text = isAddress ? host : `http://${host}`;
  if (/^[^/]*\/\/[^/]*\s/.test(text)) throw new WebError(`parse ${quote(text)}: invalid character " " in host name`);
  const fault = urlFault(text);
  if (fault !== undefined) throw new WebError(fault);
  const base = parseBase(text.replace(/[?#].*$/s, ''));
  const [, origin = '', path = ''] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*)(.*)$/s.exec(base)!;
  if (!isAddress && path !== '' && path !== '/') {
    throw new WebError(`host must be a URL or a host:port pair: ${quote(host)}`);
  }
  return origin + cleanGoPath(`/${path}`).replace(/\/$/, '');
}

/** Every method rejects with KubernetesRefusal, or with WebError when there was no answer. */
export class KubernetesClient {
  readonly #runtime: Runtime;
  readonly #access: Access;
  readonly #base: string;

  /** Throws WebError for an address that is none. */
  constructor(runtime: Runtime, access: Access) {
    this.#runtime = runtime;
    this.#access = access;
    this.#base = baseOf(access.host);
  }

  async labelsOf(namespace: string): Promise<Readonly<Record<string, string>>> {
    const answer = await this.#ask('GET', `/api/v1/namespaces/${named(namespace)}`);
    return asStringMap(asObject(answer['metadata'])?.['labels']) ?? {};
  }

  /** A token of a service account, for so many seconds. */
  async makeToken(namespace: string, name: string, seconds: number, audiences: readonly string[]): Promise<string> {
    const answer = await this.#ask('POST', `${accountsIn(namespace)}/${named(name)}/token`, {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: { audiences: audiences.length === 0 ? null : audiences, expirationSeconds: seconds, boundObjectRef: null },
    });
    return asString(asObject(answer['status'])?.['token']) ?? '';
  }

  async makeServiceAccount(namespace: string, name: string, marks: Marks, owner: Owner): Promise<void> {
    await this.#ask('POST', accountsIn(namespace), {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: metadata(name, namespace, marks, owner),
    });
  }

  async deleteServiceAccount(namespace: string, name: string): Promise<void> {
    await this.#delete(`${accountsIn(namespace)}/${named(name)}`);
  }

  async makeRole(
    kind: string,
    namespace: string,
    name: string,
    marks: Marks,
    rules: readonly JsonObject[],
  ): Promise<Owner> {
    const inside = kind === 'Role' ? namespace : '';
    return this.#own(kind, name, pathOf(kind, inside), { metadata: metadata(name, inside, marks), rules });
  }

  async deleteRole(kind: string, namespace: string, name: string): Promise<void> {
    await this.#delete(`${pathOf(kind, kind === 'Role' ? namespace : '')}/${named(name)}`);
  }

  /** Binds the service account of the same name to a role. */
  async makeBinding(
    cluster: boolean,
    namespace: string,
    name: string,
    marks: Marks,
    role: { readonly kind: string; readonly name: string },
    owner?: Owner,
  ): Promise<Owner> {
    const kind = cluster ? 'ClusterRoleBinding' : 'RoleBinding';
    const inside = cluster ? '' : namespace;
    return this.#own(kind, name, pathOf(kind, inside), {
      metadata: metadata(name, inside, marks, owner),
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
      roleRef: { apiGroup: '', ...role },
    });
  }

  async deleteBinding(cluster: boolean, namespace: string, name: string): Promise<void> {
    const kind = cluster ? 'ClusterRoleBinding' : 'RoleBinding';
    await this.#delete(`${pathOf(kind, cluster ? '' : namespace)}/${named(name)}`);
  }

  async #own(kind: string, name: string, path: string, fields: JsonObject): Promise<Owner> {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const answer = await this.#ask('POST', path, { kind, apiVersion, ...fields });
    return { apiVersion, kind, name, uid: asString(asObject(answer['metadata'])?.['uid']) ?? '' };
  }

  /** What is gone already is no error. */
  async #delete(path: string): Promise<void> {
    try {
      await this.#ask('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1' });
    } catch (error) {
      if (!(error instanceof KubernetesRefusal) || error.status !== 404) throw error;
    }
  }

  async #ask(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    const { token, ca } = this.#access;
    const answer = await askWeb(this.#runtime.web, {
      method,
      url: this.#base + path,
      headers: {
        Accept: 'application/json',
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: encodeUtf8(print(body)) }),
      timeout: TIMEOUT,
      ...(ca === '' ? {} : { tls: { ca } }),
    });
    const fields = fieldsIn(answer);
    if (answer.status < 400) return fields;
    throw new KubernetesRefusal(answer.status, asString(fields['message']) ?? 'unknown');
  }
}

function fieldsIn({ body }: OutgoingResponse): JsonObject {
  try {
    return asObject(parse(body)) ?? {};
  } catch (error) {
    if (error instanceof JsonError) return {};
    throw error;
  }
}

/** What would lead elsewhere is refused before it is asked for, as client-go does. */
function segment(what: string, text: string): string {
  const wrong = /^\.\.?$/.test(text)
    ? [`may not be '${text}'`]
    : ['/', '%'].filter((mark) => text.includes(mark)).map((mark) => `may not contain '${mark}'`);
  if (wrong.length > 0) throw new WebError(`invalid ${what} ${quote(text)}: [${wrong.join(' ')}]`);
  return text;
}

const named = (name: string): string => segment('resource name', name);

const within = (namespace: string): string => `/namespaces/${segment('namespace', namespace)}`;

const accountsIn = (namespace: string): string => `/api/v1${within(namespace)}/serviceaccounts`;

const pathOf = (kind: string, namespace: string): string =>
  `${RBAC}${namespace === '' ? '' : within(namespace)}/${kind.toLowerCase()}s`;

function metadata(name: string, namespace: string, { labels, annotations }: Marks, owner?: Owner): JsonObject {
  return {
    name,
    ...(namespace === '' ? {} : { namespace }),
    labels,
    ...(annotations === null ? {} : { annotations }),
    ...(owner === undefined ? {} : { ownerReferences: [{ ...owner }] }),
  };
}
