/** Orders of certificates: their authorizations, the challenges of those, and the certificate at the end. */
import { printIp, parseIp } from '../../../codec/address.ts';
import { Base64Error, decodeBase64RawUrl, encodeBase64RawUrl } from '../../../codec/base64.ts';
import { checkOutermost } from '../../../codec/outermost.ts';
import { encodePem } from '../../../codec/pem.ts';
import type { JsonObject, JsonValue } from '../../../codec/json.ts';
import { formatSeconds } from '../../../codec/rfc3339.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { makeUuid } from '../../../codec/uuid.ts';
import { samePublicKey } from '../../../crypto/keys/key.ts';
import { isMalformed } from '../../../crypto/x509/error.ts';
import { hasNames, ipText } from '../../../crypto/x509/general-name.ts';
import { subjectOf } from '../../../crypto/x509/name.ts';
import { parseRequest, type CertificateRequest } from '../../../crypto/x509/request.ts';
import { Fault } from '../../../fault.ts';
import { reply, type Reply } from '../../../framework/reply.ts';
import { HOUR, SECOND } from '../../../runtime.ts';
import { certificateOf, NoAuthority } from '../authority.ts';
import { certificateBytes } from '../certificates.ts';
import { randomOf, storeOf } from '../call.ts';
import { issueLeaf, nameContext } from '../leaf.ts';
import { firstRefused } from '../name-rules.ts';
import { serialText, storedSerial } from '../show.ts';
import type { AccountCall } from './accounts.ts';
import { accept } from './challenges.ts';
import { json, type Directory } from './directory.ts';
import { goType } from '../../../codec/go-type.ts';
import { identifiersOf, refuseTimes } from './identifiers.ts';
import type { Authorization, Challenge, Identifier, Order } from './model.ts';
import { AcmeProblem, malformed, problemFirst, problemText } from './problem.ts';

const orderUrl = ({ url }: Directory, id: string): string => `${url}order/${id}`;
const authorizationUrl = ({ url }: Directory, id: string): string => `${url}authorization/${id}`;

const orNull = (list: readonly JsonValue[]): JsonValue => (list.length > 0 ? list : null);

function shownOrder(id: string, order: Order, directory: Directory, status = 200): Reply {
  const url = orderUrl(directory, id);
  return reply({
    raw: json(
      {
        status: order.status,
        expires: formatSeconds(order.expires),
        identifiers: orNull(order.identifiers.map(({ type, original }) => ({ type, value: original }))),
        authorizations: orNull(order.authorizations.map((one) => authorizationUrl(directory, one))),
        finalize: `${url}/finalize`,
        ...(order.status === 'valid' ? { certificate: `${url}/cert` } : {}),
      },
      status,
    ),
    headers: { Location: [url] },
  });
}

function shownChallenge(challenge: Challenge, id: string, { url }: Directory): JsonObject {
  const { type, status, token, validated, error } = challenge;
  return {
    type,
    url: `${url}challenge/${id}/${type}`,
    status,
    token,
    ...(validated === '' ? {} : { validated }),
    ...(error === undefined ? {} : { error }),
  };
}

const shownAuthorization = (id: string, authorization: Authorization, directory: Directory): Reply =>
  reply({
    raw: json({
      identifier: { type: authorization.identifier.type, value: authorization.identifier.value },
      status: authorization.status,
      wildcard: authorization.identifier.isWildcard,
      ...(authorization.expires === '' ? {} : { expires: authorization.expires }),
      challenges: authorization.challenges.map((one) => shownChallenge(one, id, directory)),
    }),
  });

async function checkAgainstRole(identifiers: readonly Identifier[], { directory, call }: AccountCall): Promise<void> {
  const { role, roleName } = directory;
  const context = await nameContext(role, call);
  for (const { type, original: value } of identifiers) {
    if (type === 'ip' && !role.allow_ip_sans) {
      throw problemFirst(
        'rejectedIdentifier',
        `role (${roleName}) does not allow IP sans, so cannot issue certificate for ${value}`,
      );
    }
    if (type === 'dns' && firstRefused(context, [value]) !== undefined) {
      throw problemFirst('rejectedIdentifier', `role (${roleName}) will not issue certificate for name ${value}`);
    }
  }
}

