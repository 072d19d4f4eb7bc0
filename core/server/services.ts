/**
 * What the request path and the node need of the services beside them. Each namespace has its own set, made from a
 * `ServiceContext` when it opens and dropped when it is sealed; a service keeps no state that is not in storage or
 * rebuilt from it.
 *
 *   policy/   createPolicies(context): Policies
 *   tokens/   createTokens(context): Tokens
 *   leases/   createLeases(context): Leases
 *   wrapping/ createWrapping(context): Wrapping
 *   identity/ createIdentity(context): Identity
 *
 * The context hands out its siblings as properties that are read when used, never while a service is being made.
 */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import type {
  Alias,
  Auth,
  Backend,
  BackendContext,
  Namespace,
  Request,
  Response,
  SystemView,
  TokenType,
  WrapInfo,
} from '../framework/logical.ts';
import type { Directory } from '../engines/identity/directory.ts';
import type { MfaStore } from '../engines/identity/mfa/model.ts';
import type { Micros, Runtime } from '../runtime.ts';
import type { Scope } from '../scope.ts';
import type { Storage } from '../storage/storage.ts';
import type { ControlGroup } from './policy/control-group.ts';
import type { MountEntry } from './mounts/entry.ts';
import type { TokenSigning } from './tokens/signed.ts';

export interface ServiceContext {
  readonly runtime: Runtime;
  /** Whose services these are. */
  readonly namespace: Namespace;
  /**
   * The set of the namespace with this id: '' is root, as in ids without a namespace. Undefined when there is none;
   * throws BarrierSealed while it is sealed.
   */
  in(namespaceId: string): ServiceContext | undefined;
  /** Where the mount with this accessor is, in whatever namespace. */
  namespaceOfMount(accessor: string): Namespace | undefined;
  /** Of all namespaces that are not sealed, parents first. */
  all(): Iterable<ServiceContext>;
  /** Cancelled at seal or step-down. */
  readonly scope: Scope;
  /** All of the namespace's decrypted storage: 'core/…', 'sys/…', 'logical/…'. Throws ReadOnly on a standby. */
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
  readonly tokenSigning: TokenSigning;
  /** Groups may have members from other namespaces (`unsafe_cross_namespace_identity`). */
  readonly crossNamespaceIdentity: boolean;
  /** Strings of base62, `length` characters, from Runtime.random. */
  base62(length: number): string;
  uuid(): string;
}

/** How services reach the namespace's backends. Paths are in the router's terms: 'secret/data/a', 'auth/token/create'. */
export interface MountLookup {
  /** The mount that would serve `path`, or undefined. */
  match(path: string): RoutedMount | undefined;
  byAccessor(accessor: string): RoutedMount | undefined;
  all(): Iterable<RoutedMount>;
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
  /** What to inject as `limit` into a list, when the caller gave 'max', or none where pagination_limit caps it. */
  readonly limit?: number;
  /** list_scan_response_keys_filter_path: a text template; list filtering follows it. */
  readonly keysFilterPath?: string;
  /** Who has to agree before it is carried out. */
  readonly controlGroup?: ControlGroup;
}

export interface Acl {
  /** `request.operation` is already create or update as existence decided. Paths as the router sees them. */
  check(request: Request): AclDecision;
  /** Sorted capability names, ['deny'] or ['root']. The path begins with that of its namespace, as those of rules. */
  capabilities(path: string): string[];
  /** What it was compiled from, merged; none for the root policy. For user interfaces. */
  rules(): Iterable<AclRule>;
}

