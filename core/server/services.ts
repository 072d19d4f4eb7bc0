/**
 * What the request path and the node need of the services beside them. A service is made at post-unseal from a
 * `ServiceContext` and dropped at seal; it keeps no state that is not in storage or rebuilt from it.
 *
 *   policy/   createPolicies(context): Policies
 *   tokens/   createTokens(context): Tokens
 *   leases/   createLeases(context): Leases
 *   wrapping/ createWrapping(context): Wrapping
 *   identity/ createIdentity(context): Identity
 *
 * The context hands out its siblings as properties that are read when used, never while a service is being made.
 */
import type { JsonObject } from '../codec/json.ts';
import type {
  Alias,
  Auth,
  Backend,
  Namespace,
  Request,
  Response,
  SystemView,
  TokenType,
  WrapInfo,
} from '../framework/logical.ts';
import type { Runtime } from '../runtime.ts';
import type { Scope } from '../scope.ts';
import type { Storage } from '../storage/storage.ts';
import type { MountEntry } from './mounts/entry.ts';

export interface ServiceContext {
  readonly runtime: Runtime;
  /** Cancelled at seal or step-down. */
  readonly scope: Scope;
  /** The whole of the decrypted storage: 'core/…', 'sys/…', 'logical/…'. Throws ReadOnly on a standby. */
  readonly barrier: Storage;
  /** False on a standby that serves reads: nothing may be written, restored or revoked. */
  readonly active: boolean;
  readonly system: SystemSettings;
  readonly mounts: MountLookup;
  readonly services: Services;
}

export interface SystemSettings {
  /** Micros; 768 h unless configured. */
  readonly defaultLeaseTtl: number;
  readonly maxLeaseTtl: number;
  readonly apiAddr: string;
  readonly clusterId: () => string;
  /** Encrypts for batch tokens: term|version|nonce|ciphertext with the active key; the AAD is empty. */
  seal(plaintext: Uint8Array): Uint8Array;
  /** Undefined when it does not decrypt. */
  open(sealed: Uint8Array): Uint8Array | undefined;
  /** Strings of base62, `length` characters, from Runtime.random. */
  base62(length: number): string;
  uuid(): string;
}

/** How services reach mounted backends. Paths are in the router's terms: 'secret/data/a', 'auth/token/create'. */
export interface MountLookup {
  /** The mount that would serve `path`, or undefined. */
  match(path: string): RoutedMount | undefined;
  byAccessor(accessor: string): RoutedMount | undefined;
  /** Runs a request on the mount of its path (renewals and revocations of leases go this way, unaudited). */
  route(request: Request): Promise<Response | undefined>;
}

export interface RoutedMount {
  readonly entry: MountEntry;
  /** With 'auth/' in front for auth mounts, trailing '/'. */
  readonly point: string;
  readonly storage: Storage;
  readonly system: SystemView;
  readonly backend: Backend;
  readonly tainted: boolean;
}

export interface Services {
  readonly policies: Policies;
  readonly tokens: Tokens;
  readonly leases: Leases;
  readonly wrapping: Wrapping;
  readonly identity: Identity;
}

// ---- policies

export interface GrantingPolicy {
  readonly name: string;
  readonly namespaceId: string;
  readonly namespacePath?: string;
  readonly type: string;
}

export interface AclDecision {
  readonly allowed: boolean;
  /** The path's rule has sudo, or the token is root. */
  readonly sudo: boolean;
  readonly root: boolean;
  readonly granting: readonly GrantingPolicy[];
  /** The cap to inject as `limit` into a list (pagination_limit), when the caller gave none or 'max'. */
  readonly limit?: number;
  /** list_scan_response_keys_filter_path: a text template; list filtering follows it. */
  readonly keysFilterPath?: string;
}

export interface Acl {
  /** `request.operation` is already create or update as existence decided. Paths as the router sees them. */
  check(request: Request): AclDecision;
  /** Sorted capability names, ['deny'] or ['root']. */
  capabilities(path: string): string[];
}

export interface Policies {
  /** Makes 'default' and 'response-wrapping' when missing (active node only). */
  setup(): Promise<void>;
  /**
   * The ACL of a token: its own policies (names), its entity's, and an inline policy if it has one. Missing policies
   * are ignored. Fast when nothing changed: cached by names unless some policy is templated or expires.
   */
  acl(subject: AclSubject): Promise<Acl>;
  /** `sys/policy/<name>` changed elsewhere; no name: all. */
  invalidate(name?: string): void;
}

