/** What anybody may fetch: certificates, chains and revocation lists, in JSON, PEM or DER. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { JsonObject } from '../../codec/json.ts';
import type { Micros } from '../../runtime.ts';
import { failure, refuse } from '../../fault.ts';
import { encodePem } from '../../codec/pem.ts';
import type { Certificate } from '../../crypto/x509/certificate.ts';
import { nameText, subjectOf } from '../../crypto/x509/name.ts';
import { formatRfc3339, formatTimestamp } from '../../codec/rfc3339.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { AiaError, NO_URLS_TOLD, urlsOfIssuer } from './aia.ts';
import { certificateOf } from './authority.ts';
import { pkiPaths, storeOf, type PkiCall } from './call.ts';
import { certificateBySerial, certificateBytes, serialsOf, shownSerial } from './certificates.ts';
import { listOf } from './crl.ts';
import { issuerRef } from './fields.ts';
import { bitsOf, typeOf } from './key-spec.ts';
import type { Issuer } from './model.ts';
import { raw } from './raw.ts';
import { shownPem, storedSerial } from './show.ts';
import { unlessKnown } from './since.ts';
import { DEFAULT_REF, Unresolved, unresolvedFailure, type PkiStore } from './store.ts';

const CERT = 'application/pkix-cert';
const PEM_CERT = 'application/pem-certificate-chain';
const CRL = 'application/pkix-crl';
const PEM_CRL = 'application/x-pem-file';

const shownList = (bytes: Uint8Array): string => encodePem('X509 CRL', bytes).trimEnd();

/** Refused as a client's mistake where one asks in JSON, and simply not there where one asks for bytes. */
async function defaultIssuer(store: PkiStore): Promise<Issuer> {
  try {
    return await store.issuer(DEFAULT_REF);
  } catch (error) {
    throw error instanceof Unresolved ? refuse(error.message) : error;
  }
}

async function listBytes(store: PkiStore, issuer: Issuer, delta: boolean, call: PkiCall) {
  if (call.context.system.active) await call.state.crl.rebuildIfOutdated(store);
  return listOf(store, issuer, delta);
}

/** The same, refused for an issuer without one where others have theirs: it has no key here. */
async function ownList(store: PkiStore, issuer: Issuer, reference: string, delta: boolean, call: PkiCall) {
  const bytes = await listBytes(store, issuer, delta, call);
  const { lists } = await store.crlState();
  if (lists[issuer.id] !== undefined || Object.keys(lists).length === 0) return bytes;
  throw failure(`unable to find CRL for issuer: id:${issuer.id}/ref:${reference}`);
}

/** When something was last changed; undefined where nobody can ask for what is newer. */
type Modified = (() => Promise<Micros>) | undefined;

function rawDefault(
  call: PkiCall,
  type: string,
  modified: Modified,
  make: (issuer: Issuer) => Promise<Uint8Array | undefined>,
): Promise<Answer> {
  const answer = async (): Promise<Answer> => {
    const issuer = await storeOf(call).findIssuer(DEFAULT_REF);
    return raw(type, issuer && (await make(issuer)));
  };
  return modified === undefined ? answer() : unlessKnown(call, modified, answer);
}

const authorityModified = (call: PkiCall) => async (): Promise<Micros> => {
  try {
    return (await storeOf(call).issuer(DEFAULT_REF)).lastModified;
  } catch (error) {
    throw unresolvedFailure(error);
  }
};

const listModified = (delta: boolean, call: PkiCall) => async (): Promise<Micros> => {
  const { lastModified, deltaLastModified } = await storeOf(call).crlState();
  return delta ? deltaLastModified : lastModified;
};

/** The same of what certificates say: nothing while its URLs cannot be told. */
const rawAuthority = (call: PkiCall, type: string, modified: Modified, make: (issuer: Issuer) => Uint8Array) =>
  rawDefault(call, type, modified, async (issuer) => {
    try {
      await urlsOfIssuer(issuer, storeOf(call));
      return make(issuer);
    } catch (error) {
      if (error instanceof AiaError) return undefined;
      throw error;
    }
  });

/** Throws a Fault. */
async function defaultAuthority(store: PkiStore): Promise<Issuer> {
  const issuer = await defaultIssuer(store);
  try {
    await urlsOfIssuer(issuer, store);
    return issuer;
  } catch (error) {
    throw error instanceof AiaError ? failure(`${NO_URLS_TOLD}: ${error.message}`) : error;
  }
}