export interface AclRule {
  /** A 'glob' stands without its final '*'. */
  readonly kind: 'exact' | 'glob' | 'segments';
  readonly path: string;
  readonly capabilities: readonly string[];
  /** Of the parameters of a request; none where it is empty. */
  readonly allowed: ReadonlyMap<string, readonly JsonValue[]>;
  readonly denied: ReadonlyMap<string, readonly JsonValue[]>;
  readonly required: readonly string[];
  /** 0: none. */
  readonly minWrappingTtl: Micros;
  readonly maxWrappingTtl: Micros;
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
  /** Names may be given in any spelling. 'root' has an entry without text. */
  get(name: string): Promise<PolicyEntry | undefined>;
  /** Names, then what is in each folder, the last one first; hidden ones left out; without 'root'. */
  list(prefix?: string): Promise<string[]>;
  /** Refuses texts that do not parse, versions that do not match, and what may not be changed. */
  put(name: string, change: PolicyChange): Promise<void>;
  /** That it is about to be changed. */
  tellLock(): void;
  /** A missing policy is no error. */
  delete(name: string): Promise<void>;
}

/** A policy as stored. Times are wall micros, 0: none. */
export interface PolicyEntry {
  readonly name: string;
  readonly raw: string;
  readonly version: number;
  readonly casRequired: boolean;
  readonly templated: boolean;
  readonly expiration: number;
  readonly modified: number;
  readonly allowWildcards: boolean;
  readonly allowSlashes: boolean;
}

/** What a write asks for; what is undefined is reset, or with `patch` kept. */
export interface PolicyChange {
  readonly raw?: string;
  /** -1: must not exist yet. */
  readonly cas?: number;
  readonly casRequired?: boolean;
  readonly expiration?: number;
  readonly allowWildcards?: boolean;
  readonly allowSlashes?: boolean;
  readonly patch?: boolean;
}

export interface AclSubject {
  readonly policies: readonly string[];
  /** Of other namespaces, by their ids. */
  readonly elsewhere?: ReadonlyMap<string, readonly string[]>;
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
  /** What the server itself notes on a token. */
  readonly internalMeta?: Readonly<Record<string, string>>;
}

export interface AccessorEntry {
  readonly tokenId: string;
  readonly accessorId: string;
  readonly namespaceId: string;
}

export interface TokenKin {
  /** Storage names, with their namespace's id outside of root. */
  children(name: string): Promise<string[]>;
  /** Ends one token and makes orphans of its children, or leaves them as they are. */
  end(name: string, keepChildren: boolean): Promise<void>;
  orphan(name: string): Promise<void>;
}

