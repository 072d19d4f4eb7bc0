/** Whom a token stands for and what it may do, by the policies of its own namespace. */
import type { Acl, Entity, ServiceContext, TokenEntry } from '../services.ts';

export interface Rights {
  readonly entity: Entity | undefined;
  /** Derived from the entity. */
  readonly identityPolicies: readonly string[];
  /** Likewise, by the id of another namespace. */
  readonly policiesElsewhere: ReadonlyMap<string, readonly string[]>;
  readonly acl: Acl;
}

/** The entity is one of the token's own namespace; without it the token is of no use. */
export async function rightsOf(context: ServiceContext, token: TokenEntry, known?: Entity): Promise<Rights> {
  const { services } = context.in(token.namespaceId) ?? context;
  const entity = known ?? (token.entityId === '' ? undefined : await services.identity.entity(token.entityId));
  const identityPolicies =
    entity === undefined || token.noIdentityPolicies ? none : await services.identity.policies(entity);
  const elsewhere =
    entity === undefined || token.noIdentityPolicies ? nowhere : await services.identity.policiesElsewhere(entity);
  const acl = await services.policies.acl({
    policies: identityPolicies.length === 0 ? token.policies : [...token.policies, ...identityPolicies],
    ...(elsewhere.size > 0 && { elsewhere }),
    ...(entity && { entity }),
    ...(token.inlinePolicy === '' ? {} : { inlinePolicy: token.inlinePolicy }),
  });
  return { entity, identityPolicies, policiesElsewhere: elsewhere, acl };
}

const none: readonly string[] = [];
const nowhere: ReadonlyMap<string, readonly string[]> = new Map();
