/** Who is asking and whether they may: token, entity, policies, and create or update by what exists (facts §5.2). */
import { Fault, StorageFailed, failure, permissionDenied, refuse } from '../fault.ts';
import type { Caller, Request } from '../framework/logical.ts';
import { BarrierSealed } from '../storage/barrier/barrier.ts';
import { ReadOnly } from '../storage/storage.ts';
import type { AuditedAuth } from './audit/record.ts';
import { inCidrs } from './cidr.ts';
import { multierror } from '../codec/multierror.ts';
import type { Router } from './router.ts';
import { rightsOf } from './policy/rights.ts';
import type { Rights } from './policy/rights.ts';
import type { Acl, AclDecision, Entity, ServiceContext, TokenEntry } from './services.ts';

export interface Checked {
  readonly token: TokenEntry | undefined;
  readonly entity: Entity | undefined;
  readonly acl: Acl | undefined;
  readonly decision: AclDecision | undefined;
  readonly auth: AuditedAuth | undefined;
  /** Why not; the token (if any) still loses a use. */
  readonly denied: Fault | undefined;
}

interface Identified extends Rights {
  readonly token: TokenEntry;
}

export interface CheckContext {
  readonly router: Router;
  /** Of the namespace that the request is in; the token may be of another. */
  readonly context: ServiceContext;
  /** True on a node that serves reads only: what it cannot know is the active node's to answer. */
  readonly standby: boolean;
}

/** For paths that may be called without a token. A token that comes along only adds to the audit log. */
export async function checkLogin(request: Request, context: CheckContext): Promise<Checked> {
  if (context.router.isRoot(request.path)) {
    throw failure('cannot access root path in unauthenticated request');
  }
  let known: Identified | undefined;
  if (request.clientToken !== '') {
    const token = await context.context.services.tokens.lookup(request.clientToken).catch(() => undefined);
    if (token) known = await identify(request, token, context).catch(() => undefined);
  }
  await decideCreateOrUpdate(request, context.router);
  const clientToken = request.tokenAsSent ?? request.clientToken;
  const auth = { ...auditedAuth(known, undefined, true), clientToken };
  return { token: known?.token, entity: known?.entity, acl: undefined, decision: undefined, auth, denied: undefined };
}

/** For everything else. Sets `request.caller`, and `request.operation` to create or update. */
export async function checkToken(request: Request, context: CheckContext, inline?: TokenEntry): Promise<Checked> {
  const nobody = { token: undefined, entity: undefined, acl: undefined, decision: undefined, auth: undefined };
  const token = inline ?? (await lookup(request.clientToken, context.context));
  if (!token) {
    if (context.standby) throw new ReadOnly('please forward to the active node');
    return { ...nobody, denied: permissionDenied() };
  }
  if (context.standby && token.numUses > 0) throw new ReadOnly('please forward to the active node');
  request.caller = callerOf(token);

  let known: Identified;
  try {
    known = await identify(request, token, context);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...nobody, token, denied: error };
  }
  const needsSudo = context.router.isRoot(request.path);
  try {
    await decideCreateOrUpdate(request, context.router);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...nobody, token, entity: known.entity, denied: error };
  }
  const decision = known.acl.check(request);
  const allowed = decision.allowed && (!needsSudo || decision.sudo);
  if (allowed && decision.limit !== undefined) request.data['limit'] = decision.limit;
  return {
    token,
    entity: known.entity,
    acl: known.acl,
    decision,
    auth: { ...auditedAuth(known, decision, allowed), ...asSent(request) },
    denied: allowed ? undefined : failure(multierror('permission denied')),
  };
}

const asSent = ({ tokenAsSent }: Request): Pick<AuditedAuth, 'clientToken'> | undefined =>
  tokenAsSent === undefined ? undefined : { clientToken: tokenAsSent };

async function lookup(id: string, { services }: ServiceContext): Promise<TokenEntry | undefined> {
  if (id === '') return undefined;
  try {
    return await services.tokens.lookup(id);
  } catch (error) {
    if (error instanceof BarrierSealed) throw refuse(`error performing token check: ${error.message}`, 503);
    if (!(error instanceof StorageFailed)) throw error;
    throw refuse(`error performing token check: failed to read entry: ${error.message}`, 500);
  }
}

async function identify(request: Request, token: TokenEntry, { context }: CheckContext): Promise<Identified> {
  if (token.boundCidrs.length > 0 && !inCidrs(request.remote.address, token.boundCidrs)) throw permissionDenied();
  let entity: Entity | undefined;
  if (token.entityId !== '') {
    entity = await (context.in(token.namespaceId) ?? context).services.identity.entity(token.entityId);
    if (!entity || entity.disabled) throw permissionDenied();
  }
  const rights = await rightsOf(context, token, entity).catch((error: unknown) => {
    throw error instanceof Fault ? failure('internal error') : error;
  });
  return { token, ...rights };
}

/** Writers say POST or PUT alike; what is there decides. Without an existence check everything is an update. */
async function decideCreateOrUpdate(request: Request, router: Router): Promise<void> {
  if (request.operation !== 'create' && request.operation !== 'update') return;
  let exists: boolean | undefined;
  try {
    exists = await router.exists(request);
  } catch (error) {
    if (!(error instanceof Fault)) throw failure('internal error');
    if (error.message !== 'unsupported path') throw error.shape === 'error' ? failure('internal error') : error;
  }
  request.operation = exists === false ? 'create' : 'update';
}

export function callerOf(token: TokenEntry): Caller {
  return {
    clientToken: token.id,
    accessor: token.accessor,
    tokenType: token.type,
    policies: token.policies,
    displayName: token.displayName,
    entityId: token.entityId,
    namespaceId: token.namespaceId,
    cubbyholeId: token.cubbyholeId,
  };
}

function auditedAuth(known: Identified | undefined, decision: AclDecision | undefined, allowed: boolean): AuditedAuth {
  const token = known?.token;
  const identityPolicies = known?.identityPolicies ?? [];
  return {
    clientToken: token?.id ?? '',
    accessor: token?.accessor ?? '',
    displayName: token?.displayName ?? '',
    policies: token === undefined ? [] : merged(token.policies, identityPolicies),
    tokenPolicies: token?.policies ?? [],
    identityPolicies,
    ...(known && { policiesElsewhere: known.policiesElsewhere }),
    metadata: token?.meta,
    noDefaultPolicy: false,
    numUses: 0,
    entityId: token?.entityId ?? '',
    entityCreated: false,
    tokenType: token?.type ?? 'default',
    ttl: token?.ttl ?? 0,
    issueTime: token?.creationTime ?? 0,
    allowed,
    granting: allowed ? (decision?.granting ?? []) : [],
  };
}

const merged = (own: readonly string[], more: readonly string[]): readonly string[] =>
  more.length === 0 ? own : [...new Set([...own, ...more])].sort();