/** The tokens of a namespace. What takes the id or the entry of a token finds those of other namespaces too. */
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
  createForLogin(
    request: Request,
    auth: Auth,
    mount: RoutedMount,
    /** Takes the token instead of storage: a login inside another request. */
    inline?: (token: TokenEntry) => void,
  ): Promise<string[]>;
  /** The token store's own leased auth (auth/token/create): registers the lease of what the backend answered. */
  registerCreated(request: Request, auth: Auth): Promise<void>;
  revoke(id: string): Promise<void>;
  /** Undefined when unknown; the token itself may be gone. Throws for one of another namespace. */
  byAccessor(accessor: string): Promise<AccessorEntry | undefined>;
  /** The storage name of a token: what its lease id ends with. */
  saltedId(id: string): Promise<string>;
  /** Revokes a token and all its descendants, children first, by storage name; called by the lease that ends. */
  revokeTree(saltedId: string): Promise<void>;
  /** An access token of the OIDC provider: a batch token that may do what `inlinePolicy` says and nothing else. */
  createAccessToken(token: {
    readonly entityId: string;
    readonly path: string;
    readonly ttl: number;
    readonly inlinePolicy: string;
    readonly internalMeta: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** A token without regard to its lease; `tainted`: even when it is being revoked, as after its last use. */
  stored(id: string, tainted?: boolean): Promise<TokenEntry | undefined>;
  /** Makes a token of this namespace a parent; `child` is a storage name, with its namespace's id outside of root. */
  adopt(parent: string, child: string): Promise<void>;
  disown(parent: string, child: string): Promise<void>;
  /** What a revocation needs of tokens in other namespaces; names are storage names of this one. */
  readonly kin: TokenKin;
  /** A wrapping token: orphan, one use, policy response-wrapping. No lease yet. */
  createWrapping(path: string, ttl: number, more?: Partial<TokenEntry>): Promise<TokenEntry>;
  /** Replaces an entry by what `make` makes of it, with nobody between. Undefined: it is gone. */
  change(id: string, make: (entry: TokenEntry) => TokenEntry): Promise<TokenEntry | undefined>;
  /** sys/token/salt and the like changed elsewhere. Key relative to 'sys/token/'. */
  invalidate(key: string): void;
  /** The `token` auth mount: auth/token/*. */
  readonly backend: Backend;
}

// ---- leases

export interface Leases {
  /** Starts loading all leases in the background; resolves when that has begun. */
  restore(): Promise<void>;
  /** Which there are in storage, for `restore`'s part of a whole. */
  stored(): Promise<string[]>;
  /** Loads them. Rejects with what kept it from it, unless the namespace is closed meanwhile. */
  load(leaseIds: readonly string[]): Promise<void>;
  stop(): void;
  /** Gives the response's secret a lease; sets `secret.leaseId` and TTLs in `response`. */
  register(request: Request, response: Response, loginRole?: string): Promise<void>;
  /** Revokes everything under a mount point before it is unmounted: errors reach the caller. */
  revokePrefix(prefix: string): Promise<void>;
  /** Gives a token its lease, `<path>/<salted id>`; times come from `auth`. */
  registerAuth(token: TokenEntry, auth: Auth, loginRole?: string): Promise<void>;
  /** When the token's lease ends, wall micros (0: never); undefined: it has none. Fast. */
  tokenExpiry(token: TokenEntry): Promise<number | undefined>;
  tokenTimes(token: TokenEntry): Promise<LeaseTimes | undefined>;
  renewToken(request: Request, token: TokenEntry, increment: number): Promise<Response | undefined>;
  renew(leaseId: string, increment: number): Promise<Response>;
  lookup(leaseId: string): Promise<LeaseTimes | undefined>;
  /** Revokes now; errors reach the caller. A missing lease is no error. */
  revoke(leaseId: string): Promise<void>;
  /** Sets the expiry to now and leaves the rest to the workers. */
  revokeLazily(leaseId: string): Promise<void>;
  revokeForce(prefix: string): Promise<void>;
  revokePrefixLazily(prefix: string): Promise<void>;
  /** Makes the token's lease end now, creating one if it has none, and revokes it. */
  revokeToken(token: TokenEntry, lazily?: boolean): Promise<void>;
  /** All leases that the token holds start to be revoked, and its own lease goes: called while it is being revoked. */
  revokeByToken(token: TokenEntry): Promise<void>;
  /** Notes in the token's namespace that it holds a lease, maybe of another one. */
  hold(token: string, leaseId: string): Promise<void>;
  release(token: string, leaseId: string): Promise<void>;
  list(prefix: string): Promise<string[]>;
  /** Whose revocation was given up. */
  irrevocable(): readonly Irrevocable[];
  /** Ends that wait for a worker, by the accessor of their mount. */
  queues(): ReadonlyMap<string, number>;
  /** When they end, wall micros, in no order. */
  expirations(): Iterable<Micros>;
  /** How many leases are waiting for their end. */
  count(): number;
  /** Cleans up leases and indexes that point nowhere; undefined when one is already running. */
  tidy(): Promise<void> | undefined;
}

export interface Irrevocable {
  readonly leaseId: string;
  readonly error: string;
  /** Of the request that made it, within its namespace. */
  readonly path: string;
}

/** Wall micros; 0: never. */
export interface LeaseTimes {
  readonly leaseId: string;
  readonly path: string;
  readonly issueTime: number;
  readonly expireTime: number;
  readonly lastRenewal: number;
  readonly renewable: boolean;
  readonly revokeError: string;
}

// ---- wrapping

export interface WrapOptions {
  /** Micros. */
  readonly ttl: number;
  readonly format: 'uuid' | 'jwt';
  /** Of whom it is wrapped for. */
  readonly displayName: string;
}

export interface Wrapping {
  /** Ready to sign JWTs: reads or makes core/wrapping/jwtkey (active node only). */
  setup(): Promise<void>;
  /** Puts the whole response away in a cubbyhole; what the client gets instead. `auth` names the audited caller. */
  wrap(request: Request, response: Response, wrap: WrapOptions): Promise<WrapInfo>;
  /**
   * For sys/wrapping/{lookup,unwrap,rewrap} called with a wrapping token, as X-Vault-Token or in the body: whether it
   * is one and still good. A JWT is turned into the token it carries. Throws the fault otherwise.
   */
  validate(request: Request): Promise<string>;
  /** The wrapped envelope's JSON, for `sys/wrapping/unwrap`; `token` has been validated. */
  unwrap(token: string, callerIsWrapping: boolean): Promise<string>;
  lookup(token: string): Promise<{ creationPath: string; creationTime: number; creationTtl: number }>;
  /** For whoever is called `displayName`. */
  rewrap(token: string, displayName: string): Promise<WrapInfo>;
}

// ---- identity

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly policies: readonly string[];
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly namespaceId: string;
  readonly aliases: readonly EntityAlias[];
}

