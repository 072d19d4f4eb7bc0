/** OCSP: whether one certificate is revoked, signed by its issuer. */
import { Base64Error, decodeBase64 } from '../../codec/base64.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { usualAlgorithm, type SignatureAlgorithm } from '../../crypto/x509/algorithm.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';
import {
  certificateId,
  isIssuerOf,
  makeOcspResponse,
  OCSP_ERROR,
  ocspError,
  parseOcspRequest,
  type CertificateStatus,
  type OcspRequest,
} from '../../crypto/x509/ocsp.ts';
import { field } from '../../framework/field.ts';
import { reply, type Reply } from '../../framework/reply.ts';
import { MINUTE, SECOND } from '../../runtime.ts';
import { certificateOf, hasUsage } from './authority.ts';
import { checkSigner, NoSigner, Unsigned } from './external-keys.ts';
import { ExternalKeyProblem } from '../../framework/external-key.ts';
import { pkiPaths, randomOf, storeOf, type PkiCall } from './call.ts';
import type { CrlConfig, Issuer } from './model.ts';
import { serialText, storedSerial } from './show.ts';
import { DEFAULT_REF, type PkiStore } from './store.ts';

/** More than any honest request has. */
const MOST_BYTES = 2048;

const answered = (status: number, body: Uint8Array): Reply =>
  reply({ raw: { status, contentType: 'application/ocsp-response', body } });

const malformed = (): Reply => answered(400, ocspError(OCSP_ERROR.malformed));
const internalError = (): Reply => answered(500, ocspError(OCSP_ERROR.internal));
const unauthorized = (): Reply => answered(401, ocspError(OCSP_ERROR.unauthorized));

async function issuerOf(store: PkiStore, { id }: OcspRequest, call: PkiCall): Promise<Issuer | undefined> {
  const issuers = await store.allIssuers();
  return issuers.find((issuer) => issuer.keyId !== '' && isIssuerOf(call.runtime.crypto, certificateOf(issuer), id));
}

/** PSS is not for OCSP: what would be signed so is signed in the older way, as upstream does. */
function answerAlgorithm(wanted: SignatureAlgorithm): SignatureAlgorithm {
  return wanted.kind === 'rsa' ? { ...wanted, pss: false } : wanted;
}

async function signed(
  asked: OcspRequest,
  issuer: Issuer,
  status: CertificateStatus,
  config: CrlConfig,
  call: PkiCall,
): Promise<Uint8Array> {
  const { crypto } = call.runtime;
  const certificate = certificateOf(issuer);
  const key = (await storeOf(call).signingKey(issuer.keyId))!;
  const algorithm = answerAlgorithm(issuer.revocationAlgorithm ?? usualAlgorithm(publicKeyOf(crypto, key)));
  checkSigner('error signing OCSP response', key, algorithm);
  const now = call.now();
  const lasts = toMicros(config.ocspExpiry);
  const thisUpdate = Math.floor(now / SECOND);
  return makeOcspResponse(
    crypto,
    {
      id: { ...asked.id, ...certificateId(crypto, asked.id.hash, certificate, asked.id.serial) },
      status,
      producedAt: (Math.floor(now / MINUTE) * MINUTE) / SECOND,
      thisUpdate,
      nextUpdate: lasts === 0 ? undefined : Math.floor((now + lasts) / SECOND),
    },
    { rawSubject: certificate.rawSubject },
    { key, algorithm },
    randomOf(call),
  );
}

/** An answer that a key elsewhere cannot sign is an error of OCSP's own. */
async function answer(body: Uint8Array, call: PkiCall): Promise<Reply> {
  try {
    return await judged(body, call);
  } catch (error) {
    if (error instanceof NoSigner || error instanceof Unsigned || error instanceof ExternalKeyProblem)
      return internalError();
    throw error;
  }
}

async function judged(body: Uint8Array, call: PkiCall): Promise<Reply> {
  const store = storeOf(call);
  const config = await store.crlConfig();
  if (config.disable || config.ocspDisable) return unauthorized();
  if (body.length === 0 || body.length > MOST_BYTES) return malformed();
  const asked = unlessMalformed(() => parseOcspRequest(body));
  if (asked === undefined) return malformed();
  const issuer = await issuerOf(store, asked, call);
  if (issuer === undefined) {
    const standIn = await store.findIssuer(DEFAULT_REF);
    if (standIn === undefined || standIn.keyId === '' || !hasUsage(standIn, 'ocsp-signing')) return unauthorized();
    return answered(200, await signed(asked, standIn, { kind: 'unknown' }, config, call));
  }
  if (!hasUsage(issuer, 'ocsp-signing')) return unauthorized();
  const revocation = await store.revoked.get(storedSerial(serialText(asked.id.serial)));
  const status: CertificateStatus =
    revocation === undefined
      ? { kind: 'good' }
      : { kind: 'revoked', at: Math.floor(revocation.at / SECOND), reason: 0 };
  return answered(200, await signed(asked, issuer, status, config, call));
}

function fromUrl(text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (error) {
    if (error instanceof Base64Error) return new Uint8Array(0);
    throw error;
  }
}

export const ocspPaths = pkiPaths()
  .path(
    'ocsp',
    'Whether a certificate is revoked.',
    {},
    {
      update: {
        about: 'Answer a request in DER.',
        run: (_, call) => answer(call.request.rawBody ?? new Uint8Array(0), call),
      },
    },
    { id: { prefix: 'pki', verb: 'query', suffix: 'ocsp' }, unauthenticated: true, anyInput: true },
  )
  .path(
    'ocsp/:req*',
    'Whether a certificate is revoked.',
    { req: field.string('The request: DER in base64.', { required: true }) },
    { read: { about: 'Answer it.', run: (input, call) => answer(fromUrl(input.req), call) } },
    { id: { prefix: 'pki', verb: 'query', suffix: 'ocsp-with-get-req' }, unauthenticated: true },
  );
