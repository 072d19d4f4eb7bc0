/** Checking that who orders a certificate has the name: begun by the client, done in the background, tried again. */
import { formatSeconds } from '../../../codec/rfc3339.ts';
import type { BackendContext } from '../../../framework/logical.ts';
import { HOUR, SECOND, type Runtime } from '../../../runtime.ts';
import type { Reader, Writer } from '../../../storage/storage.ts';
import type { PkiState } from '../state.ts';
import { PkiStore } from '../store.ts';
import type { AccountCall } from './accounts.ts';
import { checkDns } from './check-dns.ts';
import { checkHttp } from './check-http.ts';
import { checkTls } from './check-tls.ts';
import type { Check } from './check.ts';
import { acmeConfig } from './config.ts';
import { AcmeStore, type Authorization, type Challenge, type Validation } from './model.ts';
import { problemFirst, type AcmeProblem } from './problem.ts';

const RETRIES = 5;

/** Throws AcmeProblem; gives the challenge as it now is. */
export async function accept(
  id: string,
  authorization: Authorization,
  challenge: Challenge,
  { call, sender, store }: AccountCall,
): Promise<Challenge> {
  const name = `${id}-${challenge.type}`;
  if ((await store.validations.get(name)) !== undefined) return challenge;
  const refused = (detail: string): AcmeProblem =>
    problemFirst('malformed', detail).within('error submitting challenge for validation');
  if (authorization.status !== 'pending') {
    throw refused(`cannot accept already validated authorization ${id} (${authorization.status})`);
  }
  if (challenge.status !== 'pending' && challenge.status !== 'processing') {
    throw refused(`challenge is in invalid state (${challenge.status}) in authorization ${id}`);
  }
  const processing: Challenge = { ...challenge, status: 'processing' };
  await store.validations.put(name, {
    account: sender.id,
    authorization: id,
    type: challenge.type,
    token: challenge.token,
    thumbprint: sender.thumbprint,
    retries: 0,
  });
  await store.authorizations(sender.id).put(id, withChallenge(authorization, processing));
  startValidation(name, call.state, call.running.storage, call.context);
  return processing;
}

const withChallenge = (authorization: Authorization, challenge: Challenge): Authorization => ({
  ...authorization,
  challenges: authorization.challenges.map((one) => (one.type === challenge.type ? challenge : one)),
});

/** In the background, once at a time for each. */
export function startValidation(
  name: string,
  state: PkiState,
  storage: Reader & Writer,
  context: BackendContext,
): void {
  if (state.validating.has(name)) return;
  state.validating.add(name);
  const store = new AcmeStore(storage);
  const run = async (): Promise<void> => {
    try {
      while (context.system.active && !(await validated(name, store, state, context.runtime))) {
        const { retries } = (await store.validations.get(name))!;
        await context.runtime.clock.sleep(retries * 5 * SECOND);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      context.runtime.log.write('error', '', `ACME validation failed for ${name}`, { error: text });
    } finally {
      state.validating.delete(name);
    }
  };
  void run();
}

/** What was begun before a restart or by another node. */
export async function resumeValidations(
  state: PkiState,
  storage: Reader & Writer,
  context: BackendContext,
): Promise<void> {
  for (const name of await new AcmeStore(storage).validations.list()) startValidation(name, state, storage, context);
}

/** False: to be tried again. */
async function validated(name: string, store: AcmeStore, state: PkiState, runtime: Runtime): Promise<boolean> {
  const validation = await store.validations.get(name);
  if (validation === undefined) return true;
  const { account, authorization: id } = validation;
  const authorization = await store.authorizations(account).get(id);
  const fault =
    authorization?.status === 'pending' ? await faultOf(authorization, validation, store, state.context) : undefined;
  return state.acmeLock.run(() => settle(name, validation, fault, store, runtime));
}

const CHECKS: Readonly<Record<string, Check>> = { 'http-01': checkHttp, 'dns-01': checkDns, 'tls-alpn-01': checkTls };

const HINT =
  '; this may occur if the validation target was misconfigured: check that challenge responses are available at the required locations and retry.';

/** Why the challenge is not met, or undefined. */
async function faultOf(
  { identifier }: Authorization,
  { type, token, thumbprint }: Validation,
  store: AcmeStore,
  { runtime, system }: BackendContext,
): Promise<string | undefined> {
  const { dnsResolver } = await acmeConfig(new PkiStore(store.storage, system));
  const check = CHECKS[type];
  if (check === undefined) return `unsupported ACME challenge type ${type}`;
  const fault = await check({ identifier, token, thumbprint, resolver: dnsResolver, runtime });
  // Upstream forgets its advice for this one.
  return fault === undefined || type === 'tls-alpn-01' ? fault : `${fault}${HINT}`;
}

/** Writes down how it went, unless the authorization was given up meanwhile. */
async function settle(
  name: string,
  validation: Validation,
  fault: string | undefined,
  store: AcmeStore,
  runtime: Runtime,
): Promise<boolean> {
  const { authorization: id, type, retries } = validation;
  const authorizations = store.authorizations(validation.account);
  const authorization = await authorizations.get(id);
  const challenge = authorization?.challenges.find((one) => one.type === type);
  if (authorization?.status !== 'pending' || challenge === undefined) {
    await store.validations.delete(name);
    return true;
  }
  if (fault === undefined) {
    const now = runtime.clock.wall();
    const valid: Challenge = { ...challenge, status: 'valid', validated: formatSeconds(now), error: undefined };
    const expires = formatSeconds(now + 15 * 24 * HOUR);
    await authorizations.put(id, { ...withChallenge(authorization, valid), status: 'valid', expires });
    await store.validations.delete(name);
    return true;
  }
  const problem = problemFirst('incorrectResponse', `error validating ${type} challenge ${name}: ${fault}`);
  const error = { status: problem.status, type: problem.urn, detail: problem.message, subproblems: [] };
  const ended = retries >= RETRIES;
  const next: Challenge = { ...challenge, status: ended ? 'invalid' : 'processing', error };
  await authorizations.put(id, { ...withChallenge(authorization, next), status: ended ? 'invalid' : 'pending' });
  if (ended) await store.validations.delete(name);
  else await store.validations.put(name, { ...validation, retries: retries + 1 });
  return ended;
}
