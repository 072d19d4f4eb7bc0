/** The token store as the request path and `auth/token` see it. */
import { createBackend } from '../../framework/backend.ts';
import { tokenAuth } from '../../auth/token/engine.ts';
import type { CreateInput, RoleInput, TokenOperations } from '../../auth/token/operations.ts';
import { assert } from '../../assert.ts';
import { Fault, invalidRequest, coded, failure, refuse, refuseAs } from '../../fault.ts';
import { listing } from '../../framework/reply.ts';
import type { Auth, Backend, MountInfo, Namespace, Request, Response, SystemView } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import type { AccessorEntry, RoutedMount, ServiceContext, TokenEntry, TokenKin, Tokens } from '../services.ts';
import { namespaceIdOf } from '../namespaces/ids.ts';
import { batchEncodingError } from './batch.ts';
import { createToken } from './creation.ts';
import { loginToken } from './login.ts';
import { sanitizePolicies } from './policy-names.ts';
import { Revocation } from './revocation.ts';
import { TokenRoles, showRole } from './roles.ts';
import { showToken } from './show.ts';
import { bareToken } from './signed.ts';
import type { NewToken } from './store.ts';
import { TokenStore, fleeting } from './store.ts';
import { hasSudo } from './sudo.ts';
import { tidyTokens } from './tidy.ts';

export const createTokens = (context: ServiceContext): TokenService => new TokenService(context);

const rootToken = (now: Micros) => ({
  parent: '',
  policies: ['root'],
  inlinePolicy: '',
  meta: undefined,
  numUses: 0,
  creationTime: now,
  ttl: 0,
  explicitMaxTtl: 0,
  period: 0,
  role: '',
  entityId: '',
  noIdentityPolicies: false,
  type: 'service' as const,
  boundCidrs: [],
  strictlyBindIp: false,
});

/** How upstream calls a generated root token. */
const rootNames = ({ id, uuid, path }: Namespace) =>
  path === ''
    ? { path: 'auth/token/root', displayName: 'root' }
    : { path: `namespaces/${uuid}/auth/token/root`, displayName: `${id}_root` };

