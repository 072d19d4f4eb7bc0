/** Checking that who orders a certificate has the name: http-01 (RFC 8555, section 8.3). */
import { formatRfc3339 } from '../../../codec/rfc3339.ts';
import { decodeUtf8 } from '../../../codec/utf8.ts';
import { askWeb, WebError, isRedirect, redirected } from '../../../framework/web-call.ts';
import type { BackendContext } from '../../../framework/logical.ts';
import { HOUR, SECOND, type OutgoingResponse, type Runtime } from '../../../runtime.ts';
import type { Reader, Writer } from '../../../storage/storage.ts';
import type { PkiState } from '../state.ts';
import type { AccountCall } from './accounts.ts';
import { AcmeStore, type Authorization, type Challenge, type Validation } from './model.ts';
import { problemFirst, type AcmeProblem } from './problem.ts';

const RETRIES = 5;
const LARGEST = 512;
const MOST_REDIRECTS = 10;
const LONGEST_URL = 2000;

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
      context.runtime.log.write('error', 'secrets.pki', `ACME validation failed for ${name}`, { error: text });
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
  const fault = authorization?.status === 'pending' ? await checkHttp(authorization, validation, runtime) : undefined;
  return state.acmeLock.run(() => settle(name, validation, fault, store, runtime));
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
    const valid: Challenge = { ...challenge, status: 'valid', validated: secondsText(now), error: undefined };
    const expires = secondsText(now + 15 * 24 * HOUR);
    await authorizations.put(id, { ...withChallenge(authorization, valid), status: 'valid', expires });
    await store.validations.delete(name);
    return true;
  }
  const problem = problemFirst(
    'incorrectResponse',
    `error validating http-01 challenge ${name}: ${fault}; this may occur if the validation target was misconfigured: check that challenge responses are available at the required locations and retry.`,
  );
  const error = { status: problem.status, type: problem.urn, detail: problem.message, subproblems: [] };
  const ended = retries >= RETRIES;
  const next: Challenge = { ...challenge, status: ended ? 'invalid' : 'processing', error };
  await authorizations.put(id, { ...withChallenge(authorization, next), status: ended ? 'invalid' : 'pending' });
  if (ended) await store.validations.delete(name);
  else await store.validations.put(name, { ...validation, retries: retries + 1 });
  return ended;
}

const secondsText = (micros: number): string => formatRfc3339(Math.floor(micros / SECOND) * SECOND);

/** What is wrong with the answer, or undefined. */
async function checkHttp(
  { identifier }: Authorization,
  { token, thumbprint }: Validation,
  runtime: Runtime,
): Promise<string | undefined> {
  const host = identifier.isIpv6 ? `[${identifier.value}]` : identifier.value;
  const path = `http://${host}/.well-known/acme-challenge/${token}`;
  let answer: OutgoingResponse | string;
  try {
    answer = await fetched(path, runtime);
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    answer = error.message;
  }
  if (typeof answer === 'string') return `http-01: failed to fetch path ${path}: ${answer}`;
  const { body } = answer;
  if (body.length > LARGEST) {
    return `http-01: response too large: received ${LARGEST + 1} > ${LARGEST} bytes`;
  }
  const least = token.length + 1 + thumbprint.length;
  if (body.length < least) return `http-01: response too small: received ${body.length} < ${least} bytes`;
  const parts = decodeUtf8(body).trim().split('.');
  if (parts.length !== 2) return `invalid authorization: got ${parts.length} parts, expected 2`;
  return parts[0] === token && parts[1] === thumbprint ? undefined : 'key authorization was invalid';
}

/** Follows redirects; a text is why it did not. */
async function fetched(path: string, runtime: Runtime): Promise<OutgoingResponse | string> {
  let url = path;
  for (let hops = 1; ; hops++) {
    const answer = await askWeb(runtime.web, {
      method: 'GET',
      url,
      headers: { 'User-Agent': 'Go-http-client/1.1' },
      timeout: 10 * SECOND,
      tls: { skipVerify: true },
    });
    const location = answer.headers.get('location')?.[0];
    if (!isRedirect(answer) || location === undefined) return answer;
    if (hops + 1 >= MOST_REDIRECTS) return `Get ${JSON.stringify(location)}: http-01: too many redirects: ${hops + 1}`;
    const next = redirected(url, location);
    if (next === undefined) return `failed to parse Location header ${JSON.stringify(location)}`;
    url = next;
    if (url.length > LONGEST_URL) return `http-01: redirect url length too long: ${url.length}`;
  }
}