export interface AclSubject {
  readonly namespace: Namespace;
  readonly policies: readonly string[];
  readonly entity?: Entity;
  /** Policy text that applies to this token alone (wrapping tokens have none). */
  readonly inlinePolicy?: string;
}

// ---- tokens

/** A token as stored (sys/token/id/…). Times are wall seconds in storage; here: micros for TTLs, wall micros for times. */
export interface TokenEntry {
  readonly id: string;
  readonly accessor: string;
  readonly parent: string;
  readonly policies: readonly string[];
  readonly inlinePolicy: string;
  /** The path it was made at: 'auth/token/create', 'auth/userpass/login/a'. */
  readonly path: string;
  readonly meta: Readonly<Record<string, string>> | undefined;
  readonly displayName: string;
  /** 0: unlimited; negative: being revoked. */
  readonly numUses: number;
  readonly creationTime: number;
  readonly ttl: number;
  readonly explicitMaxTtl: number;
  readonly period: number;
  readonly role: string;
  readonly entityId: string;
  readonly noIdentityPolicies: boolean;
  readonly namespaceId: string;
  readonly cubbyholeId: string;
  readonly type: TokenType;
  readonly boundCidrs: readonly string[];
  readonly strictlyBindIp: boolean;
}

export interface Tokens {
  /** Undefined for what is unknown, expired, being revoked, or no token at all. Never throws for bad input. */
  lookup(id: string): Promise<TokenEntry | undefined>;
  /** Burns a use where uses are limited and persists it. Undefined: no use was left. Throws ReadOnly on a standby. */
  use(entry: TokenEntry): Promise<TokenEntry | undefined>;
  /** After the request that burnt the last use (`numUses` became -1). */
  revokeSpent(entry: TokenEntry): Promise<void>;
  /** Init, generate-root and dev mode. `id` is chosen by the user or made. No lease. */
  createRoot(id?: string): Promise<TokenEntry>;
  /**
   * What a login ends with: policies sanitised (lower-cased, default added), TTLs worked out against the mount, token
   * made and its lease registered; fills in `auth` (clientToken, accessor, policies, ttl …) and returns warnings.
   * Refuses root ("auth methods cannot create root tokens").
   */
  createForLogin(request: Request, auth: Auth, mount: RoutedMount): Promise<string[]>;
  /** The token store's own leased auth (auth/token/create): registers the lease of what the backend answered. */
  registerCreated(request: Request, auth: Auth): Promise<void>;
  revoke(id: string): Promise<void>;
  /** sys/token/salt and the like changed elsewhere. Key relative to 'sys/token/'. */
  invalidate(key: string): void;
  /** The `token` auth mount: auth/token/*. */
  readonly backend: Backend;
}

// ---- leases

export interface Leases {
  /** Starts loading all leases in the background; resolves when that has begun. */
  restore(): Promise<void>;
  stop(): void;
  /** Gives the response's secret a lease; sets `secret.leaseId` and TTLs in `response`. */
  register(request: Request, response: Response, loginRole?: string): Promise<void>;
  /** Revokes everything under a mount point before it is unmounted: errors reach the caller. */
  revokePrefix(prefix: string): Promise<void>;
}

// ---- wrapping

export interface Wrapping {
  /** Ready to sign JWTs: reads or makes core/wrapping/jwtkey (active node only). */
  setup(): Promise<void>;
  /** Puts the whole response away in a cubbyhole; what the client gets instead. `auth` names the audited caller. */
  wrap(request: Request, response: Response, wrap: { ttl: number; format: 'uuid' | 'jwt' }): Promise<WrapInfo>;
  /**
   * For sys/wrapping/{lookup,unwrap,rewrap} called with a wrapping token, as X-Vault-Token or in the body: whether it
   * is one and still good. A JWT is turned into the token it carries. Throws the fault otherwise.
   */
  validate(request: Request): Promise<string>;
}

// ---- identity

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly policies: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly namespaceId: string;
  readonly aliases: readonly (Alias & { readonly id: string })[];
}

export interface Identity {
  entity(id: string): Promise<Entity | undefined>;
  /** Policies from the entity and all its groups, root namespace only for now. */
  policies(entity: Entity): Promise<readonly string[]>;
  /** The entity of a login's alias, made when missing (on a standby: undefined when it would have to be made). */
  forAlias(alias: Alias): Promise<{ entity: Entity; created: boolean } | undefined>;
  invalidate(key: string): void;
  /** The `identity/` mount. */
  readonly backend: Backend;
}

/** Free-form facts for templating and backends. */
export type EntityFacts = JsonObject;
