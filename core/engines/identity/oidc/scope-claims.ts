/** The claims of scopes about an entity. */
import type { JsonObject } from '../../../codec/json.ts';
import { compareText } from '../../../codec/bytes.ts';
import type { IdentityCall } from '../fields.ts';
import { groupsOf } from '../membership.ts';
import type { StoredEntity } from '../model.ts';
import { claimsOf } from './template.ts';

/** Two scopes set the same claim. */
export class ScopeConflict extends Error {
  readonly claim: string;
  /** The later one first. */
  readonly scopes: readonly [string, string];
  constructor(claim: string, scopes: readonly [string, string]) {
    super(`two scopes set ${claim}`);
    this.name = 'ScopeConflict';
    this.claim = claim;
    this.scopes = scopes;
  }
}

/** Throws ScopeConflict. */
export async function scopeClaims(
  scopes: readonly string[],
  entity: StoredEntity,
  call: IdentityCall,
): Promise<JsonObject> {
  const { store } = call;
  const { direct, inherited } = groupsOf(entity.id, call.context.directory);
  const input = { entity, groups: [...direct, ...inherited], now: call.now() };
  const setBy = new Map<string, string>();
  const claims: JsonObject = {};
  for (const scope of scopes) {
    const template = (await store.scopes.get(scope))?.template ?? '';
    const own = claimsOf(template, input);
    for (const claim of Object.keys(own).sort(compareText)) {
      const other = setBy.get(claim);
      if (other !== undefined) throw new ScopeConflict(claim, [scope, other]);
      setBy.set(claim, scope);
      claims[claim] = own[claim]!;
    }
  }
  return claims;
}
