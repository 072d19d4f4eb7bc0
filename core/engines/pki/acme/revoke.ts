/** Revoking a certificate, by the account that had it or by its own key. */
import { Base64Error, decodeBase64RawUrl } from '../../../codec/base64.ts';
import { equalBytes } from '../../../codec/bytes.ts';
import { DerError } from '../../../codec/der-reader.ts';
import { asNumber } from '../../../codec/json-fields.ts';
import { samePublicKey } from '../../../crypto/keys/key.ts';
import { parseCertificate, type Certificate } from '../../../crypto/x509/certificate.ts';
import { isMalformed } from '../../../crypto/x509/error.ts';
import { reply, toResponse, type Reply } from '../../../framework/reply.ts';
import { SECOND } from '../../../runtime.ts';
import { storeOf } from '../call.ts';
import { certificateBytes } from '../certificates.ts';
import { revokeCertificate } from '../revoke-paths.ts';
import { serialText, storedSerial } from '../show.ts';
import { requireAccount, type AcmeCall } from './accounts.ts';
import { json } from './directory.ts';
import { goType } from '../../../codec/go-type.ts';
import { AcmeProblem, malformed, problem } from './problem.ts';

function certificateOf({ payload = {} }: AcmeCall): Certificate {
  const { certificate } = payload;
  if (certificate === undefined) throw malformed("bad request was lacking required field 'certificate'");
  if (typeof certificate !== 'string') {
    throw malformed(`invalid type (${goType(certificate)}; expected string) for field 'certificate'`);
  }
  try {
    return parseCertificate(decodeBase64RawUrl(certificate));
  } catch (error) {
    if (error instanceof Base64Error) throw malformed(`failed to base64 decode certificate: ${error.message}`);
    if (!isMalformed(error)) throw error;
    const text = error instanceof DerError ? 'x509: malformed certificate' : error.message;
    throw malformed(`failed to parse certificate: ${text}`);
  }
}

function checkReason({ payload = {} }: AcmeCall): void {
  const { reason } = payload;
  if (reason === undefined) return;
  const number = asNumber(reason);
  if (number === undefined) throw malformed(`invalid type (${goType(reason)}; expected float64) for field 'reason'`);
  if (Math.trunc(number) === 0) return;
  throw problem(
    'badRevocationReason',
    `OpenBao does not support revocation reasons (got ${Math.trunc(number)}; expected omitted or 0/unspecified)`,
  );
}

const UNABLE = 'unable to revoke certificate';

async function checkSender(certificate: Certificate, acme: AcmeCall): Promise<void> {
  const { sender, store } = acme;
  if (sender.account === undefined) {
    if (certificate.publicKey !== undefined && samePublicKey(certificate.publicKey, sender.key)) return;
    throw malformed(
      `${UNABLE}: unable to verify proof of possession of private key provided by proxy: provided private key does not match certificate's public key`,
    );
  }
  try {
    requireAccount(acme);
  } catch (error) {
    throw error instanceof AcmeProblem ? error.within('failed to lookup account') : error;
  }
  const serial = storedSerial(serialText(certificate.serial));
  if ((await store.certificates(sender.id).get(serial)) !== undefined) return;
  throw malformed(`${UNABLE}: no certificate with this serial was issued for this account`);
}

export async function revoke(acme: AcmeCall): Promise<Reply> {
  const { call } = acme;
  const certificate = certificateOf(acme);
  checkReason(acme);
  if (certificate.notAfter * SECOND < call.now()) throw malformed('refusing to revoke expired certificate');
  const serial = serialText(certificate.serial);
  const kept = await certificateBytes(call.storage, serial);
  if (kept === undefined) throw problem('serverInternal', `${UNABLE}: no global cert entry found`);
  if (!equalBytes(kept, certificate.bytes)) {
    throw malformed(`${UNABLE}: supplied certificate does not match CA's stored value`);
  }
  if ((await storeOf(call).revoked.get(storedSerial(serial))) !== undefined) throw problem('alreadyRevoked', UNABLE);
  await checkSender(certificate, acme);
  const response = toResponse(await revokeCertificate(certificate, call));
  return reply({ raw: json(response?.data ?? {}) });
}
