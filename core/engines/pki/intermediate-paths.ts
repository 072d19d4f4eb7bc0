/** Intermediates: asked for here, signed by somebody, taken in; and signing the requests of others. */
import { signedOr, Unsigned } from './external-keys.ts';
import { encodeBase64 } from '../../codec/base64.ts';
import type { JsonObject } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { encodeBasicConstraints, type Extension } from '../../crypto/x509/extension.ts';
import { checkTexts, encodeAlternativeNames, hasNames } from '../../crypto/x509/general-name.ts';
import { encodeName, nameOf } from '../../crypto/x509/name.ts';
import { EXTENSION } from '../../crypto/x509/oids.ts';
import { makeRequest, parseRequest, requestPem } from '../../crypto/x509/request.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { urlCount } from './aia.ts';
import { signingAuthority } from './authority.ts';
import { atOnce, type PkiCall, pkiPaths, randomOf, sent, sentName, storeOf } from './call.ts';
import { keepCertificate } from './certificates.ts';
import {
  authorityFields,
  anyExportedField,
  exportedField,
  issuedAuthorityFields,
  byReference,
  issuerRef,
  keyGenerationFields,
  usageFields,
} from './fields.ts';
import { authorityRole, generationOf, type GenerationInput, type SubjectInput } from './generation.ts';
import { ImportProblem, parseIssuer, parseKeyBlock, takeIssuer, takeKey } from './imports.ts';
import { checkRequestKey, issueForRequest, readAgain, requestOf } from './issuance.ts';
import { keyPem, signingAlgorithm } from './key-spec.ts';
import { pemBlocks } from './key-paths.ts';
import { checkIdentifiers } from './other-names.ts';
import { nameContext } from './leaf.ts';
import { NO_AIA, NO_SUBJECT } from './root-paths.ts';
import { bundle, checkedFormat, serialText, shownCertificate, shownKey } from './show.ts';
import { intermediateValidityOf } from './validity.ts';
import { wishOf, type WishInput } from './wish.ts';

const AGAIN =
  ' Since this certificate is an intermediate, it might be useful to regenerate this certificate after fixing this problem for the root mount.';

interface IntermediateInput extends GenerationInput {
  readonly add_basic_constraints?: boolean | undefined;
}

async function request(input: IntermediateInput, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const { crypto } = call.runtime;
  return call.state.issuersLock.run(async () => {
    const generation = await generationOf(input, call);
    const { exported, format, role } = generation;
    const keyName = sentName(call, 'key_name', input.key_name);
    const badKeyName = await store.checkKeyName(keyName);
    if (badKeyName !== undefined) throw badKeyName;
    const wish = wishOf(input, {
      names: await nameContext(role, call),
      system: call.system,
      now: call.now(),
      authority: undefined,
      request: undefined,
      userIds: false,
    });
    const key = await generation.key();
    const own = exported && key.kind !== 'remote' ? key : undefined;
    const extensions: Extension[] = [];
    if (hasNames(wish.names)) {
      checkIdentifiers(wish.names.others);
      extensions.push({ oid: EXTENSION.subjectAltName, critical: false, value: encodeAlternativeNames(wish.names) });
    }
    if (input.add_basic_constraints === true) {
      extensions.push({
        oid: EXTENSION.basicConstraints,
        critical: true,
        value: encodeBasicConstraints({ isCa: true }),
      });
    }
    const make = async (): Promise<Uint8Array> => {
      checkTexts(wish.names);
      return makeRequest(
        crypto,
        { rawSubject: encodeName(nameOf(wish.subject)), extensions },
        { key, algorithm: signingAlgorithm(publicKeyOf(crypto, key), role.signature_bits, role.use_pss, false) },
        randomOf(call),
      );
    };
    const bytes = await signedOr('unable to create certificate', make());
    readAgain(() => parseRequest(bytes));
    const { entry } = await takeKey(store, call.runtime, key, keyName ?? '');
    const pem = requestPem(bytes).trimEnd();
    const data: JsonObject = {
      csr:
        format === 'der'
          ? encodeBase64(bytes)
          : format === 'pem_bundle' && own !== undefined
            ? `${keyPem(crypto, own)}\n${pem}`
            : pem,
      key_id: entry.id,
      ...(own === undefined ? {} : shownKey(crypto, own, format, input.private_key_format)),
    };
    const warnings = urlCount(await store.urls()) === 0 ? [NO_AIA + AGAIN] : [];
    warnings.push(...wish.validity.warnings);
    return warnings.length === 0 ? data : reply({ data, warnings });
  });
}

