/** The expiration manager: every lease has a deadline in memory, an entry in storage, and ends by being revoked. */
import { failure, Fault } from '../../fault.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import type { Auth, Request, Response } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { variableOf } from '../configuration/variable.ts';
import { decodeBatchToken } from '../tokens/batch.ts';
import { tokenTypeNumber } from '../tokens/token-type.ts';
import { inNamespace, namespaceIdOf } from '../namespaces/ids.ts';
import type { Irrevocable, LeaseTimes, Leases, ServiceContext, TokenEntry } from '../services.ts';
import type { LeaseEntry } from './entry.ts';
import { Expiry } from './expiry.ts';
import { internalRequest } from './internal-request.ts';
import { LeaseStore } from './lease-store.ts';
import type { Renewed } from './renewal.ts';
import { notRenewable, refusal, renewAuth, renewSecret, secretTtl } from './renewal.ts';
import { restoreLeases } from './restore.ts';
import { tidyLeases } from './tidy.ts';

const BATCH = tokenTypeNumber('batch');

export const createLeases = (context: ServiceContext): LeaseManager => new LeaseManager(context);

export class LeaseManager implements Leases {
  readonly store: LeaseStore;
  readonly #context: ServiceContext;
  readonly #expiry: Expiry;
  /** Leases whose token is being revoked because they end. */
  readonly #endingWithToken = new Set<string>();
  /** Nothing is logged of leases that end. */
  readonly #silent: boolean;
  #restoring = false;
  #tidying: Promise<void> | undefined;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#silent = variableOf(context.runtime, 'SKIP_LOGGING_LEASE_EXPIRATIONS') !== '';
    this.store = new LeaseStore(context);
    this.#expiry = new Expiry(context, this.store, (leaseId) => this.revoke(leaseId));
    context.scope.onCancel(() => this.stop());
  }

  // ---- life

  async restore(): Promise<void> {
    if (!this.#context.active) return;
    void this.stored()
      .then((leaseIds) => this.load(leaseIds))
      .catch((error: unknown) => {
        this.#log('error', 'error restoring leases', error);
      });
  }

  async stored(): Promise<string[]> {
    const leaseIds: string[] = [];
    for await (const leaseId of this.store.under('')) leaseIds.push(leaseId);
    return leaseIds;
  }

  async load(leaseIds: readonly string[]): Promise<void> {
    this.#restoring = true;
    try {
      await restoreLeases(this.store, leaseIds, (entry) => this.#restored(entry));
    } catch (error) {
      if (!this.#context.scope.cancelled) throw error;
    } finally {
      this.#restoring = false;
    }
  }

  #restored(entry: LeaseEntry): boolean {
    if (this.#context.scope.cancelled) return false;
    if (!this.#expiry.known(entry.leaseId)) this.#expiry.schedule(entry, 'restored');
    return true;
  }

  stop(): void {
    this.#expiry.stop();
  }

  // ---- making

  async register(request: Request, response: Response, loginRole = ''): Promise<void> {
    const { secret } = response;
    const { caller } = request;
    if (secret === undefined) return;
    if (caller === undefined) throw failure('cannot register a lease with a nil token entry');
    const { ttl, warnings } = secretTtl(this.#context, request.path, secret);
    secret.ttl = ttl;
    if (warnings.length > 0) response.warnings = [...(response.warnings ?? []), ...warnings];

    const now = this.#now();
    const path = request.path.replace(/\/$/, '');
    const leaseId = inNamespace(`${path}/${this.#context.system.base62(24)}`, this.#context.namespace);
    const tokenType = tokenTypeNumber(caller.tokenType);
    let expireTime = now + ttl;
    let holder = caller.clientToken;
    if (tokenType === BATCH) {
      // A batch token cannot be revoked, so what it holds must not outlive it; its parent answers for it.
      const token = await this.#context.services.tokens.lookup(caller.clientToken);
      if (token === undefined) throw failure('no token entry found for batch token');
      expireTime = Math.min(expireTime, token.creationTime + token.ttl);
      holder = token.parent;
    }
    const entry: LeaseEntry = {
      leaseId,
      clientToken: caller.clientToken,
      tokenType,
      path: request.path,
      data: response.data,
      secret: { ...secret },
      auth: undefined,
      issueTime: now,
      expireTime,
      lastRenewal: 0,
      loginRole,
      revokeError: '',
    };
    try {
      await this.store.save(entry);
      if (holder !== '') await this.#context.in(namespaceIdOf(holder))?.services.leases.hold(holder, leaseId);
    } catch (error) {
      await this.#undo(entry, holder);
      throw error;
    }
    this.#expiry.schedule(entry, 'registered');
    secret.leaseId = leaseId;
    secret.ttl = Math.round((expireTime - this.#now()) / SECOND) * SECOND;
  }

  /** A secret that is not tracked must not stay alive: as much as possible is taken back. */
  async #undo(entry: LeaseEntry, holder: string): Promise<void> {
    const steps = [
      (): Promise<unknown> => this.#revokeSecret(entry),
      (): Promise<unknown> => this.store.remove(entry.leaseId),
      (): Promise<unknown> => this.#release(holder, entry.leaseId),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        this.#log('error', 'an additional error occurred during rollback of lease registration', error);
      }
    }
  }

  async registerAuth(token: TokenEntry, auth: Auth, loginRole = ''): Promise<void> {
    if (token.type === 'batch') throw failure('cannot register a lease for a batch token');
    const isRoot = token.policies.length === 1 && token.policies[0] === 'root';
    if (token.ttl === 0 && !isRoot) throw failure('cannot register a lease for a non-root token with no TTL');
    const now = this.#now();
    const entry: LeaseEntry = {
      leaseId: await this.#tokenLease(token),
      clientToken: token.id,
      tokenType: 0,
      path: token.path,
      data: undefined,
      secret: undefined,
      auth: { ...auth },
      issueTime: now,
      // Upstream lets a root token live on without a lifetime in the root namespace only; elsewhere it ends at once.
      expireTime: auth.ttl === 0 && this.#context.namespace.path === '' ? 0 : now + auth.ttl,
      lastRenewal: 0,
      loginRole,
      revokeError: '',
    };
    await this.store.save(entry);
    this.#expiry.schedule(entry, 'registered');
  }

  #homeOf(token: TokenEntry): ServiceContext | undefined {
    return this.#context.in(token.namespaceId);
  }

  async #tokenLease(token: TokenEntry): Promise<string> {
    const name = await this.#context.services.tokens.saltedId(token.id);
    return inNamespace(`${token.path.replace(/\/+$/, '')}/${name}`, this.#context.namespace);
  }

  // ---- looking

  async tokenTimes(token: TokenEntry): Promise<LeaseTimes | undefined> {
    const home = this.#homeOf(token);
    if (home !== this.#context) return home?.services.leases.tokenTimes(token);
    return this.lookup(await this.#tokenLease(token));
  }

  /** Only whether and until when the token's lease lives; from memory where it is known. */
  async tokenExpiry(token: TokenEntry): Promise<Micros | undefined> {
    const leaseId = await this.#tokenLease(token);
    const known = this.#expiry.at(leaseId);
    if (known !== undefined) return known;
    const entry = await this.store.load(leaseId);
    if (entry === undefined) return undefined;
    if (this.#restoring && !this.#expiry.known(leaseId)) this.#expiry.schedule(entry, 'restored');
    return entry.expireTime;
  }

  async lookup(leaseId: string): Promise<LeaseTimes | undefined> {
    const entry = await this.store.load(leaseId);
    if (entry === undefined) return undefined;
    return {
      leaseId,
      path: entry.path,
      issueTime: entry.issueTime,
      expireTime: entry.expireTime,
      lastRenewal: entry.lastRenewal,
      renewable: refusal(entry, this.#now()) === undefined,
      revokeError: entry.revokeError,
    };
  }

  list(prefix: string): Promise<string[]> {
    return this.store.names(prefix);
  }

  irrevocable(): Irrevocable[] {
    return this.#expiry.irrevocable();
  }

  // ---- renewing

  async renew(leaseId: string, increment: Micros): Promise<Response> {
    const entry = await this.store.load(leaseId);
    const text = refusal(entry, this.#now());
    if (entry === undefined || text !== undefined) throw notRenewable(text ?? 'lease not found');
    if (entry.secret === undefined) throw notRenewable('tokens cannot be renewed through this endpoint');
    const renewed = await renewSecret(this.#context, entry, increment);
    return renewed === undefined ? {} : this.#keep(renewed);
  }

  async renewToken(request: Request, token: TokenEntry, increment: Micros): Promise<Response | undefined> {
    const home = this.#homeOf(token);
    if (home !== undefined && home !== this.#context) return home.services.leases.renewToken(request, token, increment);
    const entry = await this.store.load(await this.#tokenLease(token));
    // The first root token has no lease.
    if (entry === undefined) throw notRenewable('invalid lease ID');
    const text = refusal(entry, this.#now());
    if (text !== undefined) throw notRenewable(text);
    const renewed = await renewAuth(this.#context, entry, token, increment, request);
    return renewed && this.#keep(renewed);
  }

  async #keep(renewed: Renewed | Response): Promise<Response> {
    if (!('entry' in renewed)) return renewed;
    await this.store.save(renewed.entry);
    this.#expiry.schedule(renewed.entry, 'renewed');
    return renewed.response;
  }

  // ---- ending

  revoke(leaseId: string): Promise<void> {
    return this.#revoke(leaseId, false, false);
  }

  async revokeLazily(leaseId: string): Promise<void> {
    const home = this.#context.in(namespaceIdOf(leaseId));
    if (home !== this.#context) return home?.services.leases.revokeLazily(leaseId);
    const entry = await this.store.load(leaseId);
    if (entry !== undefined) await this.#expireNow(entry);
  }

  async #expireNow(entry: LeaseEntry): Promise<void> {
    const expired = { ...entry, expireTime: this.#now() };
    await this.store.save(expired);
    this.#expiry.dueNow(expired);
  }

  revokePrefix(prefix: string): Promise<void> {
    return this.#eachUnder(prefix, (leaseId) => this.#revoke(leaseId, false, false));
  }

  revokePrefixLazily(prefix: string): Promise<void> {
    return this.#eachUnder(prefix, (leaseId) => this.revokeLazily(leaseId));
  }

  revokeForce(prefix: string): Promise<void> {
    return this.#eachUnder(prefix, (leaseId) => this.#revoke(leaseId, true, false));
  }

  /** A prefix without '/' at its end may be a lease itself. */
  async #eachUnder(prefix: string, end: (leaseId: string) => Promise<void>): Promise<void> {
    if (!prefix.endsWith('/') && (await this.store.load(prefix)) !== undefined) return end(prefix);
    const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    const ids: string[] = [];
    for await (const id of this.store.under(folder)) ids.push(id);
    for (const [i, id] of ids.entries()) {
      try {
        await end(id);
      } catch (error) {
        throw failure(`failed to revoke "${id}" (${i + 1} / ${ids.length}): ${textOf(error)}`);
      }
    }
  }

  async revokeToken(token: TokenEntry, lazily = false): Promise<void> {
    const home = this.#homeOf(token);
    if (home !== this.#context) return home?.services.leases.revokeToken(token, lazily);
    const leaseId = await this.#tokenLease(token);
    if ((await this.store.load(leaseId)) === undefined) {
      const now = this.#now();
      const auth: Auth = { ...emptyAuth(), ttl: SECOND, clientToken: token.id };
      await this.store.save({
        leaseId,
        clientToken: token.id,
        tokenType: 0,
        path: token.path,
        data: undefined,
        secret: undefined,
        auth,
        issueTime: now,
        expireTime: now + SECOND,
        lastRenewal: 0,
        loginRole: '',
        revokeError: '',
      });
    }
    if (lazily) await this.revokeLazily(leaseId);
    else await this.#revoke(leaseId, false, false);
  }

  async revokeByToken(token: TokenEntry): Promise<void> {
    const name = await this.#context.services.tokens.saltedId(token.id);
    for (const { leaseId } of await this.store.indexed(name)) {
      await this.revokeLazily(leaseId);
    }
    if (token.path !== '') await this.#revoke(await this.#tokenLease(token), false, true);
  }

  /** `skipToken`: the token is being revoked already, only its lease is to go. */
  #revoke(leaseId: string, force: boolean, skipToken: boolean): Promise<void> {
    const work = () => this.#end(leaseId, force, skipToken);
    const { metrics } = this.#context.runtime;
    return metrics === undefined ? work() : metrics.time('vault.expire.revoke-common', work);
  }

  async #end(leaseId: string, force: boolean, skipToken: boolean): Promise<void> {
    const entry = await this.store.load(leaseId);
    if (entry === undefined) return;
    // The end of a token takes its lease along; upstream removes it once more.
    const withToken = entry.auth !== undefined && !skipToken;
    if (withToken) this.#endingWithToken.add(leaseId);
    if (!skipToken || entry.auth === undefined) {
      try {
        if (withToken) {
          const { tokens } = this.#context.services;
          await tokens.revokeTree(await tokens.saltedId(entry.clientToken));
        } else await this.#revokeSecret(entry);
      } catch (error) {
        if (!force) throw error;
        this.#log('warn', 'revocation from the backend failed, but in force mode so ignoring', error);
      }
    }
    await this.store.remove(leaseId);
    if (entry.secret !== undefined) await this.#unindex(entry);
    this.#expiry.forget(leaseId);
    if (!skipToken && !this.#silent)
      this.#context.runtime.log.write('info', 'expiration', 'revoked lease', { lease_id: leaseId });
    const untold = this.#endingWithToken.delete(leaseId);
    if (untold || !withToken) this.#context.runtime.trace({ kind: 'lease', what: 'revoked', id: leaseId });
  }

  async #unindex(entry: LeaseEntry): Promise<void> {
    const holder =
      entry.tokenType === BATCH ? decodeBatchToken(entry.clientToken, this.#context.system)?.parent : entry.clientToken;
    if (holder !== undefined) await this.#release(holder, entry.leaseId);
  }

  hold(token: string, leaseId: string): Promise<void> {
    return this.store.addIndex(token, leaseId);
  }

  release(token: string, leaseId: string): Promise<void> {
    return this.store.removeIndex(token, leaseId);
  }

  /** The index from tokens to what they hold is with the token. */
  async #release(holder: string, leaseId: string): Promise<void> {
    if (holder !== '') await this.#context.in(namespaceIdOf(holder))?.services.leases.release(holder, leaseId);
  }

  async #revokeSecret(entry: LeaseEntry): Promise<void> {
    const { secret } = entry;
    if (secret === undefined) return;
    const data = (entry.data ?? {}) as Request['data'];
    const issued = { ...secret, issueTime: entry.issueTime };
    try {
      await this.#context.mounts.route(internalRequest(this.#context, 'revoke', entry.path, { secret: issued, data }));
    } catch (error) {
      if (!(error instanceof Fault) || error.shape === 'response') throw error;
      throw failure(`failed to revoke entry: resp: (*logical.Response)(nil) err: ${error.message}`);
    }
  }

  queues(): ReadonlyMap<string, number> {
    return this.#expiry.queues;
  }

  expirations(): Iterable<Micros> {
    return this.#expiry.expirations();
  }

  count(): number {
    return this.#expiry.size;
  }

  tidy(): Promise<void> | undefined {
    if (this.#tidying !== undefined) return undefined;
    this.#tidying = tidyLeases(this.store, this.#context, (leaseId) => this.revoke(leaseId)).finally(() => {
      this.#tidying = undefined;
    });
    return this.#tidying;
  }

  #now(): Micros {
    return this.#context.runtime.clock.wall();
  }

  #log(level: 'warn' | 'error', message: string, error: unknown, leaseId?: string): void {
    const fields = { ...(leaseId !== undefined && { lease_id: leaseId }), error: textOf(error) };
    this.#context.runtime.log.write(level, 'expiration', message, fields);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
