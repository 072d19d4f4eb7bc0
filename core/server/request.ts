/**
 * The path of one request through an unsealed node, top to bottom (facts §5.2). What the HTTP layer hands in has been
 * parsed; what comes out is a response for the envelope, undefined (204 or 404), or a thrown Fault with upstream's
 * text. ReadOnly is thrown where only the active node can answer: the HTTP layer forwards then.
 */
import { AssertionError } from '../assert.ts';
import { Fault, failure, refuse } from '../fault.ts';
import { isEmptyList } from '../framework/reply.ts';
import type { Auth, Request, Response, Secret } from '../framework/logical.ts';
import { ReadOnly } from '../storage/storage.ts';
import type { Active } from './active.ts';
import { defer, deferredOf } from './control-groups/deferred.ts';
import type { ControlGroup } from './policy/control-group.ts';
import { bareAuth, Trail } from './audit/trail.ts';
import type { Checked } from './auth-check.ts';
import { callerOf, checkToken } from './auth-check.ts';
import { inlineFailedHeader, inlineLogin, leasesRefused } from './inline-auth.ts';
import { filterKeys, filterOf } from './list-filter.ts';
import { handleLogin } from './login.ts';
import { multierror } from '../codec/multierror.ts';
import { passOut } from './mounts/headers.ts';
import { enter } from './namespaces/enter.ts';
import { switched } from './namespaces/switching.ts';
import type { Outcome } from './outcome.ts';
import { decideWrapping, denied, failed, faultOf, forward, isWrite } from './outcome.ts';
import type { TokenEntry } from './services.ts';
import { opened, showAsSent, tokenPaths } from './tokens/as-sent.ts';

const wrappingPaths: ReadonlySet<string> = new Set([
  'sys/wrapping/lookup',
  'sys/wrapping/rewrap',
  'sys/wrapping/unwrap',
]);

/** `root` is the node's root namespace; the request goes to the one that it names. */
export async function handleRequest(request: Request, root: Active): Promise<Response | undefined> {
  root.scope.check();
  const { active, request: here } = enter(request, root);
  // Whoever asks for help is not logged in by its headers.
  const login = here.operation === 'help' ? undefined : inlineLogin(here, active.runtime.random, root.namespaces.root);
  if (login === undefined) return serve(here, active, undefined, request);
  const inline = await loginInline(login.request, login.active);
  if ('answer' in inline) return inline.answer;
  return serve({ ...here, clientToken: inline.token.id }, active, inline.token, request);
}

/** `inline` is the token of a login in the request's headers. */
async function serve(
  sent: Request,
  entered: Active,
  inline: TokenEntry | undefined,
  original: Request,
): Promise<Response | undefined> {
  if (sent.operation === 'options') throw refuse('cannot handle internal-only request operation');
  if (sent.path.endsWith('/') && isWrite(sent)) throw refuse("cannot write to a path ending in '/'");
  const arrived = atMount(sent, entered);
  refuseOddIds(arrived);
  const open = opened(arrived, entered);
  const came = open instanceof Promise ? await open : open;
  const moved = switched(came, entered);
  const { active, request: there } = moved instanceof Promise ? await moved : moved;
  const opening = wrappingPaths.has(there.path) ? await withWrappingToken(there, active) : there;
  if (opening.wrap !== undefined && active.standby) throw forward();
  const asked = active.mounts.router.resolved(opening);

  const trail = new Trail(active.audit, asked, active.mounts.router, came.namespace.path);
  try {
    const outcome = active.mounts.router.isLogin(asked.path)
      ? await handleLogin(asked, active, trail, undefined)
      : await handleNormal(asked, active, trail, inline);
    return await finish(asked, outcome, active, trail);
  } finally {
    // Who logs requests knows the one that came, under whatever name it has gone on.
    if (asked.caller !== undefined) original.caller = asked.caller;
  }
}

const LEASE_PATHS = /^sys\/leases\/(?:lookup|renew|revoke)(?:\/|$)/;

