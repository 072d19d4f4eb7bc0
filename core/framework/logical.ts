/**
 * What passes between the request path and a backend (a mounted engine, an auth method, or `sys/`).
 * Plain data: how a backend is declared is in `engine.ts`, how a request gets here in `server/request.ts`.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type { ExternalKey } from './external-key.ts';
import type { Runtime } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';

export type Operation =
  | 'create'
  | 'read'
  | 'update'
  | 'delete'
  | 'list'
  | 'scan'
  | 'patch'
  | 'header'
  | 'help'
  | 'options'
  | 'renew'
  | 'revoke'
  | 'rollback'
  | 'alias-lookahead'
  | 'resolve-role';

export type TokenType = 'default' | 'service' | 'batch' | 'default-service' | 'default-batch';

/** The mount a request was routed to. */
export interface MountInfo {
  /** With trailing '/', auth mounts with 'auth/' in front. */
  readonly point: string;
  readonly type: string;
  readonly accessor: string;
  readonly class: 'secret' | 'auth' | 'system';
  readonly uuid: string;
}

export interface Namespace {
  /** 'root', or 6 base62 characters. */
  readonly id: string;
  readonly uuid: string;
  /** '' for root, else with trailing '/'. */
  readonly path: string;
}

/** Who asks, as far as a backend may know. */
export interface Caller {
  readonly clientToken: string;
  readonly accessor: string;
  readonly tokenType: TokenType;
  readonly policies: readonly string[];
  readonly displayName: string;
  readonly entityId: string;
  /** Where the caller's token is from. */
  readonly namespaceId: string;
  /** The caller's cubbyhole folder; '' where there is none. */
  readonly cubbyholeId: string;
}

export interface WrapRequest {
  /** Micros. */
  readonly ttl: number;
  readonly format: 'uuid' | 'jwt';
}

export interface Request {
  /** UUID; the envelope's request_id. */
  readonly id: string;
  operation: Operation;
  /** In the router's terms first ('secret/data/a'), relative to the mount once routed ('data/a'). */
  path: string;
  /** How a multiplexer sees the path, where a slash of it came in percents: with U+0000 in its place. */
  readonly asSent?: string;
  /** Body fields, or query parameters for GET, DELETE, LIST, SCAN, HEAD. */
  data: JsonObject;
  readonly namespace: Namespace;
  mount?: MountInfo;
  /** Set by the router: the mount's view. */
  storage?: Storage;
  /** Absent for unauthenticated paths called without a token. */
  caller?: Caller;
  readonly clientToken: string;
  /** The signed form in which it came, if it did. */
  readonly tokenAsSent?: string;
  /** Likewise of the token that the body names. */
  readonly namedAsSent?: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly remote: { readonly address: string; readonly port: number };
  readonly clientCertificates?: readonly Uint8Array[];
  wrap?: WrapRequest;
  /** For operation 'renew' and 'revoke' on a lease of this backend. */
  secret?: Secret;
  auth?: Auth;
  readonly unauthenticated: boolean;
  /** True on a node that must not write (a standby serving reads). */
  readonly standby: boolean;
  /** Carried out after those had agreed who have to: nobody is asked again. */
  readonly approved?: true;
  /** Bodies that are not JSON (snapshot restore) come here. */
  readonly rawBody?: Uint8Array;
}

/** TTLs in micros. */
export interface LeaseOptions {
  ttl: number;
  maxTtl: number;
  renewable: boolean;
  increment?: number;
  /** Wall micros. */
  issueTime?: number;
}

/** A leased secret. `internal` comes back at renewal and revocation; it never reaches the client. */
export interface Secret extends LeaseOptions {
  internal: JsonObject;
  leaseId?: string;
}