export class TokenService implements Tokens, TokenOperations {
  readonly store: TokenStore;
  readonly #context: ServiceContext;
  readonly #roles: TokenRoles;
  readonly #revocation: Revocation;
  #backend: Backend | undefined;
  #tidying = false;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.store = new TokenStore(context);
    this.#roles = new TokenRoles(context);
    this.#revocation = new Revocation(context, this.store);
  }

  get backend(): Backend {
    this.#backend ??= createBackend(tokenAuth, {
      runtime: this.#context.runtime,
      mount: { point: 'auth/token/', type: 'token', accessor: '', class: 'auth', uuid: '' } satisfies MountInfo,
      storage: this.#context.barrier,
      options: {},
      system: mountSystem(this.#context),
      tokens: this,
    });
    return this.#backend;
  }

  #homeOf(entry: TokenEntry): ServiceContext {
    const home = this.#context.in(entry.namespaceId);
    assert(home !== undefined, 'the namespace of a token that was found is there');
    return home;
  }

  // ---- for the request path

  async lookup(given: string): Promise<TokenEntry | undefined> {
    const id = bareToken(given) ?? '';
    const home = this.store.home(id);
    if (home !== this.#context) return home?.services.tokens.lookup(given);
    const entry = await this.store.find(given);
    if (entry === undefined || entry.type === 'batch') return entry;
    if (this.#isEndless(entry)) return entry;
    const expiry = await this.#context.services.leases.tokenExpiry(entry);
    if (expiry === undefined) {
      // Without a lease nothing would ever end it: made halfway before a crash, or half revoked.
      if (this.#context.active) await this.#context.services.leases.revokeToken(entry);
      return undefined;
    }
    return expiry !== 0 && expiry < this.#context.runtime.clock.wall() ? undefined : entry;
  }

  /** A root token without a lifetime; outside of root only one that those who hold the keys have made. */
  #isEndless({ ttl, policies, path }: TokenEntry): boolean {
    const { namespace } = this.#context;
    if (ttl !== 0 || policies.length !== 1 || policies[0] !== 'root') return false;
    return namespace.path === '' || path === rootNames(namespace).path;
  }

  async use(entry: TokenEntry): Promise<TokenEntry | undefined> {
    if (entry.numUses === 0) return entry;
    const home = this.#homeOf(entry);
    return home === this.#context ? this.store.use(entry.id) : home.services.tokens.use(entry);
  }

  revokeSpent(entry: TokenEntry): Promise<void> {
    const home = this.#homeOf(entry);
    if (home !== this.#context) return home.services.tokens.revokeSpent(entry);
    return this.#context.services.leases.revokeToken(entry, true);
  }

  /** A chosen id makes what `-dev-root-token-id` makes: a token of auth/token/create, with a lease that never ends. */
  async createRoot(id?: string): Promise<TokenEntry> {
    const now = this.#context.runtime.clock.wall();
    if (id === undefined) return this.store.create({ ...rootToken(now), ...rootNames(this.#context.namespace) });
    const entry = await this.store.create({ ...rootToken(now), id, path: 'auth/token/create', displayName: 'token' });
    await this.#context.services.leases.registerAuth(entry, {
      ttl: 0,
      maxTtl: 0,
      renewable: false,
      internal: {},
      displayName: 'token',
      policies: ['root'],
      tokenPolicies: ['root'],
      metadata: {},
      tokenType: 'service',
      clientToken: entry.id,
      accessor: entry.accessor,
      orphan: true,
      creationPath: entry.path,
    });
    return entry;
  }

  createForLogin(
    request: Request,
    auth: Auth,
    mount: RoutedMount,
    inline?: (token: TokenEntry) => void,
  ): Promise<string[]> {
    if (inline !== undefined) {
      const create = (wanted: NewToken): Promise<TokenEntry> => {
        const token = fleeting(wanted, this.#context);
        inline(token);
        return Promise.resolve(token);
      };
      return loginToken(this.#context, { create }, request, auth, mount, () => Promise.resolve());
    }
    return loginToken(this.#context, this.store, request, auth, mount, (token) =>
      this.#context.services.leases.registerAuth(token, auth),
    );
  }

  async registerCreated(request: Request, auth: Auth): Promise<void> {
    // A renewed lease has its entry already.
    if (request.path.startsWith('auth/token/renew')) return this.#addIdentity(auth);
    auth.tokenPolicies = sanitizePolicies(auth.policies, false);
    if (auth.tokenType === 'service') {
      const entry = await this.store.find(auth.clientToken ?? '', true);
      if (entry === undefined) throw failure('internal error');
      try {
        await this.#context.services.leases.registerAuth(entry, auth);
      } catch (error) {
        await this.#revocation.end(await this.store.salt.id(entry.id)).catch(() => {
          // The token has no lease, so the first look-up ends it.
        });
        throw error;
      }
    }
    return this.#addIdentity(auth);
  }

  async #addIdentity(auth: Auth): Promise<void> {
    // The entity is the parent's, which may be of a namespace above.
    const { identity } = (this.#context.in(namespaceIdOf(auth.entityId ?? '')) ?? this.#context).services;
    const entity = auth.entityId ? await identity.entity(auth.entityId) : undefined;
    const derived = entity === undefined ? [] : sanitizePolicies(await identity.policies(entity), false);
    auth.policies = sanitizePolicies([...(auth.tokenPolicies ?? auth.policies), ...derived], false);
    if (derived.length > 0) auth.identityPolicies = derived;
  }

  async byAccessor(accessor: string): Promise<AccessorEntry | undefined> {
    const home = this.store.home(accessor) ?? this.#context;
    if (home !== this.#context) throw failure('cannot lookup token in different namespace');
    return this.store.accessor(accessor);
  }

  saltedId(id: string): Promise<string> {
    return this.store.salt.id(id);
  }

  revokeTree(saltedId: string): Promise<void> {
    return this.#revocation.tree(saltedId);
  }

  createWrapping(path: string, ttl: Micros, more: Partial<TokenEntry> = {}): Promise<TokenEntry> {
    const base = rootToken(this.#context.runtime.clock.wall());
    return this.store.create({
      ...base,
      policies: ['response-wrapping'],
      path,
      displayName: 'token',
      numUses: 1,
      ttl,
      explicitMaxTtl: ttl,
      ...more,
    });
  }

  async createAccessToken(token: Parameters<Tokens['createAccessToken']>[0]): Promise<string> {
    const base = rootToken(this.#context.runtime.clock.wall());
    const meta = { oidc_token_type: 'access token' };
    const entry = await this.store.create({
      ...base,
      ...token,
      policies: [],
      meta,
      displayName: '',
      type: 'batch',
      noIdentityPolicies: true,
    });
    return entry.id;
  }

  stored(id: string, tainted = false): Promise<TokenEntry | undefined> {
    return this.store.find(id, tainted);
  }

  adopt(parent: string, child: string): Promise<void> {
    return this.store.adopt(parent, child);
  }

  disown(parent: string, child: string): Promise<void> {
    return this.store.disown(parent, child);
  }

  get kin(): TokenKin {
    return this.#revocation;
  }

  change(id: string, make: (entry: TokenEntry) => TokenEntry): Promise<TokenEntry | undefined> {
    return this.store.change(id, make);
  }

  invalidate(key: string): void {
    this.store.invalidate(key);
  }

  // ---- for auth/token

  async create(request: Request, input: CreateInput, orphan: boolean, roleName?: string): Promise<Response> {
    const role = roleName === undefined ? undefined : await this.#roles.get(roleName);
    if (roleName !== undefined && role === undefined) throw refuseAs('', `unknown role ${roleName}`);
    return createToken(this.#context, this.store, request, input, orphan, role);
  }

  async #show(token: string, id: string): Promise<Response> {
    const entry = await this.#visible(token);
    if (entry === undefined) throw refuse('bad token', 403);
    return { data: await showToken(this.#context, entry, id) };
  }

  /** The caller's own token is visible even when this was its last use. */
  async #visible(token: string): Promise<TokenEntry | undefined> {
    const entry = await this.lookup(token);
    if (entry !== undefined) return entry;
    const tainted = await this.store.find(token, true);
    if (tainted === undefined || tainted.numUses >= 0) return undefined;
    const { leases } = this.#homeOf(tainted).services;
    return (await leases.tokenExpiry(tainted)) === undefined ? undefined : tainted;
  }

  async show(request: Request, token: string): Promise<Response> {
    const id = token === '' ? request.clientToken : token;
    const wrong = batchEncodingError(id);
    if (wrong !== undefined) throw refuse(wrong);
    return this.#show(id, id);
  }

  async #byAccessor(accessor: string): Promise<AccessorEntry> {
    if (accessor === '') throw coded(400, 'missing accessor');
    const entry = await this.byAccessor(accessor);
    if (entry === undefined) throw coded(400, 'invalid accessor');
    return entry;
  }

  async lookupAccessor(accessor: string): Promise<Response> {
    return this.#show((await this.#byAccessor(accessor)).tokenId, '');
  }

  async accessors(): Promise<Response> {
    const ids: string[] = [];
    for (const name of await this.store.accessorNames()) {
      const entry = await this.store.accessorByName(name);
      if (entry !== undefined) ids.push(entry.accessorId);
    }
    return listing(ids);
  }

  async renew(request: Request, token: string, increment: Micros): Promise<Response | undefined> {
    if (token === '') throw refuse('missing token ID');
    checkEncoding(token, 'error looking up token to renew: ');
    const entry = await this.lookup(token);
    if (entry === undefined) throw refuse('token not found');
    if (entry.type === 'batch') throw refuse('batch tokens cannot be renewed');
    return this.#context.services.leases.renewToken(request, entry, increment);
  }

  async renewAccessor(request: Request, accessor: string, increment: Micros): Promise<Response | undefined> {
    const { tokenId } = await this.#byAccessor(accessor);
    const response = await this.renew(request, tokenId, increment).catch((error: unknown) => {
      // What the renewal refuses is told to nobody who has only the accessor.
      throw error instanceof Fault && error.shape === 'response' ? invalidRequest() : error;
    });
    // Whoever has only the accessor must not learn the token.
    return response?.auth === undefined ? response : { ...response, auth: { ...response.auth, clientToken: '' } };
  }

  async revoke(token: string): Promise<undefined> {
    if (token === '') throw refuse('missing token ID');
    checkEncoding(token);
    const entry = await this.store.find(token, true);
    if (entry === undefined) return undefined;
    if (entry.type === 'batch') throw refuse('batch tokens cannot be revoked');
    await this.#context.services.leases.revokeToken(entry);
    return undefined;
  }

  async revokeOrphan(request: Request, token: string): Promise<undefined> {
    if (token === '') throw refuse('missing token ID');
    const caller = await this.store.find(request.clientToken, true);
    if (caller === undefined) throw refuse('parent token lookup failed');
    if (!(await hasSudo(this.#context, request, caller))) {
      throw refuse('root or sudo privileges required to revoke and orphan');
    }
    checkEncoding(token, 'error when looking up token to revoke: ');
    const entry = await this.store.find(token);
    if (entry === undefined) throw refuse('token to revoke not found');
    if (entry.type === 'batch') throw refuse('batch tokens cannot be revoked');
    await this.#revocation.end(await this.store.salt.id(token));
    return undefined;
  }

  async revokeAccessor(accessor: string): Promise<Response | undefined> {
    if (accessor === '') throw coded(400, 'missing accessor');
    const entry = await this.byAccessor(accessor);
    if (entry === undefined) return { warnings: ['No token found with this accessor'] };
    const token = await this.store.find(entry.tokenId);
    if (token === undefined) throw refuse('token not found');
    await this.#context.services.leases.revokeToken(token);
    return undefined;
  }

  tidy(): Response {
    if (this.#tidying) return { warnings: ['Tidy operation already in progress.'] };
    this.#tidying = true;
    void tidyTokens(this.#context, this.store)
      .catch((error: unknown) => {
        this.#context.runtime.log.write('error', 'token', 'error running tidy', { error: String(error) });
      })
      .finally(() => {
        this.#tidying = false;
      });
    return {
      status: 202,
      warnings: [
        "Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs.",
      ],
    };
  }

  roles(): Promise<string[]> {
    return this.#roles.list();
  }

  async roleExists(name: string): Promise<boolean> {
    return (await this.#roles.get(name)) !== undefined;
  }

  async readRole(name: string): Promise<Response | undefined> {
    const role = await this.#roles.get(name);
    return role && showRole(role);
  }

  async writeRole(name: string, input: RoleInput): Promise<Response | undefined> {
    const warnings = await this.#roles.write(name, input, mountSystem(this.#context).maxLeaseTtl());
    return warnings.length === 0 ? undefined : { warnings };
  }

  deleteRole(name: string): Promise<void> {
    return this.#roles.delete(name);
  }

  async renewAuth(request: Request): Promise<Response> {
    const auth = request.auth!;
    const entry = await this.store.find(auth.clientToken || '', true);
    const role = entry === undefined || entry.role === '' ? undefined : await this.#roles.get(entry.role);
    if (entry !== undefined && entry.role !== '' && role === undefined) {
      throw failure(`original token role "${entry.role}" could not be found, not renewing`);
    }
    if (role === undefined) return { auth };
    return { auth: { ...auth, period: role.tokenPeriod, explicitMaxTtl: role.tokenExplicitMaxTtl } };
  }
}

/** The mount's limits, which may be tuned while the server runs. */
function mountSystem(context: ServiceContext): SystemView {
  const own = (): SystemView | undefined => context.mounts.match('auth/token/')?.system;
  return {
    defaultLeaseTtl: () => own()?.defaultLeaseTtl() ?? context.system.defaultLeaseTtl,
    maxLeaseTtl: () => own()?.maxLeaseTtl() ?? context.system.maxLeaseTtl,
    active: context.active,
    get clusterId() {
      return context.system.clusterId();
    },
    entity: (id) => own()?.entity(id) ?? Promise.resolve(undefined),
    generatePassword: (policy) => own()?.generatePassword(policy) ?? Promise.reject(failure('no password policies')),
    fillTemplate: () => Promise.reject(failure('tokens have no templates')),
    externalKey: () => Promise.reject(failure('tokens have no keys elsewhere')),
  };
}

/** `during` is what a look-up of the token was for, as the error says it. */
function checkEncoding(token: string, during = ''): void {
  const wrong = batchEncodingError(token);
  if (wrong !== undefined) throw failure(during + wrong);
}