/** A wildcard is nobody's address, and an address has no records of its own. */
function challengeTypes({ type, isWildcard }: Identifier): readonly string[] {
  if (type === 'ip') return ['http-01'];
  return isWildcard ? ['dns-01'] : ['http-01', 'dns-01', 'tls-alpn-01'];
}

export async function newOrder(acme: AccountCall): Promise<Reply> {
  const { call, directory, sender, store } = acme;
  const payload = acme.payload ?? {};
  const identifiers = identifiersOf(payload);
  refuseTimes(payload);
  await checkAgainstRole(identifiers, acme);
  const random = randomOf(call);
  const authorizations: string[] = [];
  for (const identifier of identifiers) {
    const id = makeUuid(random);
    const challenges = challengeTypes(identifier).map((type): Challenge => ({
      type,
      status: 'pending',
      token: encodeBase64RawUrl(random(21)),
      validated: '',
      error: undefined,
    }));
    const authorization: Authorization = { account: sender.id, identifier, status: 'pending', expires: '', challenges };
    await store.authorizations(sender.id).put(id, authorization);
    authorizations.push(id);
  }
  const id = makeUuid(random);
  const order: Order = {
    account: sender.id,
    status: 'pending',
    expires: call.now() + 24 * HOUR,
    identifiers,
    authorizations,
    serial: '',
    certificateEnd: 0,
    issuerId: '',
  };
  await store.orders(sender.id).put(id, order);
  return shownOrder(id, order, directory, 201);
}

async function orderOf(id: string, { store, sender }: AccountCall): Promise<Order> {
  const order = await store.orders(sender.id).get(id);
  if (order === undefined) throw malformed('order does not exist');
  return order;
}

async function authorizationOf(id: string, { store, sender }: AccountCall): Promise<Authorization> {
  const found = id.includes('/') || id === '' ? undefined : await store.authorizations(sender.id).get(id);
  if (found === undefined) throw malformed('authorization does not exist');
  return found;
}

/** As its authorizations have it by now. */
async function currentOrder(id: string, acme: AccountCall): Promise<Order> {
  const order = await orderOf(id, acme);
  if (order.status === 'invalid' || order.status === 'valid') return order;
  if (acme.call.now() > order.expires) return { ...order, status: 'invalid' };
  if (order.status !== 'pending' || order.authorizations.length === 0) return order;
  const states: string[] = [];
  for (const one of order.authorizations) states.push((await authorizationOf(one, acme)).status);
  if (states.some((state) => state !== 'pending' && state !== 'valid')) return { ...order, status: 'invalid' };
  return states.every((state) => state === 'valid') ? { ...order, status: 'ready' } : order;
}

export async function showOrder(id: string, acme: AccountCall): Promise<Reply> {
  const order = await currentOrder(id, acme);
  if (order.status !== 'valid' && order.status !== 'invalid') return shownOrder(id, order, acme.directory);
  const authorizations: string[] = [];
  for (const one of order.authorizations) {
    if ((await authorizationOf(one, acme)).status === 'valid') authorizations.push(one);
  }
  return shownOrder(id, { ...order, authorizations }, acme.directory);
}

export async function listOrders(acme: AccountCall): Promise<Reply> {
  const { store, sender, directory } = acme;
  const urls: string[] = [];
  for (const id of await store.orders(sender.id).list()) {
    if ((await orderOf(id, acme)).status !== 'invalid') urls.push(orderUrl(directory, id));
  }
  return reply({ raw: json({ orders: urls }) });
}