const pemOf = (issuer: Issuer): Uint8Array => encodeUtf8(issuer.certificate.trimEnd());
const chainText = (issuer: Issuer): string => issuer.caChain.map((pem) => pem.trimEnd()).join('\n');

const fetched = (certificate: string, more: JsonObject = {}): JsonObject => ({
  certificate,
  revocation_time: 0,
  revocation_time_rfc3339: '',
  ...more,
});

async function certificate(serial: string, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  if (serial === 'ca') {
    return unlessKnown(call, authorityModified(call), async () =>
      fetched((await defaultAuthority(store)).certificate.trimEnd()),
    );
  }
  const revocation = await store.revoked.get(storedSerial(serial));
  const bytes = revocation?.certificate ?? (await certificateBytes(call.storage, serial));
  if (bytes === undefined) return undefined;
  if (revocation === undefined) return fetched(shownPem(bytes));
  return fetched(shownPem(bytes), {
    revocation_time: Math.floor(revocation.at / 1_000_000),
    revocation_time_rfc3339: formatRfc3339(revocation.at),
    ...(revocation.issuerId === '' ? {} : { issuer_id: revocation.issuerId }),
  });
}

async function rawCertificate(serial: string, pem: boolean, call: PkiCall): Promise<Answer> {
  const type = pem ? PEM_CERT : CERT;
  const shown = (bytes: Uint8Array): Uint8Array => (pem ? encodeUtf8(shownPem(bytes)) : bytes);
  if (serial === 'ca') {
    return rawAuthority(call, type, authorityModified(call), (issuer) => shown(certificateOf(issuer).bytes));
  }
  const bytes = await certificateBytes(call.storage, serial);
  return raw(type, bytes === undefined ? undefined : shown(bytes));
}

async function certificateList(delta: boolean, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  try {
    return await unlessKnown(call, listModified(delta, call), async () => {
      const bytes = await ownList(store, await store.issuer(DEFAULT_REF), DEFAULT_REF, delta, call);
      return bytes === undefined ? undefined : fetched(shownList(bytes));
    });
  } catch (error) {
    throw unresolvedFailure(error);
  }
}

async function issuerList(reference: string, form: string, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  let issuer: Issuer;
  try {
    issuer = await store.issuer(reference);
  } catch (error) {
    throw unresolvedFailure(error);
  }
  const delta = form.includes('delta');
  return unlessKnown(call, listModified(delta, call), async () => {
    const bytes = await ownList(store, issuer, reference, delta, call);
    if (form.endsWith('pem')) {
      return raw(PEM_CRL, bytes === undefined ? undefined : encodeUtf8(encodePem('X509 CRL', bytes)));
    }
    if (form.endsWith('der')) return raw(CRL, bytes);
    return { crl: bytes === undefined ? '' : encodePem('X509 CRL', bytes) };
  });
}

/** What of a certificate is told in listings. */
function detailsOf({ subject, issuer, names, notBefore, notAfter, publicKey }: Certificate): JsonObject {
  const { commonName } = subjectOf(subject);
  return {
    common_name: commonName,
    issuer: nameText(issuer),
    dns_names: names.dns.length === 0 ? null : [...names.dns],
    ...(publicKey === undefined
      ? {}
      : { key_type: typeOf(publicKey), key_bits: publicKey.kind === 'ed25519' ? 256 : bitsOf(publicKey) }),
    not_before: formatTimestamp(notBefore, 0),
    not_after: formatTimestamp(notAfter, 0),
  };
}

async function detailed(page: { after: string; limit: number }, call: PkiCall): Promise<Answer> {
  const serials = await serialsOf(call.storage, page);
  const info: JsonObject = {};
  for (const serial of serials) info[serial] = detailsOf((await certificateBySerial(call.storage, serial))!);
  return serials.length === 0 ? [] : { keys: serials, key_info: info };
}

const serialField = field.string('The serial number, with colons or hyphens.', { required: true });
/** `pattern` is the first of the router's; the engine names the others. */
const open = (suffix: string, pattern: string) => ({ id: { prefix: 'pki', suffix }, unauthenticated: pattern });