/** Tokens and leases name their namespace, so that they are read before anybody asks whose request it is. */
function refuseOddIds({ path, data }: Request): void {
  const { token, lease_id: lease } = data;
  if (token !== undefined && typeof token !== 'string' && tokenPaths.has(path)) throw refuse('invalid token', 403);
  if (lease !== undefined && lease !== null && typeof lease !== 'string' && LEASE_PATHS.test(path)) {
    throw refuse('invalid lease ID');
  }
}

/** What a wrapping endpoint refuses is its answer, whatever the shape. */
async function asAnswer<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Fault ? refuse(error.message, error.status) : error;
  }
}

/** What is written to a mount itself is written below it, for policies too. */
function atMount(request: Request, { mounts }: Active): Request {
  if (request.operation !== 'update' && request.operation !== 'create') return request;
  const path = `${request.path}/`;
  return mounts.router.at(path) === undefined ? request : { ...request, path };
}

/** The token of the login, or the answer of one that gave none. */
async function loginInline(
  login: Request,
  active: Active,
): Promise<{ readonly token: TokenEntry } | { readonly answer: Response | undefined }> {
  const made: TokenEntry[] = [];
  try {
    if (login.path.endsWith('/') && isWrite(login)) throw refuse("cannot write to a path ending in '/'");
    const asked = wrappingPaths.has(login.path) ? await asAnswer(withWrappingToken(login, active)) : login;
    const trail = new Trail(active.audit, asked, active.mounts.router);
    const outcome = active.mounts.router.isLogin(asked.path)
      ? await handleLogin(asked, active, trail, (token) => made.push(token))
      : await handleNormal(asked, active, trail, undefined);
    const answer = await finish(asked, outcome, active, trail);
    // It is in nobody's storage, so nothing may be looked up by its accessor.
    const [token] = made;
    if (token !== undefined) return { token: { ...token, accessor: '' } };
    return { answer: answer && { ...answer, headers: { ...answer.headers, [inlineFailedHeader]: ['true'] } } };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.shape !== 'response') {
      throw new Fault(error.shape, `failed to perform inline authentication: ${error.message}`, error.status);
    }
    error.headers = [[inlineFailedHeader, 'true']];
    throw error;
  }
}

/** Needs a token with the rights for it. */
async function handleNormal(
  request: Request,
  active: Active,
  trail: Trail,
  inline: TokenEntry | undefined,
): Promise<Outcome> {
  const { metrics } = active.runtime;
  const work = () => normal(request, active, trail, inline);
  return metrics === undefined ? work() : metrics.time('vault.core.handle_request', work);
}

async function normal(
  request: Request,
  active: Active,
  trail: Trail,
  inline: TokenEntry | undefined,
): Promise<Outcome> {
  let checked: Checked;
  try {
    const { metrics } = active.runtime;
    const check = () => checkToken(request, active.check, inline);
    checked = metrics === undefined ? await check() : await metrics.time('vault.core.check_token', check);
  } catch (error) {
    return failed(faultOf(error, active), undefined);
  }
  const { cpu } = active.runtime;
  await cpu.spend(isWrite(request) ? 'request.write' : 'request.read');
  if (checked.token?.policies.includes('root') !== true) await cpu.spend('request.policies');
  trail.auth = checked.auth;
  // Nobody counts a client whose request was refused before its rights were looked at.
  if (checked.token !== undefined && checked.auth === undefined) trail.setUncounted(checked.token);
  else if (checked.token) trail.setToken(checked.token, active.runtime.crypto);

  // The use is burnt even when the request is refused: only a token that is not known at all costs nothing.
  let token = checked.token;
  if (token !== undefined && token.numUses !== 0 && !carriesOut(request, token)) {
    if (inline !== undefined) return failed(failure(multierror('internal error')), undefined);
    token = await active.services.tokens.use(token);
    if (!token) return failed(failure(multierror('permission denied')), undefined);
    request.caller = callerOf(token);
  }
  const outcome = await answer(request, checked, active, trail, inline !== undefined);
  return token?.numUses === -1 ? afterLastUse(token, outcome, active) : outcome;
}

