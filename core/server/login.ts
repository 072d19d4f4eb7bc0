/** A login's part of the path: no token is needed, and an answer that is an identity gets one. */
import type { JsonObject } from '../codec/json.ts';
import { Fault, InvalidCredentials, failure, permissionDenied } from '../fault.ts';
import { emptyAuth } from '../framework/empty-auth.ts';
import type { Auth, Request, Response } from '../framework/logical.ts';
import type { Active } from './active.ts';
import { auditedLogin } from './audit/trail.ts';
import type { Trail } from './audit/trail.ts';
import type { Checked } from './auth-check.ts';
import { checkLogin } from './auth-check.ts';
import { variableOf } from './configuration/variable.ts';
import type { User } from './lockout.ts';
import { lockableUser } from './lockout.ts';
import type { Outcome } from './outcome.ts';
import { decideWrapping, denied, failed, forward, plainFault } from './outcome.ts';
import type { Entity, TokenEntry } from './services.ts';

/** After BAO_ or VAULT_: with any word, logins at local mounts have no entity. */
export const WITHOUT_LOCAL_ENTITIES = 'DISABLE_LOCAL_AUTH_MOUNT_ENTITIES';

/** Needs no token; if the answer is an identity, it gets one. Errors are not wrapped in a multierror here. */
export async function handleLogin(
  request: Request,
  active: Active,
  trail: Trail,
  inline: ((token: TokenEntry) => void) | undefined,
): Promise<Outcome> {
  const { metrics } = active.runtime;
  const work = () => serveLogin(request, active, trail, inline);
  return metrics === undefined ? work() : metrics.time('vault.core.handle_login_request', work);
}

async function serveLogin(
  request: Request,
  active: Active,
  trail: Trail,
  inline: ((token: TokenEntry) => void) | undefined,
): Promise<Outcome> {
  trail.login = true;
  await active.runtime.cpu.spend('request.login');
  let checked: Checked;
  try {
    checked = await checkLogin(request, active.check);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return denied(error, undefined, trail);
  }
  trail.auth = checked.auth;
  if (checked.token) trail.setToken(checked.token, active.runtime.crypto);
  if (trail.enabled && !(await trail.request())) return failed(failure('internal error'), checked.auth);

  let auth = checked.auth;
  let user: User | undefined;
  let known = false;
  try {
    user = await lockableUser(request, active);
    known = true;
    if (user !== undefined && active.lockouts.isLocked(user.entry, user.alias)) {
      return failed(permissionDenied(), undefined);
    }
    const response = await active.mounts.router.route(request);
    if (response === undefined) return { response, fault: undefined, auth };
    decideWrapping(request, response);
    if (response.secret !== undefined) throw failure('internal error');
    if (response.auth?.clientToken !== undefined) {
      await sign(response.auth, active);
      auth = auditedLogin(response.auth, false);
    } else if (response.auth !== undefined) {
      if (user !== undefined) active.lockouts.succeeded(user.entry, user.alias);
      const entityCreated = await completeLogin(request, response, response.auth, active, inline);
      await sign(response.auth, active);
      auth = auditedLogin(response.auth, entityCreated);
    }
    return { response, fault: undefined, auth };
  } catch (error) {
    if (user !== undefined && error instanceof InvalidCredentials) active.lockouts.failed(user.entry, user.alias);
    const fault = plainFault(error, active);
    return failed(fault, known && !(fault instanceof InvalidCredentials) ? auth : undefined);
  }
}

/** Where tokens are signed, the client gets it so. */
async function sign(auth: Auth, { tokenSigning }: Active): Promise<void> {
  if (auth.clientToken !== undefined) auth.clientToken = await tokenSigning.sign(auth.clientToken, auth.policies);
}

/** Entity, then token and lease. Returns whether the entity is new. */
async function completeLogin(
  request: Request,
  response: Response,
  auth: Auth,
  active: Active,
  inline: ((token: TokenEntry) => void) | undefined,
): Promise<boolean> {
  const mount = active.mounts.match(request.path);
  if (!mount) throw failure('internal error');
  let created = false;
  let entity: Entity | undefined;
  const unknown = mount.entry.local && variableOf(active.runtime, WITHOUT_LOCAL_ENTITIES) !== '';
  if (auth.alias !== undefined && !unknown) {
    if (auth.alias.name === '') throw failure('missing name in alias');
    const alias = { ...auth.alias, mountAccessor: mount.entry.accessor, mountType: mount.entry.type };
    const found = await active.services.identity.forAlias(alias);
    if (!found) throw forward();
    if (found.entity.disabled) throw permissionDenied();
    created = found.created;
    entity = found.entity;
    auth.entityId = found.entity.id;
    auth.entityCreated = created;
    await active.services.identity.refreshGroups(entity.id, auth.groupAliases ?? [], mount.entry.accessor);
    auth.identityPolicies = [...(await active.services.identity.policies(found.entity))];
  }
  const requirement = await active.services.identity.loginMfa.challenge(request, auth, entity, mount);
  if (requirement === 'unasked') response.warnings = [...(response.warnings ?? []), UNASKED];
  else if (requirement !== undefined) {
    response.auth = unconfirmed(requirement);
    response.warnings = [...(response.warnings ?? []), MFA_WARNING];
    return created;
  }
  // A standby could make batch tokens, which nobody stores, and leaves them to the active node all the same.
  if (active.standby && inline === undefined) throw forward();
  const warnings = await active.services.tokens.createForLogin(request, auth, mount, inline);
  if (warnings.length > 0) response.warnings = [...(response.warnings ?? []), ...warnings];
  return created;
}

const UNASKED = 'Found MFA header but failed to find MFA Enforcement Config';
const MFA_WARNING =
  'A login request was issued that is subject to MFA validation. Please make sure to validate the login by sending another request to mfa/validate endpoint.';

/** What a login is answered with that has to be confirmed first. */
const unconfirmed = (mfaRequirement: JsonObject): Auth => ({ ...emptyAuth(), mfaRequirement });