export async function authorizationOperation(id: string, acme: AccountCall): Promise<Reply> {
  const found = await loaded(id, acme);
  const payload = acme.payload ?? {};
  if (Object.keys(payload).length === 0) return shownAuthorization(id, found, acme.directory);
  const { status } = payload;
  if (status !== undefined && typeof status !== 'string') {
    throw malformed(`bad type (${goType(status)}) for value 'status'`);
  }
  if (status !== 'deactivated') throw new AcmeProblem('malformed', problemText('malformed'));
  return acme.call.state.acmeLock.run(async () => {
    const present = await loaded(id, acme);
    if (present.status !== 'pending' && present.status !== 'valid') {
      throw malformed(`unable to deactivate authorization in '${present.status}' status`);
    }
    const challenges = present.challenges.map((one): Challenge => ({ ...one, status: 'invalid' }));
    const next: Authorization = { ...present, status: 'deactivated', challenges };
    await acme.store.authorizations(acme.sender.id).put(id, next);
    return shownAuthorization(id, next, acme.directory);
  });
}

async function loaded(id: string, acme: AccountCall): Promise<Authorization> {
  try {
    return await authorizationOf(id, acme);
  } catch (error) {
    throw error instanceof AcmeProblem ? error.within('failed to load authorization') : error;
  }
}

/** `{}` says that it can be checked; without a body it is only shown. */
export async function challengeOperation(id: string, type: string, acme: AccountCall): Promise<Reply> {
  const found = await loaded(id, acme);
  let challenge = found.challenges.find((one) => one.type === type);
  if (challenge === undefined) throw malformed(`unknown challenge of type '${type}' in authorization`);
  if (acme.payload !== undefined) {
    if (Object.keys(acme.payload).length > 0) throw malformed('unexpected request parameters');
    challenge = await accept(id, found, challenge, acme);
  }
  const { directory } = acme;
  return reply({
    raw: json(shownChallenge(challenge, id, directory)),
    headers: { Link: [`<${authorizationUrl(directory, id)}>;rel="up"`] },
  });
}