/** Unwrapping what others have agreed to costs the token nothing. */
const carriesOut = ({ path }: Request, token: TokenEntry): boolean =>
  path === 'sys/wrapping/unwrap' && deferredOf(token) !== undefined;

async function answer(
  request: Request,
  checked: Checked,
  active: Active,
  trail: Trail,
  inline: boolean,
): Promise<Outcome> {
  if (checked.denied) return denied(checked.denied, checked.auth, trail);
  const auth = checked.auth;
  if (trail.enabled && !(await trail.request())) return failed(failure(multierror('internal error')), auth);

  const controlGroup = request.approved ? undefined : checked.decision?.controlGroup;
  if (controlGroup !== undefined) return deferring(request, controlGroup, checked, active);
  const filter = filterOf(request, checked.decision);
  let response: Response | undefined;
  try {
    response = await active.mounts.router.route(request);
    if (response !== undefined && readsWrapped(request, checked.token)) {
      response.warnings = [...(response.warnings ?? []), UNWRAP_INSTEAD];
    }
  } catch (error) {
    // An error response has no keys, either.
    const unfiltered = filter !== undefined && error instanceof Fault && error.shape === 'response';
    return failed(unfiltered ? failure('internal error') : faultOf(error, active), auth);
  }
  if (response === undefined) return { response, fault: undefined, auth };
  decideWrapping(request, response);
  if (filter !== undefined && checked.acl && !filterKeys(request, response, filter, checked.acl, active.runtime)) {
    return failed(failure('internal error'), auth);
  }
  if (inline && response.secret !== undefined && isLeased(request, active)) {
    return failed(failure(leasesRefused), auth);
  }
  // What was carried out inside has its leases.
  if (request.path === 'sys/wrapping/unwrap') return { response, fault: undefined, auth };
  try {
    if (response.secret !== undefined) await registerLease(request, response, response.secret, active);
    if (response.auth !== undefined) await registerTokenAuth(request, response.auth, active);
    showAsSent(request, response);
  } catch (error) {
    if (error instanceof ReadOnly || error instanceof AssertionError) throw error;
    active.runtime.log.write('error', 'core', 'failed to register lease', { request_path: request.path, error });
    return failed(failure(multierror('internal error')), auth);
  }
  return { response, fault: undefined, auth };
}

const UNWRAP_INSTEAD =
  "Reading from 'cubbyhole/response' is deprecated. Please use sys/wrapping/unwrap to unwrap responses, as it provides additional security checks and other benefits.";

/** Where a wrapping token keeps its response; clients of old read it there. */
const readsWrapped = ({ path }: Request, token: TokenEntry | undefined): boolean =>
  path === 'cubbyhole/response' && token?.policies.length === 1 && token.policies[0] === 'response-wrapping';

/** Instead of an answer, what it can be had with once others have agreed. Upstream forgets requests without a TTL. */
async function deferring(
  request: Request,
  group: ControlGroup,
  checked: Checked,
  { services, runtime }: Active,
): Promise<Outcome> {
  const wrapInfo = group.ttl === 0 ? undefined : await defer(request, group, checked, services, runtime.clock.wall());
  const response = wrapInfo === undefined ? {} : { wrapInfo };
  return { response, fault: undefined, auth: checked.auth };
}

async function afterLastUse(token: TokenEntry, outcome: Outcome, active: Active): Promise<Outcome> {
  await active.services.tokens.revokeSpent(token);
  if (outcome.response?.secret?.leaseId === undefined) return outcome;
  const text = 'Secret cannot be returned; token had one use left, so leased credentials were immediately revoked.';
  return failed(refuse(text), outcome.auth);
}