export interface Alias {
  readonly mountAccessor: string;
  readonly mountType: string;
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a login answers; the request path turns it into a token. */
export interface Auth extends LeaseOptions {
  internal: JsonObject;
  displayName: string;
  /** As the method gave them; the request path sanitises. */
  policies: string[];
  metadata: Record<string, string>;
  /** It was given, be it without anything in it: it is shown as it is, not as null. */
  metadataGiven?: boolean;
  noDefaultPolicy?: boolean;
  numUses?: number;
  period?: number;
  explicitMaxTtl?: number;
  tokenType: TokenType;
  boundCidrs?: string[];
  strictlyBindIp?: boolean;
  alias?: Alias;
  /** What the method calls the groups of who logs in: aliases of external groups on its mount. */
  groupAliases?: readonly string[];
  orphan?: boolean;
  /** Filled in by the request path. */
  clientToken?: string;
  accessor?: string;
  entityId?: string;
  tokenPolicies?: string[];
  identityPolicies?: string[];
  /** The login waits to be confirmed: there is no token yet. */
  mfaRequirement?: JsonObject;
  /** The login made the entity. */
  entityCreated?: boolean;
  /** The path that the token store made it at; logins and wrapping leave it out. */
  creationPath?: string;
}

export interface Raw {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly follow?: Follow;
}

/** What follows upon a body, piece by piece as it comes, until the client leaves: gives what stops it. */
export type Follow = (write: (text: string) => void) => () => void;

export interface WrapInfo {
  token: string;
  /** The token in a JWT, which is what is audited. */
  inside?: string;
  accessor: string;
  /** Micros. */
  ttl: number;
  /** Wall micros. */
  creationTime: number;
  creationPath: string;
  wrappedAccessor?: string;
}

/** `data` absent prints as null; a Map keeps its order, a plain object prints sorted. */
export interface Response {
  data?: JsonObject | ReadonlyMap<string, JsonValue>;
  secret?: Secret;
  auth?: Auth;
  wrapInfo?: WrapInfo;
  warnings?: string[];
  /** Replaces the JSON envelope altogether. */
  raw?: Raw;
  /** Status other than the derived one (200, 204, 404), e.g. 202 or a 404 that carries data. */
  status?: number;
  headers?: Readonly<Record<string, readonly string[]>>;
  redirect?: string;
}

/** What a mount's backend may ask of the system it is mounted in. TTLs in micros. */
export interface SystemView {
  defaultLeaseTtl(): number;
  maxLeaseTtl(): number;
  /** True where writes are possible. */
  readonly active: boolean;
  readonly clusterId: string;
  /** The entity's metadata for templating, when there is one. */
  entity(id: string): Promise<JsonObject | undefined>;
  /** '': the usual kind. Rejects for a policy that is not there, or that no password keeps. */
  generatePassword(policy: string): Promise<string>;
  /**
   * Fills in `{{identity.…}}` for an entity. A value that has one of the `forbidden` texts in it is refused. Rejects
   * with TemplateError.
   */
  fillTemplate(text: string, entityId: string, forbidden: readonly string[]): Promise<string>;
  /** A key elsewhere, `<configuration>:<key>`, that this mount was granted. Rejects with ExternalKeyProblem. */
  externalKey(reference: string): Promise<ExternalKey>;
}

/** What a backend is made with at mount time. */
export interface BackendContext {
  /** Names in its log are relative to the mount's: '' is 'secrets.kv.kv_0123abcd'. */
  readonly runtime: Runtime;
  readonly mount: MountInfo;
  /** The mount's own view. */
  readonly storage: Storage;
  readonly options: Readonly<Record<string, string>>;
  readonly system: SystemView;
  /** The mount's backend-aware UUID, under which KV version 2 stores; the mount's own UUID unless given. */
  readonly backendUuid?: string;
  /** The node's version, for OpenAPI; '2.7.2' unless given. */
  readonly version?: string;
}

/** A mounted backend, as the router sees it. Made by the framework from a declaration. */
export interface Backend {
  readonly type: string;
  /** Undefined is a nil response: 404 on reads and lists, 204 on writes. Faults reject. */
  handle(request: Request): Promise<Response | undefined>;
  /**
   * Whether the object that a write goes to exists: decides between create and update.
   * Undefined: the path has no existence check (always update).
   */
  exists(request: Request): Promise<boolean | undefined>;
  /** The path that a request for `path` with this data is taken for; undefined where names have one spelling. */
  resolve?(path: string, data: JsonObject): string | undefined;
  /** Patterns relative to the mount, '*' at the end for prefixes and '+' for one segment. */
  readonly special: SpecialPaths;
  /** After unseal (or after mounting). May write only when `system.active`. */
  initialize?(): Promise<void>;
  /** A key of this backend's storage changed elsewhere (standby). Key is relative to the mount's view. */
  invalidate?(key: string): void;
  /** Every minute on the active node. */
  periodic?(): Promise<void>;
  /** Before unmount or seal. */
  stop?(): void;
  /** Paths in OpenAPI form, for `sys/internal/specs/openapi` and help. */
  openapi?(): ApiDocument;
}

/** What OpenAPI says of one path, in the order in which it is printed. */
export type ApiItem = ReadonlyMap<string, JsonValue>;

export interface ApiDocument {
  readonly info: JsonValue;
  /** Sorted, relative to the mount, with a leading '/'. */
  readonly paths: ReadonlyMap<string, ApiItem>;
  readonly schemas: JsonObject;
}

export interface SpecialPaths {
  /** Need sudo. */
  readonly root: readonly string[];
  readonly unauthenticated: readonly string[];
  /** Allow the request body to be anything. */
  readonly binary: readonly string[];
  /** Limited to the root namespace etc. may follow. */
}
