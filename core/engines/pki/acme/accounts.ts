/** Requests of ACME with their signatures checked, and the accounts that send them. */
import { makeUuid } from '../../../codec/uuid.ts';
import { isObject, JsonError, kindOf, parse, type JsonObject, type JsonValue } from '../../../codec/json.ts';
import { asString } from '../../../codec/json-fields.ts';
import { goType } from '../../../codec/go-type.ts';
import { print } from '../../../codec/json.ts';
import type { PublicKey } from '../../../crypto/keys/key.ts';
import { reply, type Answer, type Reply } from '../../../framework/reply.ts';
import type { Response } from '../../../framework/logical.ts';
import { randomOf, type PkiCall } from '../call.ts';
import type { Eab } from './eab-form.ts';
import { bindingsOf, takeBinding } from './eab.ts';
import { inDirectory, indexLink, json, type Directory } from './directory.ts';
import { isMac, isSignature, keyOf, openMac, openSigned, parseHeader, thumbprint, type Signed } from './jws.ts';
import { sameSet } from '../same-list.ts';
import { AcmeStore, type Account } from './model.ts';
import { AcmeProblem, malformed, problem, problemFirst, problemText } from './problem.ts';

export interface Sender {
  /** Of the account; of one to be, where `account` is undefined. */
  readonly id: string;
  readonly account: Account | undefined;
  readonly jwk: JsonObject;
  readonly key: PublicKey;
  readonly thumbprint: string;
}

/** A request whose signature was right. */
export interface AcmeCall {
  readonly call: PkiCall;
  readonly directory: Directory;
  readonly store: AcmeStore;
  readonly sender: Sender;
  /** Undefined: there was none (POST as GET). */
  readonly payload: JsonObject | undefined;
}

/** A request of an account that may send any. */
export interface AccountCall extends AcmeCall {
  readonly account: Account;
}

export interface AcmeInput {
  readonly protected?: string | undefined;
  readonly payload?: string | undefined;
  readonly signature?: string | undefined;
}

async function accountOf(id: string, directory: Directory, store: AcmeStore): Promise<Account> {
  const account = /^[\w-]+$/.test(id) ? await store.accounts.get(id) : undefined;
  if (account === undefined) throw problem('accountDoesNotExist', 'account not found');
  if (account.directory !== directory.name) {
    throw problemFirst('malformed', 'account part of different ACME directory path');
  }
  return account;
}

const BAD_HEADER = "failed to json unmarshal 'protected'";

async function senderOf(encoded: string, directory: Directory, store: AcmeStore, call: PkiCall) {
  const header = parseHeader(encoded, "'protected'");
  const bad = (detail: string): AcmeProblem => malformed(`${BAD_HEADER}: invalid header: ${detail}`);
  if (header.kid !== '' && header.jwk !== undefined) {
    throw bad("got both account 'kid' and 'jwk' in the same message; expected only one");
  }
  if (header.kid === '' && header.jwk === undefined) throw bad("got neither required fields of 'kid' nor 'jwk'");
  if (!isSignature(header.alg)) throw bad("unexpected value for 'algo'");
  try {
    const id = header.jwk === undefined ? header.kid.split('/').at(-1)! : makeUuid(randomOf(call));
    const account = header.jwk === undefined ? await accountOf(id, directory, store) : undefined;
    const sent = header.jwk === undefined ? account!.jwk : header.jwk;
    const key = keyOf(sent);
    const jwk = sent as JsonObject;
    return { header, sender: { id, account, jwk, key, thumbprint: thumbprint(jwk, call.runtime.crypto) } };
  } catch (error) {
    throw error instanceof AcmeProblem ? error.within(BAD_HEADER) : error;
  }
}

function payloadOf(bytes: Uint8Array): JsonObject | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const payload = parse(bytes);
    if (payload === null) return undefined;
    if (isObject(payload)) return payload;
    throw new JsonError(`json: cannot unmarshal ${kindOf(payload)} into Go value of type map[string]interface {}`);
  } catch (error) {
    throw error instanceof JsonError ? malformed(`failed to json unmarshal 'payload': ${error.message}`) : error;
  }
}

function signedOf(input: AcmeInput): Signed {
  const missing = (name: string): AcmeProblem => malformed(`missing required field '${name}'`);
  const { protected: header, payload, signature } = input;
  if (header === undefined) throw missing('protected');
  if (payload === undefined) throw missing('payload');
  if (signature === undefined) throw missing('signature');
  return { protected: header, payload, signature };
}

