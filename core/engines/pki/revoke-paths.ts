/** Revoking certificates, by number or by showing them, and making the lists anew. */
import { decodePem } from '../../codec/pem.ts';
import { equalBytes } from '../../codec/bytes.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { publicKeyOf, samePublicKey } from '../../crypto/keys/key.ts';
import { mayHaveSigned } from '../../crypto/x509/chain.ts';
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { SECOND } from '../../runtime.ts';
import { certificateOf } from './authority.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { isRelative } from '../../storage/view.ts';
import { pkiPaths, sent, storeOf, type PkiCall } from './call.ts';
import { certificateBySerial, keepCertificate } from './certificates.ts';
import { building } from './crl.ts';
import { ImportProblem, parseKeyBlock } from './imports.ts';
import { measured } from './measured.ts';
import type { Revocation } from './model.ts';
import { serialText, storedSerial } from './show.ts';

const shownRevocation = ({ at }: Revocation): JsonObject => ({
  revocation_time: Math.floor(at / SECOND),
  revocation_time_rfc3339: formatRfc3339(at),
  state: 'revoked',
});

/** Bytes of a client's PEM; what is wrong with them is an internal error, as upstream has it. */
function shownCertificate(pem: string): Certificate {
  if (pem.length < 75) {
    throw failure(
      'provided certificate data was too short; perhaps a path was passed to the API rather than the contents of a PEM file',
    );
  }
  const found = decodePem(pem);
  if (found === undefined) throw failure('certificate contains no PEM data');
  try {
    return parseCertificate(found.block.bytes);
  } catch (error) {
    throw isMalformed(error) ? failure(`certificate could not be parsed: ${error.message}`) : error;
  }
}

/** Kept as well when it was not, so that the list can be made anew. */
async function byCertificate(pem: string, call: PkiCall): Promise<{ certificate: Certificate; keep: boolean }> {
  const certificate = shownCertificate(pem);
  if (certificate.serial.every((byte) => byte === 0)) throw failure('invalid serial number on presented certificate');
  const kept = await certificateBySerial(call.storage, serialText(certificate.serial));
  if (kept !== undefined) {
    if (equalBytes(kept.bytes, certificate.bytes)) return { certificate, keep: false };
    throw failure(
      "certificate with same serial but unequal value already present in this cluster's storage; refusing to revoke",
    );
  }
  const { crypto } = call.runtime;
  const issuers = await storeOf(call).allIssuers();
  if (issuers.some((issuer) => mayHaveSigned(crypto, certificateOf(issuer), certificate))) {
    return { certificate, keep: true };
  }
  throw failure(
    'unable to verify signature on presented cert from any present issuer in this mount; certificates from previous CAs will need to have their issuing CA and key re-imported if revocation is necessary',
  );
}

function checkKey(pem: string, { publicKey }: Certificate, call: PkiCall): void {
  let own;
  try {
    if (decodePem(pem) === undefined) throw failure('provided key PEM block contained no data or failed to parse');
    own = publicKeyOf(call.runtime.crypto, parseKeyBlock(pem));
  } catch (error) {
    throw error instanceof ImportProblem ? failure(`failed to parse provided private key: ${error.message}`) : error;
  }
  if (publicKey?.kind !== own.kind) {
    throw failure("provided private key type does not match certificate's public key type");
  }
  if (!samePublicKey(publicKey, own)) throw failure("provided private key does not match certificate's public key");
}

/** Throws a Fault; gives what the client is told. */
export async function revokeCertificate(certificate: Certificate, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const serial = serialText(certificate.serial);
  return call.state.revokeLock.run(async () => {
    const issuer = (await store.allIssuers()).find(({ serialNumber }) => serialNumber === serial);
    if (issuer !== undefined) throw refuse(`adding issuer (id: ${issuer.id}) to its own CRL is not allowed`);
    // Even what is revoked already is for the active node to say.
    if (call.request.standby) throw new ReadOnly();
    const present = await store.revoked.get(storedSerial(serial));
    if (present !== undefined) return shownRevocation(present);
    const config = await store.crlConfig();
    const now = call.now();
    if (certificate.notAfter * SECOND < now + 2 * SECOND && !config.allowExpiredCertRevocation) {
      return reply({
        warnings: [
          `certificate with serial ${serial} already expired; refusing to add to CRL. Enable 'AllowExpiredCertRevocation' to allow revoking expired certificates.`,
        ],
      });
    }
    const { crypto } = call.runtime;
    const signer = (await store.allIssuers()).find((one) => mayHaveSigned(crypto, certificateOf(one), certificate));
    const revocation = { certificate: certificate.bytes, at: now, issuerId: signer?.id ?? '' };
    await store.revoked.put(storedSerial(serial), revocation);
    if (!config.autoRebuild) {
      const warnings = await building(call.state.crl.rebuild(store, false));
      if (warnings.length > 0) return reply({ data: shownRevocation(revocation), warnings });
    } else if (config.enableDelta) await call.state.crl.noteForDelta(store, storedSerial(serial));
    return shownRevocation(revocation);
  });
}