const NO_KEY =
  'The default issuer has no key associated with it. Some operations like issuing certificates and signing CRLs will be unavailable with the requested default issuer until a key is imported or the default issuer is changed.';
const SEVERAL =
  'The imported bundle contained multiple certs matching keys, the default issuer that was selected should be verified and manually changed if incorrect.';

interface Blocks {
  readonly keys: readonly string[];
  readonly certificates: readonly string[];
}

function sorted(text: string, keysAllowed: boolean): Blocks {
  const keys: string[] = [];
  const certificates: string[] = [];
  for (const { type, pem } of pemBlocks(text)) {
    if (type === 'CERTIFICATE' || type === 'X509 CERTIFICATE') certificates.push(pem);
    else if (!['CRL', 'X509 CRL', 'EC PARAMS', 'EC PARAMETERS'].includes(type)) keys.push(pem);
  }
  if (keys.length > 0 && !keysAllowed) {
    throw refuse('private keys found in the PEM bundle but not allowed by the path; use /issuers/import/bundle');
  }
  return { keys, certificates };
}

async function takeAll(text: string, keysAllowed: boolean, call: PkiCall): Promise<Answer> {
  if (text === '') throw refuse("'pem_bundle' and 'certificate' parameters were empty");
  const store = storeOf(call);
  const blocks = sorted(text, keysAllowed);
  return call.state.issuersLock.run(async () => {
    const found: Record<'newKeys' | 'oldKeys' | 'newIssuers' | 'oldIssuers', string[]> = {
      newKeys: [],
      oldKeys: [],
      newIssuers: [],
      oldIssuers: [],
    };
    const mapping: Record<string, string> = {};
    await atOnce(call, async (within) => {
      for (const [index, pem] of blocks.keys.entries()) {
        try {
          const { entry, existing } = await takeKey(within, call.runtime, parseKeyBlock(pem), '');
          found[existing ? 'oldKeys' : 'newKeys'].push(entry.id);
        } catch (error) {
          throw error instanceof ImportProblem
            ? refuse(`Error parsing key ${index}: failed to parse PEM block: ${error.message}`)
            : error;
        }
      }
      for (const [index, pem] of blocks.certificates.entries()) {
        try {
          const { entry, existing } = await takeIssuer(within, call.runtime, parseIssuer(pem), '');
          mapping[entry.id] = entry.keyId;
          found[existing ? 'oldIssuers' : 'newIssuers'].push(entry.id);
        } catch (error) {
          if (!(error instanceof ImportProblem)) throw error;
          throw refuse(`Error parsing issuer ${index}: ${error.message}\n${pem}`);
        }
      }
    });
    const warnings = await importWarnings(found.newIssuers, mapping, call);
    if (found.newIssuers.length > 0) warnings.push(...(await call.state.crl.rebuild(store, true)));
    const list = (ids: readonly string[]): string[] | null => (ids.length === 0 ? null : [...ids]);
    const data: JsonObject = {
      mapping,
      imported_keys: list(found.newKeys),
      existing_keys: list(found.oldKeys),
      imported_issuers: list(found.newIssuers),
      existing_issuers: list(found.oldIssuers),
    };
    return reply(warnings.length === 0 ? { data } : { data, warnings });
  });
}