/** Throws AcmeProblem. */
async function received(input: AcmeInput, directory: Directory, call: PkiCall): Promise<AcmeCall> {
  const store = new AcmeStore(call.storage);
  if (input.protected === undefined) throw malformed("missing required field 'protected'");
  const { header, sender } = await senderOf(input.protected, directory, store, call);
  if (!call.state.nonces.redeem(header.nonce)) throw problem('badNonce', 'invalid or reused nonce');
  if (header.url === '') throw malformed("missing required parameter 'url' in 'protected'");
  const url = `${directory.cluster}/${call.request.path}`;
  if (header.url !== url) {
    throw problem('unauthorized', `invalid value for 'url' in 'protected': got '${header.url}' expected '${url}'`);
  }
  const jws = signedOf(input);
  try {
    const payload = payloadOf(openSigned(jws, header, sender.key, call.runtime.crypto));
    return { call, directory, store, sender, payload };
  } catch (error) {
    throw error instanceof AcmeProblem ? error.within('failed to verify signature') : error;
  }
}

/** Every answer has a nonce for the next request, and says where the directory is. */
function complete({ response }: Reply, { directory, call }: AcmeCall): Reply {
  const { Link: links = [] } = response.headers ?? {};
  const body = response.raw ?? json(response.data ?? {}, response.status ?? 200);
  const headers: Response['headers'] = {
    ...response.headers,
    'Replay-Nonce': [call.state.nonces.next()],
    Link: [...links, indexLink(directory)],
  };
  return reply({ raw: body, headers });
}

export const signedRequest = (
  input: AcmeInput,
  call: PkiCall,
  run: (acme: AcmeCall) => Promise<Reply>,
): Promise<Answer> =>
  inDirectory(call, async (directory) => {
    const acme = await received(input, directory, call);
    return complete(await run(acme), acme);
  });

function enforceBinding({ config }: Directory, account: Account): void {
  if (config.eabPolicy === 'always-required' && account.eab === undefined) {
    throw problemFirst('unauthorized', "request must include a value for the 'externalAccountBinding' field");
  }
}

/** Throws AcmeProblem where the account may send nothing more. */
export function requireAccount(acme: AcmeCall): AccountCall {
  const { account } = acme.sender;
  if (account === undefined) throw malformed("cannot process request without a 'kid'");
  enforceBinding(acme.directory, account);
  if (account.status !== 'valid') throw problemFirst('unauthorized', `account in status: ${account.status}`);
  return { ...acme, account };
}

export const accountRequest = (
  input: AcmeInput,
  call: PkiCall,
  run: (acme: AccountCall) => Promise<Reply>,
): Promise<Answer> => signedRequest(input, call, (acme) => run(requireAccount(acme)));

function shownAccount(id: string, account: Account, { url }: Directory, more: JsonObject = {}, status = 200): Reply {
  const location = `${url}account/${id}`;
  return reply({
    raw: json(
      {
        status: account.status,
        orders: `${location}/orders`,
        ...(account.contact.length > 0 ? { contact: [...account.contact] } : {}),
        ...more,
      },
      status,
    ),
    headers: { Location: [location] },
  });
}

async function accountByKey({ store, sender, directory }: AcmeCall): Promise<[string, Account] | undefined> {
  const id = asString((await store.thumbprints.get(sender.thumbprint))?.['kid']);
  if (id === undefined || (await store.accounts.get(id)) === undefined) return undefined;
  const account = await accountOf(id, directory, store);
  enforceBinding(directory, account);
  return [id, account];
}

interface AccountPayload {
  readonly contact: readonly string[];
  readonly agreed: boolean;
  readonly onlyExisting: boolean;
  readonly status: string;
  readonly binding: JsonObject | undefined;
}

function accountPayload(payload: JsonObject): AccountPayload {
  const wrong = (value: JsonValue, name: string): AcmeProblem =>
    malformed(`invalid type (${goType(value)}) for field '${name}'`);
  const { contact, externalAccountBinding: binding } = payload;
  if (contact !== undefined && !Array.isArray(contact)) throw wrong(contact, 'contact');
  const contacts = (contact ?? []).map((one: JsonValue, index: number) => {
    if (typeof one === 'string') return one;
    throw malformed(`invalid type (${goType(one)}) for field 'contact' item ${index}`);
  });
  const flag = (name: string): boolean => {
    const value = payload[name];
    if (value !== undefined && typeof value !== 'boolean') throw wrong(value, name);
    return value ?? false;
  };
  const { status } = payload;
  if (status !== undefined && typeof status !== 'string') throw wrong(null, 'onlyReturnExisting');
  if (binding !== undefined && !isObject(binding)) {
    throw problemFirst('malformed', 'externalAccountBinding field was unparseable');
  }
  return {
    contact: contacts,
    agreed: flag('termsOfServiceAgreed'),
    onlyExisting: flag('onlyReturnExisting'),
    status: status ?? '',
    binding: binding !== undefined && Object.keys(binding).length > 0 ? binding : undefined,
  };
}