const isLeased = (request: Request, active: Active): boolean => {
  const entry = active.mounts.match(request.path)?.entry;
  return (entry?.type !== 'kv' && entry?.type !== 'generic') || entry.options?.['leased_passthrough'] === 'true';
};

/** Every secret is leased, but for KV's, whose TTL is only a hint. A renewed lease has its entry already. */
async function registerLease(request: Request, response: Response, secret: Secret, active: Active): Promise<void> {
  if (request.path.startsWith('sys/renew') || request.path.startsWith('sys/leases/renew')) return;
  if (!isLeased(request, active)) {
    secret.renewable = false;
    return;
  }
  await active.services.leases.register(request, response);
}

/** Only the token store answers with a token outside of logins. */
async function registerTokenAuth(request: Request, auth: Auth, active: Active): Promise<void> {
  if (!request.path.startsWith('auth/token/')) throw new Error('unexpected Auth response for non-token backend');
  await active.services.tokens.registerCreated(request, auth);
  // A renewed one is shown as it was sent.
  if (request.path.startsWith('auth/token/renew')) return;
  auth.clientToken = await active.tokenSigning.sign(auth.clientToken ?? '', auth.tokenPolicies ?? []);
}

async function finish(request: Request, outcome: Outcome, active: Active, trail: Trail): Promise<Response | undefined> {
  let { response, fault } = outcome;
  if (response?.headers !== undefined || (fault instanceof Fault && fault.headers !== undefined)) {
    passOut(outcome, active.mounts.match(request.path)!.entry);
  }
  let audited = response;
  const wrap = response?.wrapInfo;
  if (response !== undefined && fault === undefined && wrap !== undefined && wrap.token === '' && wrap.ttl !== 0) {
    try {
      // Nobody is to unwrap a list of nothing.
      if (isEmptyList(request, response)) throw refuse('unsupported path');
      const format = request.wrap?.format ?? 'uuid';
      const displayName = outcome.auth?.displayName ?? '';
      const info = await active.services.wrapping.wrap(request, response, { ttl: wrap.ttl, format, displayName });
      response = { wrapInfo: info, ...(response.warnings ? { warnings: response.warnings } : {}) };
      audited = response;
    } catch (error) {
      fault = faultOf(error, active);
      audited = undefined;
    }
  }
  if (!trail.enabled) countUnaudited(active);
  else if (!(await trail.response(outcome.auth, audited, fault))) throw failure('internal error');
  if (fault !== undefined) throw fault;
  return response;
}

/** Without devices nothing is logged and nothing fails, which upstream's metrics tell all the same. */
function countUnaudited({ runtime: { metrics } }: Active): void {
  for (const what of ['log_request', 'log_response']) {
    metrics?.sample(`vault.audit.${what}`, 0);
    metrics?.count(`vault.audit.${what}_failure`, 0);
  }
}

/** The token to unwrap may be the caller's own, or be named in the body beside a caller's own token. */
async function withWrappingToken(request: Request, active: Active): Promise<Request> {
  let token: string;
  try {
    token = await active.services.wrapping.validate(request);
  } catch (error) {
    if (active.audit.enabled) await auditBadWrapping(request, active);
    throw error;
  }
  if (active.standby && request.path !== 'sys/wrapping/lookup') throw forward();
  return typeof request.data['token'] === 'string' && request.data['token'] !== ''
    ? { ...request, data: { ...request.data, token } }
    : { ...request, clientToken: token, ...(token !== request.clientToken && { tokenAsSent: request.clientToken }) };
}

async function auditBadWrapping(request: Request, active: Active): Promise<void> {
  const trail = new Trail(active.audit, request, active.mounts.router);
  trail.mount = 'point';
  const token = await active.services.tokens.lookup(request.clientToken);
  if (token) trail.setUncounted(token);
  trail.auth = bareAuth(request.clientToken, token?.accessor ?? '');
  await trail.request('wrapping token is not valid or does not exist');
}