export interface EntityAlias {
  readonly id: string;
  readonly mountAccessor: string;
  readonly mountType: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly customMetadata: Readonly<Record<string, string>> | undefined;
}

export interface IdentityGroup {
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly namespaceId: string;
}

/** Logins that have to be confirmed. */
export interface LoginMfa {
  /**
   * What the login has to be confirmed with; undefined: nothing, or what came along in X-Vault-MFA was right; 'unasked':
   * something came along, and nobody asks for it. `auth` is kept until then. Throws a denial, or ReadOnly on a standby.
   */
  challenge(
    request: Request,
    auth: Auth,
    entity: Entity | undefined,
    mount: RoutedMount,
  ): Promise<JsonObject | 'unasked' | undefined>;
  /** The token of a login that waits, for its request id and lists of passcodes by method. */
  validate(id: string, payload: JsonObject): Promise<{ auth: Auth; warnings: string[] }>;
}

export interface Identity {
  /** Also by the id of one that was merged into it. The same object until it changes. */
  entity(id: string): Promise<Entity | undefined>;
  /** Policies from the entity and all its groups, unsorted and with duplicates. */
  policies(entity: Entity): Promise<readonly string[]>;
  /** Policies of groups in namespaces below the entity's, by the namespace's id. */
  policiesElsewhere(entity: Entity): Promise<ReadonlyMap<string, readonly string[]>>;
  readonly directory: Directory;
  /** The groups the entity is in, directly and by inheritance. */
  groups(entity: Entity): Promise<readonly IdentityGroup[]>;
  /** The entity of a login's alias, made when missing (on a standby: undefined when it would have to be made). */
  forAlias(alias: Alias): Promise<{ entity: Entity; created: boolean } | undefined>;
  /** Another number after every change of an entity or a group: what was derived from them is out of date. */
  readonly changes: number;
  /** How many aliases each mount has, by its accessor. */
  aliasCounts(): Promise<ReadonlyMap<string, number>>;
  /** A login's entity is in those external groups of its mount that the login names, and in no other of them. */
  refreshGroups(entityId: string, names: readonly string[], mountAccessor: string): Promise<void>;
  readonly loginMfa: LoginMfa;
  /** The MFA methods of this namespace. */
  readonly mfa: MfaStore;
  /** At post-unseal: entities, aliases and groups are read. */
  load(): Promise<void>;
  /** How many entities there are. */
  count(): Promise<number>;
  /** Key relative to the identity mount's view. */
  invalidate(key: string): void;
  /** A key below sys/login-mfa/ changed elsewhere. */
  invalidateMfa(key: string): void;
  /** Makes the `identity/` mount. */
  mount(context: BackendContext): Backend;
  /** The mount that was made last. */
  readonly backend: Backend;
}
