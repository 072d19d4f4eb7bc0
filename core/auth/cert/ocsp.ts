/** Asking OCSP servers about a client's certificate (RFC 6960), in the way and words of upstream's client. */
import { encodeBase64 } from '../../codec/base64.ts';
import { equalBytes } from '../../codec/bytes.ts';
import { isSignedBy, type Certificate } from '../../crypto/x509/certificate.ts';
import { mayHaveSigned } from '../../crypto/x509/chain.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { nameOf, nameText, subjectOf } from '../../crypto/x509/name.ts';
import {
  certificateId,
  encodeOcspRequest,
  parseOcspResponse,
  type CertificateId,
  type CertificateStatus,
  type OcspResponse,
} from '../../crypto/x509/ocsp.ts';
import { EXT_KEY_USAGE } from '../../crypto/x509/oids.ts';
import { askWeb, WebError } from '../../framework/web-call.ts';
import { type Micros, MINUTE, type OutgoingResponse, SECOND } from '../../runtime.ts';
import { colonHex } from '../../codec/hex.ts';
import { statusText } from '../../codec/http-status.ts';
import type { CertCall } from './call.ts';
import { checkOutermost } from '../../codec/outermost.ts';
import type { CertEntry } from './entry.ts';

const ATTEMPTS = 5;
const ANSWER_WITHIN: Micros = 10 * SECOND;
const CLOCK_SKEW: Micros = 15 * MINUTE;

export interface Verdict {
  readonly good: boolean;
  /** Of which the client is told. */
  readonly errors?: readonly string[];
}

/** What kept a server from saying anything that counts; some of it ends the asking. */
class OcspFailure extends Error {
  readonly errors: readonly string[];
  readonly isFinal: boolean;
  constructor(errors: readonly string[], isFinal = false) {
    super(errors.join('; '));
    this.name = 'OcspFailure';
    this.errors = errors;
    this.isFinal = isFinal;
  }
}

const GOOD: Verdict = { good: true };

/** Good where the entry does not ask, or the chain has no issuer. */
export async function isGoodByOcsp(
  call: CertCall,
  entry: CertEntry,
  own: Certificate,
  chain: readonly Certificate[],
): Promise<Verdict> {
  const issuer = chain[1];
  if (!entry.ocspEnabled || issuer === undefined) return GOOD;
  try {
    const status = await ask(call, entry, own, issuer);
    if (status.kind === 'good') return GOOD;
    if (status.kind === 'revoked') return { good: false };
    if (entry.ocspFailOpen) return GOOD;
    // Upstream names the issuer's serial number here.
    const serial = colonHex(issuer.serial);
    return { good: false, errors: [`unknown OCSP status for cert with serial number ${serial}`] };
  } catch (error) {
    if (!(error instanceof OcspFailure)) throw error;
    return { good: false, errors: error.errors };
  }
}

async function ask(
  call: CertCall,
  entry: CertEntry,
  own: Certificate,
  issuer: Certificate,
): Promise<CertificateStatus> {
  const { crypto } = call.runtime;
  const id = certificateId(crypto, 'sha1', issuer, own.serial);
  const question = encodeOcspRequest(id);
  const override = entry.ocspServersOverride ?? [];
  const servers = override.length > 0 ? override : own.authorityInfo.ocsp;
  if (servers.length === 0)
    throw new OcspFailure([`no OCSP responder URL: subject: ${nameText(nameOf(subjectOf(own.subject)))}`]);
  return (await askServers(call, entry, servers, { id, question, issuer })).status;
}

interface Question {
  readonly id: CertificateId;
  readonly question: Uint8Array;
  readonly issuer: Certificate;
}

/** The first server that answers decides, or all together: revoked before good before unknown. */
async function askServers(
  call: CertCall,
  { ocspQueryAllServers }: CertEntry,
  servers: readonly string[],
  question: Question,
): Promise<OcspResponse> {
  const answers: OcspResponse[] = [];
  let first: OcspFailure | undefined;
  const one = async (server: string): Promise<boolean> => {
    try {
      answers.push(await askServer(call, server, question));
      return true;
    } catch (error) {
      if (!(error instanceof OcspFailure)) throw error;
      first ??= error;
      return false;
    }
  };
  if (ocspQueryAllServers) await Promise.all(servers.map(one));
  else for (const server of servers) if (await one(server)) break;
  const kind = (wanted: CertificateStatus['kind']) => answers.find(({ status }) => status.kind === wanted);
  const revoked = kind('revoked');
  if (revoked !== undefined) return revoked;
  const good = kind('good');
  if (good !== undefined) return good;
  if (first !== undefined) throw first;
  return kind('unknown')!;
}

