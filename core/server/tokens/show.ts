/** What the API shows of a token. */
import type { JsonObject } from '../../codec/json.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND, wholeSeconds } from '../../runtime.ts';
import type { LeaseTimes, ServiceContext, TokenEntry } from '../services.ts';

/** Seconds from the nearest whole second of `now`, as upstream counts. */
export const secondsLeft = (expireTime: Micros, now: Micros): number =>
  wholeSeconds(expireTime - Math.round(now / SECOND) * SECOND);

/** `id` is '' when the token is looked up by its accessor. */
export async function showToken(context: ServiceContext, token: TokenEntry, id: string): Promise<JsonObject> {
  const data: JsonObject = {
    accessor: token.accessor,
    creation_time: wholeSeconds(token.creationTime),
    creation_ttl: wholeSeconds(token.ttl),
    display_name: token.displayName,
    entity_id: token.entityId,
    expire_time: null,
    explicit_max_ttl: wholeSeconds(token.explicitMaxTtl),
    id,
    meta: token.meta ?? null,
    num_uses: token.numUses,
    orphan: token.parent === '',
    path: token.path,
    // A batch token without policies has none, where a stored token has an empty list.
    policies: token.type === 'batch' && token.policies.length === 0 ? null : token.policies,
    ttl: 0,
    type: token.type,
  };
  const { namespace } = context.in(token.namespaceId) ?? context;
  if (namespace.path !== '') data['namespace_path'] = namespace.path;
  if (token.role !== '') data['role'] = token.role;
  if (token.period > 0) data['period'] = wholeSeconds(token.period);
  if (token.boundCidrs.length > 0) data['bound_cidrs'] = token.boundCidrs;
  const now = context.runtime.clock.wall();
  const times = await timesOf(context, token);
  if (times !== undefined) {
    if (times.lastRenewal > 0) {
      data['last_renewal'] = formatRfc3339(times.lastRenewal);
      data['last_renewal_time'] = wholeSeconds(times.lastRenewal);
    }
    if (times.expireTime > 0) {
      data['expire_time'] = formatRfc3339(times.expireTime);
      data['ttl'] = secondsLeft(times.expireTime, now);
    }
    data['issue_time'] = formatRfc3339(times.issueTime);
    data['renewable'] = times.renewable;
  }
  await addIdentity(data, context, token);
  return data;
}

/** A lease is looked for where the request is: that of a token from above is not there. */
async function timesOf({ services, namespace }: ServiceContext, token: TokenEntry): Promise<LeaseTimes | undefined> {
  if (token.type === 'batch') return batchTimes(token);
  return token.namespaceId === namespace.id ? services.leases.tokenTimes(token) : undefined;
}

/** Upstream shows the policies as they are found: unsorted, and one of two groups twice. */
async function addIdentity(data: JsonObject, context: ServiceContext, token: TokenEntry): Promise<void> {
  if (token.entityId === '' || token.noIdentityPolicies) return;
  const { identity } = context.services;
  const entity = await identity.entity(token.entityId);
  if (entity === undefined) return;
  const policies = await identity.policies(entity);
  const elsewhere = await identity.policiesElsewhere(entity);
  if (policies.length === 0 && elsewhere.size === 0) return;
  data['identity_policies'] = policies;
  data['external_namespace_policies'] = Object.fromEntries(elsewhere);
}

const batchTimes = (token: TokenEntry): LeaseTimes => ({
  leaseId: '',
  path: token.path,
  issueTime: token.creationTime,
  expireTime: token.creationTime + token.ttl,
  lastRenewal: 0,
  renewable: false,
  revokeError: '',
});
