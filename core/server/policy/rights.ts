/** Whom a token stands for and what it may do, with the policies of its entity, wherever they are. */
import type { Acl, Entity, ServiceContext, TokenEntry } from '../services.ts';

export interface Rights {
  readonly entity: Entity | undefined;
  /** Derived from the entity, in the token's own namespace. */
  readonly identityPolicies: readonly string[];
  /** The same in other namespaces, by the namespace's id. */
  readonly foreign: ReadonlyMap<string, readonly string[]> | undefined;
  readonly acl: Acl;
}

export async function rightsOf(context: ServiceContext, token: TokenEntry, known?: Entity): Promise<Rights> {
  const home = context.in(token.namespaceId) ?? context;
  const entity = known ?? (token.entityId === '' ? undefined : await context.services.identity.entity(token.entityId));
  const derived =
    entity === undefined || token.noIdentityPolicies ? none : await context.services.identity.policies(entity);
  const elsewhere = entity !== undefined && entity.namespaceId !== home.namespace.id;
  const identityPolicies = elsewhere ? none : derived;
  const foreign = elsewhere && derived.length > 0 ? new Map([[entity.namespaceId, derived]]) : undefined;
  const acl = await home.services.policies.acl({
    policies: identityPolicies.length === 0 ? token.policies : [...token.policies, ...identityPolicies],
    ...(foreign && { foreign }),
    ...(entity && { entity }),
    ...(token.inlinePolicy === '' ? {} : { inlinePolicy: token.inlinePolicy }),
  });
  return { entity, identityPolicies, foreign, acl };
}

const none: readonly string[] = [];
