/** `login`, and the renewal of what it gave. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { equalBytes, noBytes } from '../../codec/bytes.ts';
import { colonHex } from '../../codec/hex.ts';
import { asString } from '../../codec/json-fields.ts';
import type { Certificate } from '../../crypto/x509/certificate.ts';
import { subjectOf } from '../../crypto/x509/name.ts';
import { failure } from '../../fault.ts';
import { emptyAuth } from '../../framework/empty-auth.ts';
import { field } from '../../framework/field.ts';
import type { Auth } from '../../framework/logical.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { checkAddress, samePolicies, tokenAuth } from '../../framework/token-params.ts';
import { certPaths, configOf, type CertCall } from './call.ts';
import { decimal, parseBundle } from './certificates.ts';
import type { CertEntry } from './entry.ts';
import { extensionMetadata } from './constraints.ts';
import { shownCertificates, verifyCredentials } from './verify.ts';

const commonNameOf = ({ subject }: Certificate): string => subjectOf(subject).commonName;

async function login({ name }: { readonly name: string }, call: CertCall): Promise<Answer> {
  const [own] = shownCertificates(call);
  const { enableIdentityAliasMetadata } = await configOf(call);
  const entry = await verifyCredentials(name, call);
  checkAddress(entry.token, call.request);
  const metadata = {
    cert_name: entry.name,
    common_name: commonNameOf(own),
    serial_number: decimal(own.serial),
    subject_key_id: colonHex(own.subjectKeyId),
    authority_key_id: colonHex(own.authorityKeyId),
    ...extensionMetadata(own, entry),
  };
  const { mount } = call;
  return reply({
    auth: {
      ...tokenAuth(entry.token),
      internal: { certificate: encodeBase64(own.bytes) },
      displayName: entry.displayName,
      metadata,
      alias: {
        name: commonNameOf(own),
        mountAccessor: mount.accessor,
        mountType: mount.type,
        ...(enableIdentityAliasMetadata ? { metadata } : {}),
      },
    },
  });
}

/** The same certificate, still vouched for, has to be shown again, unless binding is off. */
export async function renew(call: CertCall): Promise<Answer> {
  const auth = call.request.auth!;
  const name = auth.metadata['cert_name'] ?? '';
  const entry = await call.store.entries.get(name);
  if (entry === undefined) return undefined;
  if (!(await configOf(call)).disableBinding) {
    const [own] = shownCertificates(call);
    await verifyCredentials(name, call);
    checkSame(auth, own, entry);
  }
  if (!samePolicies(entry.token.policies ?? [], auth.tokenPolicies ?? []))
    throw failure('policies have changed, not renewing');
  const { period, ttl, maxTtl } = entry.token;
  return reply({ auth: { ...auth, period, ttl, maxTtl } });
}

/** Upstream names the entry's certificate, not the client's, as that of the renewal. */
function checkSame({ internal }: Auth, own: Certificate, entry: CertEntry): void {
  const original = decodeBase64(asString(internal['certificate']) ?? '');
  if (equalBytes(original, own.bytes)) return;
  const shown = (bytes: Uint8Array): string => `[${bytes.join(' ')}]`;
  throw failure(
    `client identity during renewal not matching client identity used during login:\n\toriginal: ${shown(original)}\n\trenewal: ${shown(parseBundle(entry.certificate)[0]?.bytes ?? noBytes)}`,
  );
}

export const loginPath = certPaths().path(
  'login',
  'A login with the certificate of the connection.',
  { name: field.string('The only entry to ask; all unless given.', { always: true }) },
  {
    update: { run: login },
    'alias-lookahead': {
      run: (_, call) => {
        const [own] = shownCertificates(call);
        const { mount } = call;
        const alias = { name: commonNameOf(own), mountAccessor: mount.accessor, mountType: mount.type };
        return reply({ auth: { ...emptyAuth(), alias } });
      },
    },
  },
  {
    help: 'The answer holds a token with the settings of the entry that vouches for the certificate.',
    id: { verb: 'login' },
    unauthenticated: 'login',
  },
);