async function importWarnings(
  created: readonly string[],
  mapping: Readonly<Record<string, string>>,
  call: PkiCall,
): Promise<string[]> {
  const store = storeOf(call);
  const warnings: string[] = [];
  const withKeys = created.filter((id) => mapping[id] !== '');
  let config = await store.issuersConfig();
  if (created.length > 0 && config.followsLatest) {
    if (withKeys.length === 1) {
      config = { ...config, default: withKeys[0]! };
      await store.putIssuersConfig(config);
    } else if (withKeys.length > 1) {
      warnings.push(
        'Default issuer left unchanged: could not select new issuer automatically as multiple imported issuers had key material in Vault.',
      );
    }
  }
  if (config.default !== '') {
    if (mapping[config.default] === '') warnings.push(NO_KEY);
    if (withKeys.length > 1 && withKeys.includes(config.default)) warnings.push(SEVERAL);
  }
  if (urlCount(await store.urls()) === 0) warnings.push(NO_AIA);
  return warnings;
}

interface SignInput extends WishInput, SubjectInput {
  readonly issuer_ref: string;
  readonly csr: string;
  readonly format: string;
  readonly use_csr_values: boolean;
  readonly max_path_length: number;
  readonly permitted_dns_domains?: readonly string[] | undefined;
  readonly key_usage: readonly string[];
  readonly signature_bits: number;
  readonly use_pss: boolean;
  readonly not_before_duration: number;
}

const OUTLIVES =
  "The expiration time for the signed certificate is after the CA's expiration time. If the new certificate is not treated as a root, validation paths with the certificate past the issuing CA's expiration time will fail.";
const SIGNED_ZERO =
  'Max path length of the signed certificate is zero. This certificate cannot be used to issue intermediate CA certificates.';

async function signIntermediate(input: SignInput, call: PkiCall): Promise<Answer> {
  if (input.issuer_ref === '') throw refuse('missing issuer reference');
  const { crypto } = call.runtime;
  const format = checkedFormat(input.format, 'The "format" path parameter must be "pem" or "der"');
  const role = {
    ...authorityRole(input),
    use_csr_common_name: (input.common_name ?? '') === '',
    ttl: input.ttl ?? 0,
  };
  // An intermediate may outlive who signs it.
  const authority = { ...(await signingAuthority(storeOf(call), input.issuer_ref)), behavior: 'permit' as const };
  const asked = requestOf(input.csr);
  checkRequestKey(role, asked);
  const wish = wishOf(input, {
    names: await nameContext(role, call),
    system: call.system,
    now: call.now(),
    authority,
    request: asked,
    userIds: false,
    validity: intermediateValidityOf,
  });
  const own = authority.certificate.basicConstraints?.maxPathLength;
  const issued = issueForRequest(
    call.runtime,
    wish,
    role,
    authority,
    asked,
    {
      maxPathLength: sent(call, 'max_path_length') ? input.max_path_length : own === undefined ? -1 : own - 1,
      permittedDnsDomains: input.permitted_dns_domains ?? [],
      keyUsage: sent(call, 'key_usage') ? input.key_usage : [],
    },
    input.use_csr_values,
  );
  const { certificate } = await issued.catch((error: unknown) => {
    throw error instanceof Unsigned ? new Unsigned(`error signing cert: ${error.message}`) : error;
  });
  await keepCertificate(call.storage, certificate);
  const chain = [certificate.bytes, ...authority.chain];
  const data: JsonObject = {
    certificate:
      format === 'pem_bundle' ? bundle(crypto, undefined, chain) : shownCertificate(certificate.bytes, format),
    issuing_ca: shownCertificate(authority.certificate.bytes, format),
    ca_chain: chain.map((bytes) => shownCertificate(bytes, format)),
    expiration: certificate.notAfter,
    serial_number: serialText(certificate.serial),
  };
  const warnings = [
    ...(authority.certificate.notAfter < certificate.notAfter ? [OUTLIVES] : []),
    ...(certificate.rawSubject.length <= 2 ? [NO_SUBJECT] : []),
    ...(urlCount(authority.urls) === 0 ? [NO_AIA] : []),
    ...(certificate.basicConstraints?.maxPathLength === 0 ? [SIGNED_ZERO] : []),
    ...wish.validity.warnings,
  ];
  return warnings.length === 0 ? data : reply({ data, warnings });
}