interface RevokeInput {
  readonly serial_number?: string | undefined;
  readonly certificate?: string | undefined;
  readonly private_key?: string | undefined;
}

const revoke = (input: RevokeInput, withKey: boolean, call: PkiCall): Promise<Answer> =>
  measured('revoke', undefined, call, () => revokeNow(input, withKey, call));

async function revokeNow(input: RevokeInput, withKey: boolean, call: PkiCall): Promise<Answer> {
  const [haveSerial, haveCertificate] = [sent(call, 'serial_number'), sent(call, 'certificate')];
  if (!haveSerial && !haveCertificate) throw refuse('The serial number or certificate to revoke must be provided.');
  if (haveSerial && haveCertificate) {
    throw refuse('Must provide either the certificate or the serial to revoke; not both.');
  }
  const key = input.private_key ?? '';
  if (withKey) {
    if (!sent(call, 'private_key')) {
      throw refuse('Must have private key to revoke via the /revoke-with-key path.');
    }
    if (key.length < 64) {
      throw refuse(
        'Provided data for private_key was too short; perhaps a path was passed to the API rather than the contents of a PEM file?',
      );
    }
  }
  const { certificate, keep } = haveCertificate
    ? await byCertificate(input.certificate ?? '', call)
    : { certificate: await bySerial(input.serial_number ?? '', call), keep: false };
  if (withKey) checkKey(key, certificate, call);
  if (keep) await keepCertificate(call.storage, certificate);
  return revokeCertificate(certificate, call);
}

async function bySerial(serial: string, call: PkiCall): Promise<Certificate> {
  if (serial === '') throw refuse('The serial number must be provided');
  // The storage would say so, which is not answered as what it says elsewhere.
  if (isRelative(serial)) {
    throw failure(`error fetching certificate ${serial}: relative paths not supported`, 500);
  }
  const known = await certificateBySerial(call.storage, serial);
  if (known === undefined) throw refuse(`certificate with serial ${serial} not found.`);
  return known;
}

/** The end of a lease: nothing is said to anybody. */
export async function revokeLeased(call: PkiCall): Promise<Answer> {
  const serial = call.request.secret?.internal['serial_number'];
  if (typeof serial !== 'string') throw failure('could not find serial in internal secret data');
  const certificate = await certificateBySerial(call.storage, serial);
  if (certificate === undefined) {
    call.runtime.log.write('warn', '', 'expired certificate revoked; not present in storage', { serial });
    return undefined;
  }
  return revokeCertificate(certificate, call);
}

const NO_DELTA = 'requested rebuild of delta CRL when delta CRL is not enabled; this is a no-op';

async function rotate(delta: boolean, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  if (!delta) {
    const warnings = await building(call.state.crl.rebuild(store, false));
    return warnings.length === 0 ? { success: true } : reply({ data: { success: true }, warnings });
  }
  const { enableDelta } = await store.crlConfig();
  await building(call.state.crl.rebuildDelta(store, true), 'delta CRL');
  return enableDelta ? { success: true } : reply({ data: { success: true }, warnings: [NO_DELTA] });
}

const revokeFields = {
  serial_number: field.string('The serial number, with colons or hyphens.'),
  certificate: field.string('The certificate, in PEM; some issuer of this mount has signed it.'),
};

export const revokePaths = pkiPaths()
  .path(
    'revoke',
    'Revoke a certificate.',
    revokeFields,
    { update: { about: 'Revoke it.', run: (input, call) => revoke(input, false, call) } },
    { id: { prefix: 'pki', verb: 'revoke' } },
  )
  .path(
    'revoke-with-key',
    'Revoke a certificate by showing its key.',
    { ...revokeFields, private_key: field.string('The key, in PEM.') },
    { update: { about: 'Revoke it.', run: (input, call) => revoke(input, true, call) } },
    { id: { prefix: 'pki', verb: 'revoke', suffix: 'with-key' } },
  )
  .path(
    'crl/rotate',
    'Make the revocation lists anew.',
    {},
    { read: { about: 'Make them.', forward: true, run: (_, call) => rotate(false, call) } },
    { id: { prefix: 'pki', verb: 'rotate', suffix: 'crl' } },
  )
  .path(
    'crl/rotate-delta',
    'Make the delta lists anew.',
    {},
    { read: { about: 'Make them.', forward: true, run: (_, call) => rotate(true, call) } },
    { id: { prefix: 'pki', verb: 'rotate', suffix: 'delta-crl' } },
  );