function requestOf(payload: JsonObject): CertificateRequest {
  const { csr } = payload;
  if (csr === undefined) throw problemFirst('malformed', 'missing csr in payload');
  if (typeof csr !== 'string') throw problemFirst('malformed', `csr in payload not the expected type: ${goType(csr)}`);
  let request: CertificateRequest;
  try {
    const bytes = decodeBase64RawUrl(csr);
    checkOutermost(bytes, 'certificateRequest');
    request = parseRequest(bytes);
  } catch (error) {
    if (error instanceof Base64Error) throw problemFirst('malformed', `failed base64 decoding csr: ${error.message}`);
    throw isMalformed(error) ? problemFirst('malformed', `failed to parse csr: ${error.message}`) : error;
  }
  if (request.publicKey === undefined) {
    throw problemFirst('badCSR', 'failed to parse csr no public key info or unknown key algorithm used');
  }
  if (!request.isCa) return request;
  throw problemFirst('badCSR', 'refusing to accept CSR with Basic Constraints extension with CA set to true');
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();
const canonicalIp = (text: string): string => printIp(parseIp(text)!);

/** The names of a request are those of the order: all of them, and no others. */
function checkNames(request: CertificateRequest, { identifiers }: Order): void {
  const { commonName } = subjectOf(request.subject);
  const { dns, ips, ...others } = request.names;
  if (hasNames({ ...others, dns: [], ips: [] })) throw problemFirst('badCSR', 'CSR included unsupported SAN types');
  const isIp = parseIp(commonName) !== undefined;
  const named = commonName === '' ? [] : [commonName];
  const lower = (names: readonly string[]): string[] => sorted(names.map((name) => name.trim().toLowerCase()));
  const asked = {
    dns: lower([...dns, ...(isIp ? [] : named)]),
    ip: sorted([...ips.map(ipText), ...(isIp ? named : [])].map(canonicalIp)),
  };
  const ordered = (type: 'dns' | 'ip'): string[] =>
    identifiers.filter((one) => one.type === type).map(({ original }) => original);
  const wanted = { dns: lower(ordered('dns')), ip: sorted(ordered('ip').map(canonicalIp)) };
  for (const [type, shown] of [
    ['dns', 'DNS'],
    ['ip', 'IP'],
  ] as const) {
    const [order, csr] = [wanted[type], asked[type]];
    if (order.length !== csr.length) {
      throw problemFirst(
        'badCSR',
        `Order (${order.length}) and CSR (${csr.length}) mismatch on number of ${shown} identifiers`,
      );
    }
    const missing = order.find((name, index) => name !== csr[index]);
    if (missing !== undefined) throw problemFirst('badCSR', `CSR is missing order ${shown} identifier ${missing}`);
  }
}

const LONGEST = 90 * 24 * HOUR;

export async function finalize(id: string, acme: AccountCall): Promise<Reply> {
  const { call, directory, sender, store } = acme;
  const request = requestOf(acme.payload ?? {});
  return call.state.acmeLock.run(async () => {
    const order = await currentOrder(id, acme);
    if (order.status !== 'ready') {
      throw problemFirst('orderNotReady', `order is status ${order.status}, needs to be in ready state`);
    }
    checkNames(request, order);
    if (samePublicKey(request.publicKey!, sender.key)) {
      throw problemFirst('badCSR', 'certificate public key must not match account key');
    }
    const { certificate } = await issued(request, acme);
    const serial = storedSerial(serialText(certificate.serial));
    await store.certificates(sender.id).put(serial, { order: id });
    const next: Order = {
      ...order,
      status: 'valid',
      serial,
      certificateEnd: certificate.notAfter * SECOND,
      issuerId: directory.issuer.id,
    };
    await store.orders(sender.id).put(id, next);
    return shownOrder(id, next, directory);
  });
}

/** Names come from the request, which has been compared with the order; all else from the role. */
async function issued(request: CertificateRequest, { call, directory }: AccountCall) {
  const { role, issuer } = directory;
  const { dns, ips } = request.names;
  const commonName = dns[0] ?? (ips[0] === undefined ? '' : ipText(ips[0]));
  const own = subjectOf(request.subject).commonName;
  const usual = role.ttl > 0 ? role.ttl * SECOND : call.system.defaultLeaseTtl();
  // What would outlive its issuer ends with it, unless the issuer permits more.
  const left =
    issuer.leafNotAfterBehavior === 'permit' ? LONGEST : certificateOf(issuer).notAfter * SECOND - call.now();
  const ttl = Math.max(1, Math.floor(Math.min(usual, LONGEST, left) / SECOND));
  try {
    const result = await issueLeaf(
      {
        common_name: role.require_cn && own === '' ? commonName : '',
        exclude_cn_from_sans: false,
        ttl,
      },
      { ...role, no_store: false, not_after: '', generate_lease: false },
      issuer.id,
      request,
      false,
      call,
    );
    return result.issued;
  } catch (error) {
    if (error instanceof NoAuthority)
      throw new AcmeProblem('serverInternal', `failed loading CA ${issuer.id}: ${error.why}`);
    if (!(error instanceof Fault)) throw error;
    throw problemFirst('badCSR', `refusing to sign CSR: ${error.message}`);
  }
}

export async function showCertificate(id: string, acme: AccountCall): Promise<Reply> {
  const { call } = acme;
  const order = await orderOf(id, acme);
  if (order.status !== 'valid') {
    throw problemFirst('orderNotReady', `order is status ${order.status}, needs to be in valid state`);
  }
  const leaf = await certificateBytes(call.storage, order.serial);
  if (leaf === undefined) {
    throw new AcmeProblem('serverInternal', `missing certificate ${order.serial} from storage`);
  }
  const issuer = await storeOf(call).issuers.get(order.issuerId);
  const { certificate = '', caChain = [] } = issuer ?? {};
  const chain = [certificate, ...caChain.filter((pem) => pem !== certificate)].join('');
  const body = encodeUtf8(encodePem('CERTIFICATE', leaf) + chain);
  return reply({ raw: { status: 200, contentType: 'application/pem-certificate-chain', body } });
}
