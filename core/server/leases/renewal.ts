/** Renews secrets and tokens: the backend may refuse or change what it gave, the TTL is worked out here. */
import { Fault, failure, refuse } from '../../fault.ts';
import type { Auth, Request, Response, Secret } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import type { ServiceContext, TokenEntry } from '../services.ts';
import { calculateTtl } from '../tokens/ttl.ts';
import { tokenTypeNumber } from '../tokens/token-type.ts';
import { internalRequest } from './internal-request.ts';
import type { LeaseEntry } from './entry.ts';

/** What the lease becomes, and what the client gets. */
export interface Renewed {
  readonly entry: LeaseEntry;
  readonly response: Response;
}

/** Why a lease cannot be renewed; undefined: it can. */
export function refusal(entry: LeaseEntry | undefined, now: Micros): string | undefined {
  if (entry === undefined) return 'lease not found';
  if (entry.revokeError !== '') return 'lease is expired and has failed previous revocation attempts';
  if (entry.expireTime === 0) return 'lease is not renewable';
  if (entry.expireTime < now) return 'lease expired';
  if (entry.secret !== undefined && !entry.secret.renewable) return 'lease is not renewable';
  if (entry.auth !== undefined && !entry.auth.renewable) return 'lease is not renewable';
  return undefined;
}

function boundsOf(context: ServiceContext, path: string): { defaultTtl: Micros; maxTtl: Micros } {
  const system = context.mounts.match(path)?.system;
  if (system === undefined) throw failure(`unable to retrieve system view from router`);
  return { defaultTtl: system.defaultLeaseTtl(), maxTtl: system.maxLeaseTtl() };
}

/** The TTL of a new secret. */
export function secretTtl(context: ServiceContext, path: string, secret: Secret): { ttl: Micros; warnings: string[] } {
  return calculateTtl({
    ...boundsOf(context, path),
    backendTtl: secret.ttl,
    backendMaxTtl: secret.maxTtl,
    now: context.runtime.clock.wall(),
  });
}

export async function renewSecret(
  context: ServiceContext,
  entry: LeaseEntry,
  increment: Micros,
): Promise<Renewed | Response | undefined> {
  const secret: Secret = { ...entry.secret!, issueTime: entry.issueTime, increment };
  const data = (entry.data ?? {}) as Request['data'];
  let response: Response | undefined;
  try {
    response = await context.mounts.route(internalRequest(context, 'renew', entry.path, { secret, data }));
  } catch (error) {
    if (error instanceof Fault && error.shape === 'response') throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw failure(`failed to renew entry: resp: (*logical.Response)(nil) err: ${why}`);
  }
  if (response?.secret === undefined) return response;
  const now = context.runtime.clock.wall();
  const renewed = response.secret;
  const { ttl, warnings } = calculateTtl({
    ...boundsOf(context, entry.path),
    increment,
    backendTtl: renewed.ttl,
    backendMaxTtl: renewed.maxTtl,
    issueTime: entry.issueTime,
    now,
  });
  renewed.ttl = ttl;
  renewed.leaseId = entry.leaseId;
  if (warnings.length > 0) response.warnings = [...(response.warnings ?? []), ...warnings];
  let expireTime = now + ttl;
  if (entry.tokenType === tokenTypeNumber('batch')) {
    const token = await context.services.tokens.lookup(entry.clientToken);
    if (token === undefined) throw failure('no token entry found for batch token');
    if (token.creationTime + token.ttl < expireTime) {
      expireTime = token.creationTime + token.ttl;
      renewed.ttl = expireTime - now;
    }
  }
  return {
    entry: { ...entry, data: response.data ?? entry.data, secret: renewed, expireTime, lastRenewal: now },
    response,
  };
}

export async function renewAuth(
  context: ServiceContext,
  entry: LeaseEntry,
  token: TokenEntry,
  increment: Micros,
  { clientCertificates }: Request,
): Promise<Renewed | Response | undefined> {
  // The token store finds its role by the token; no other method gets to see it.
  const clientToken = entry.path.startsWith('auth/token/') ? entry.clientToken : '';
  const auth: Auth = { ...entry.auth!, issueTime: entry.issueTime, increment, clientToken };
  const answer = await context.mounts
    .route(internalRequest(context, 'renew', entry.path, { auth, ...(clientCertificates && { clientCertificates }) }))
    .catch((error: unknown) => {
      throw error instanceof Fault && error.shape === 'error'
        ? failure(`failed to renew entry: ${error.message}`)
        : error;
    });
  if (answer?.auth === undefined) return answer;
  const now = context.runtime.clock.wall();
  const renewed = answer.auth;
  const { ttl, warnings } = calculateTtl({
    ...boundsOf(context, entry.path),
    increment,
    backendTtl: renewed.ttl,
    period: renewed.period,
    backendMaxTtl: renewed.maxTtl,
    explicitMaxTtl: renewed.explicitMaxTtl,
    issueTime: entry.issueTime,
    now,
  });
  renewed.ttl = ttl;
  renewed.clientToken = token.id;
  const all = [...(answer.warnings ?? []), ...warnings];
  return {
    entry: { ...entry, auth: renewed, expireTime: now + ttl, lastRenewal: now },
    response: { auth: renewed, ...(all.length > 0 && { warnings: all }) },
  };
}

/** A refusal to the client; its text stands alone. */
export const notRenewable = (text: string): Fault => refuse(text);