/** Whether the text is this key, member by member as it was sent. */
function isWritten(text: Uint8Array, jwk: JsonObject): boolean {
  try {
    const other = parse(text);
    return isObject(other) && print(Object.entries(other)) === print(Object.entries(jwk));
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

/** The id of a binding that this request is really of. Throws AcmeProblem. */
async function boundTo(binding: JsonObject, { call, directory, sender }: AcmeCall): Promise<string> {
  const part = (name: string): string => {
    const value = binding[name];
    if (value === undefined) throw malformed(`missing required field ${name === 'payload' ? 'eab ' : ''}'${name}'`);
    if (typeof value !== 'string') throw malformed(`failed to parse '${name}' field`);
    return value;
  };
  const jws = { protected: part('protected'), payload: part('payload'), signature: part('signature') };
  const header = parseHeader(jws.protected, "eab 'protected'");
  const bad = (detail: string): AcmeProblem => malformed(`failed to json unmarshal eab 'protected': ${detail}`);
  if (header.kid === '') throw bad("invalid header: got missing required field 'kid'");
  if (!isMac(header.alg)) throw bad("invalid header: unexpected value for 'algo'");
  if (header.url === '') throw malformed("missing required parameter 'url' in eab 'protected'");
  const url = `${directory.cluster}/${call.request.path}`;
  if (header.url !== url) {
    throw problem('unauthorized', `invalid value for 'url' in eab 'protected': got '${header.url}' expected '${url}'`);
  }
  if (header.nonce !== '') throw malformed("nonce should not be provided in eab 'protected'");
  const unknown = problemFirst('unauthorized', 'failed to verify eab');
  const eab = /^[\w-]+$/.test(header.kid) ? await bindingsOf(call).get(header.kid) : undefined;
  if (eab === undefined) throw unknown;
  if (!isWritten(openMac(jws, header, eab.key, call.runtime.crypto), sender.jwk)) {
    throw malformed('eab payload does not match outer JWK key');
  }
  if (eab.directory !== directory.name) throw unknown;
  return header.kid;
}

async function create(payload: AccountPayload, acme: AcmeCall): Promise<Reply> {
  const { call, directory, sender, store } = acme;
  if (sender.account !== undefined) throw malformed("cannot submit to newAccount with 'kid'");
  return call.state.acmeLock.run(async () => {
    const present = await accountByKey(acme);
    if (present !== undefined) return shownAccount(...present, directory);
    let eab: Eab | undefined;
    if (payload.binding !== undefined) {
      eab = await takeBinding(await boundTo(payload.binding, acme), call);
      if (eab === undefined) throw problem('unauthorized', 'eab was already used');
    } else if (directory.config.eabPolicy !== 'not-required') {
      throw new AcmeProblem('externalAccountRequired', problemText('externalAccountRequired'));
    }
    const account: Account = {
      status: 'valid',
      contact: payload.contact,
      agreed: payload.agreed,
      jwk: sender.jwk,
      directory: directory.name,
      created: call.now(),
      maxCertificateEnd: 0,
      revoked: 0,
      eab,
    };
    await store.thumbprints.put(sender.thumbprint, { kid: sender.id });
    await store.accounts.put(sender.id, account);
    const more = payload.binding === undefined ? {} : { externalAccountBinding: payload.binding };
    return shownAccount(sender.id, account, directory, more, 201);
  });
}

async function update(payload: AccountPayload, { call, directory, sender, store }: AcmeCall): Promise<Reply> {
  const { account } = sender;
  if (account === undefined) throw malformed("cannot submit to account updates without a 'kid'");
  if (payload.binding !== undefined) throw problemFirst('malformed', 'not allowed to update EAB data in accounts');
  enforceBinding(directory, account);
  if (account.status !== 'valid') throw new AcmeProblem('unauthorized', problemText('unauthorized'));
  let next = account;
  if (!sameSet(account.contact, payload.contact)) next = { ...next, contact: payload.contact };
  if (payload.status === 'deactivated') next = { ...next, status: 'deactivated', revoked: call.now() };
  if (next !== account) await store.accounts.put(sender.id, next);
  return shownAccount(sender.id, next, directory);
}

export async function accountOperation(acme: AcmeCall): Promise<Reply> {
  const payload = accountPayload(acme.payload ?? {});
  if (payload.onlyExisting) {
    const present = await accountByKey(acme);
    if (present !== undefined) return shownAccount(...present, acme.directory);
    throw problem('accountDoesNotExist', 'an account with this key does not exist');
  }
  return acme.call.request.path.endsWith('/new-account') ? create(payload, acme) : update(payload, acme);
}