export const fetchPaths = pkiPaths()
  .path(
    'ca(/pem)?',
    "The default issuer's certificate.",
    {},
    {
      read: {
        about: 'Read it.',
        run: (_, call) =>
          call.request.path === 'ca'
            ? rawAuthority(call, CERT, authorityModified(call), (issuer) => certificateOf(issuer).bytes)
            : rawAuthority(call, PEM_CERT, authorityModified(call), pemOf),
      },
    },
    open('ca-der|ca-pem', 'ca'),
  )
  .path(
    '(cert/)?ca_chain',
    "The default issuer's chain.",
    {},
    {
      read: {
        about: 'Read it.',
        run: async (_, call) => {
          if (call.request.path === 'ca_chain') {
            return rawAuthority(call, CERT, undefined, (issuer) => encodeUtf8(chainText(issuer)));
          }
          const chain = chainText(await defaultAuthority(storeOf(call)));
          return fetched(chain, { ca_chain: chain });
        },
      },
    },
    open('ca-chain-pem|cert-ca-chain', 'ca_chain'),
  )
  .path(
    'crl(/pem|/delta(/pem)?)?',
    "The default issuer's revocation list.",
    {},
    {
      read: {
        about: 'Read it.',
        run: (_, call) => {
          const { path } = call.request;
          const [pem, delta] = [path.endsWith('/pem'), path.includes('delta')];
          return rawDefault(call, pem ? PEM_CRL : CRL, listModified(delta, call), async (issuer) => {
            const bytes = await listBytes(storeOf(call), issuer, delta, call);
            return bytes === undefined || !pem ? bytes : encodeUtf8(shownList(bytes));
          });
        },
      },
    },
    open('crl-der|crl-delta|crl-delta-pem|crl-pem', 'crl'),
  )
  .path(
    'cert/(crl|delta-crl)',
    "The default issuer's revocation list.",
    {},
    { read: { about: 'Read it.', run: (_, call) => certificateList(call.request.path === 'cert/delta-crl', call) } },
    open('cert-crl|cert-delta-crl', 'cert/*'),
  )
  .path(
    'cert/:serial{[0-9A-Fa-f-:]+}',
    'A certificate that was issued.',
    { serial: serialField },
    { read: { about: 'Read it.', run: (input, call) => certificate(input.serial, call) } },
    open('cert', 'cert/*'),
  )
  .path(
    'cert/:serial{[0-9A-Fa-f-:]+}/raw(/pem)?',
    'A certificate that was issued.',
    { serial: serialField },
    {
      read: {
        about: 'Read it.',
        run: (input, call) => rawCertificate(input.serial, call.request.path.endsWith('/pem'), call),
      },
    },
    open('cert-raw-der|cert-raw-pem', 'cert/*'),
  )
  .path(
    'issuer/:issuer_ref/crl(/pem|/der|/delta(/pem|/der)?)?',
    "An issuer's revocation list.",
    { issuer_ref: issuerRef, issuer_name: field.string('Not used.', { always: true }) },
    {
      read: {
        about: 'Read it.',
        run: (input, call) => issuerList(input.issuer_ref, call.request.path.split('/crl').at(-1)!, call),
      },
    },
    {
      id: { prefix: 'pki-issuer', suffix: 'crl|crl-delta|crl-delta-der|crl-delta-pem|crl-der|crl-pem' },
      unauthenticated: 'issuer/+/crl',
    },
  )
  .path(
    'certs/detailed/?',
    'The certificates that were issued and kept, with what is in them.',
    pageFields,
    { list: { about: 'List them.', run: ({ after, limit }, call) => detailed({ after, limit }, call) } },
    { id: { prefix: 'pki', suffix: 'certs' } },
  )
  .path(
    'certs/?',
    'Serial numbers of the certificates that were issued and kept.',
    pageFields,
    {
      list: {
        about: 'List them.',
        run: ({ after, limit }, call) => serialsOf(call.storage, { after, limit }),
      },
    },
    { id: { prefix: 'pki', suffix: 'certs' } },
  )
  .path(
    'certs/revoked/?',
    'Serial numbers of the revoked certificates.',
    pageFields,
    {
      list: {
        about: 'List them.',
        run: async ({ after, limit }, call) => {
          const names = await storeOf(call).revoked.list({ after: storedSerial(after), limit });
          return names.map(shownSerial);
        },
      },
    },
    { id: { prefix: 'pki', suffix: 'revoked-certs' } },
  );