const intermediateFields = {
  exported: exportedField,
  ...authorityFields,
  ...keyGenerationFields,
  add_basic_constraints: field.bool('Ask to be an authority, which some programs of others want to see.'),
};

const signFields = {
  issuer_ref: issuerRef,
  ...authorityFields,
  ...usageFields,
  ...issuedAuthorityFields,
  csr: field.string('The request, in PEM.', { default: '' }),
  skid: field.string('The subject key identifier, in hex; for cross-signing.', { default: '', display: { value: '' } }),
  use_csr_values: field.bool('Take names and extensions of the request as they are.', { default: false }),
};

const ask = { update: { about: 'Make a request.', forward: true, run: request } };
const sign = {
  update: {
    about: 'Sign it.',
    run: (input: SignInput & { skid: string }, call: PkiCall) =>
      signIntermediate({ ...input, skid: sent(call, 'skid') ? input.skid : undefined }, call),
  },
};
const bundleField = { pem_bundle: field.string('Certificates, and keys where those are taken, in PEM.') };

export const intermediatePaths = pkiPaths()
  .path('intermediate/generate/:exported', 'Make a key and a request for an intermediate.', intermediateFields, ask, {
    id: { prefix: 'pki', verb: 'generate', suffix: 'intermediate' },
  })
  .path(
    'issuers/generate/intermediate/:exported',
    'Make a key and a request for an intermediate.',
    intermediateFields,
    ask,
    { id: { prefix: 'pki-issuers', verb: 'generate', suffix: 'intermediate' } },
  )
  .path(
    'intermediate/cross-sign',
    'A request for an intermediate with a key that is here.',
    { ...intermediateFields, exported: anyExportedField },
    {
      update: {
        about: 'Make a request.',
        forward: true,
        run: (input, call) => request({ ...input, exported: 'existing' }, call),
      },
    },
    { id: { prefix: 'pki', verb: 'cross-sign', suffix: 'intermediate' } },
  )
  .path(
    'intermediate/set-signed',
    'Take in the certificate of an intermediate.',
    { certificate: field.string('The certificate and its chain, in PEM.') },
    {
      update: {
        about: 'Take it in.',
        forward: true,
        run: (input, call) => takeAll(input.certificate ?? '', false, call),
      },
    },
    { id: { prefix: 'pki', verb: 'set-signed', suffix: 'intermediate' } },
  )
  .path(
    'issuers/import/(cert|bundle)',
    'Take in issuers, with their keys or without.',
    bundleField,
    {
      update: {
        about: 'Take them in.',
        forward: true,
        run: (input, call) => takeAll(input.pem_bundle ?? '', call.request.path.endsWith('bundle'), call),
      },
    },
    { id: { prefix: 'pki-issuers', verb: 'import', suffix: 'bundle|cert' } },
  )
  .path(
    'config/ca',
    'Take in issuers with their keys.',
    bundleField,
    {
      update: {
        about: 'Take them in.',
        forward: true,
        run: (input, call) => takeAll(input.pem_bundle ?? '', true, call),
      },
    },
    { id: { prefix: 'pki', verb: 'configure', suffix: 'ca' } },
  )
  .path('root/sign-intermediate', 'Sign the request of an intermediate.', signFields, sign, {
    id: { prefix: 'pki-root', verb: 'sign', suffix: 'intermediate' },
  })
  .path('issuer/:issuer_ref/sign-intermediate', 'Sign the request of an intermediate.', signFields, sign, {
    ...byReference,
    id: { prefix: 'pki-issuer', verb: 'sign', suffix: 'intermediate' },
  });