/** GET, then POST. */
async function askServer(call: CertCall, server: string, question: Question): Promise<OcspResponse> {
  const errors: string[] = [];
  let unknown: OcspResponse | undefined;
  for (const method of ['GET', 'POST'] as const) {
    try {
      const answer = await request(call, method, server, question.question);
      const response = readResponse(call, method, answer, question);
      if (response.status.kind !== 'unknown') return response;
      unknown = response;
    } catch (error) {
      if (!(error instanceof OcspFailure) || error.isFinal) throw error;
      errors.push(...error.errors);
    }
  }
  if (unknown !== undefined) return unknown;
  throw new OcspFailure(errors);
}

async function request(
  { runtime }: CertCall,
  method: 'GET' | 'POST',
  server: string,
  question: Uint8Array,
): Promise<OutgoingResponse> {
  const url = method === 'GET' ? `${server.replace(/\/$/, '')}/${encodeBase64(question)}` : server;
  const headers = { 'Content-Type': 'application/ocsp-request', Accept: 'application/ocsp-response' };
  const body = method === 'POST' ? { body: question } : {};
  const fail = (attempts: number, why: string): OcspFailure =>
    new OcspFailure([`error doing ${method} request: ${method} ${url} giving up after ${attempts} attempt(s): ${why}`]);
  // What is no address does not become one.
  const most = /^https?:/i.test(url) ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    let why: string;
    try {
      const answer = await askWeb(runtime.web, { method, url, headers, ...body, timeout: ANSWER_WITHIN });
      if (answer.status !== 429 && (answer.status < 500 || answer.status === 501)) return answer;
      why = `unexpected HTTP status ${answer.status} ${statusText(answer.status)}`;
    } catch (error) {
      if (!(error instanceof WebError)) throw error;
      why = error.message;
    }
    if (attempt === most) throw fail(attempt, why);
    await runtime.clock.sleep(SECOND << (attempt - 1));
  }
}

function readResponse(
  call: CertCall,
  method: string,
  { status, body }: OutgoingResponse,
  question: Question,
): OcspResponse {
  if (status !== 200)
    throw new OcspFailure([`HTTP code is not OK on ${method} request. ${status}: ${status} ${statusText(status)}`]);
  let response;
  try {
    checkOutermost(body, 'responseASN1');
    response = parseOcspResponse(body);
  } catch (error) {
    if (!isMalformed(error)) throw error;
    throw new OcspFailure([`error parsing ${method} OCSP response: ${error.message}`]);
  }
  if (typeof response === 'number')
    throw new OcspFailure([
      `error parsing ${method} OCSP response: ocsp: error from server: ${ERRORS[response] ?? ''}`,
    ]);
  if (response.status.kind === 'unknown') return response;
  const wrong = whatIsWrong(call, response, question);
  if (wrong !== undefined) throw new OcspFailure([`error validating ${method} OCSP response: ${wrong}`], true);
  const now = call.now();
  const { thisUpdate, nextUpdate } = response;
  if (now < thisUpdate * SECOND - CLOCK_SKEW || (nextUpdate !== undefined && now > nextUpdate * SECOND + CLOCK_SKEW))
    throw new OcspFailure(['invalid validity of the OCSP response']);
  return response;
}

/** As golang.org/x/crypto/ocsp prints them. */
const ERRORS: Readonly<Record<number, string>> = {
  1: 'malformed',
  2: 'internal error',
  3: 'try later',
  5: 'signature required',
  6: 'unauthorized',
};

function whatIsWrong(call: CertCall, response: OcspResponse, { id, issuer }: Question): string | undefined {
  const { crypto } = call.runtime;
  if (response.id.negative || !equalBytes(response.id.serial, id.serial)) return 'bad serial number on OCSP response';
  const [responder] = response.certificates;
  const signer = responder ?? issuer;
  if (signer.publicKey === undefined || !isSignedBy(crypto, response, signer.publicKey))
    return 'error directly verifying signature: x509: signature verification failed';
  if (responder === undefined || equalBytes(responder.bytes, issuer.bytes)) return undefined;
  if (!mayHaveSigned(crypto, issuer, responder)) return 'the responder is not certified by the issuer';
  if (!responder.extKeyUsage.includes(EXT_KEY_USAGE.OCSPSigning)) return 'the responder may not sign OCSP responses';
  return undefined;
}
