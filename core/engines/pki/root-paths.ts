/** Roots: made, made anew, and all of it removed. */
import type { JsonObject } from '../../codec/json.ts';
import type { SigningKey } from '../../crypto/keys/key.ts';
import type { Certificate } from '../../crypto/x509/certificate.ts';
import { failure } from '../../fault.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { AiaError, filledUrls, urlCount } from './aia.ts';
import { atOnce, type PkiCall, pkiPaths, sent, sentName, storeOf } from './call.ts';
import { keepCertificate } from './certificates.ts';
import { Unbuilt } from './crl.ts';
import { authorityFields, exportedField, issuedAuthorityFields, keyGenerationFields, usageFields } from './fields.ts';
import { generationOf, type GenerationInput } from './generation.ts';
import { ImportProblem, takeIssuer, takeKey } from './imports.ts';
import { selfSigned } from './issuance.ts';
import { nameContext } from './leaf.ts';
import { NO_URLS, type AiaUrls, type Issuer, type Key } from './model.ts';
import { bundle, serialText, shownCertificate, shownKey } from './show.ts';
import type { PkiStore } from './store.ts';
import { wishOf } from './wish.ts';

export const NO_AIA =
  "This mount hasn't configured any authority information access (AIA) fields; this may make it harder for systems to find missing certificates in the chain or to validate revocation status of certificates. Consider updating /config/urls or the newly generated issuer with this information.";
export const NO_SUBJECT =
  'This issuer certificate was generated without a Subject; this makes it likely that issuing leaf certs with this certificate will cause TLS validation libraries to reject this certificate.';
const IGNORED_AIA =
  'When generating root CA, found global AIA configuration with issuer_id template unsuitable for root generation. This AIA configuration has been ignored. To include AIA on this root CA, set the global AIA configuration to not include issuer_id and instead to refer to a static issuer name.';
const PATH_LENGTH_ZERO =
  'Max path length of the generated certificate is zero. This certificate cannot be used to issue intermediate CA certificates.';

interface RootInput extends GenerationInput {
  readonly issuer_name?: string | undefined;
  readonly max_path_length: number;
  readonly permitted_dns_domains?: readonly string[] | undefined;
  readonly key_usage: readonly string[];
}

/** A root and its key; of one that there may not be neither is kept. */
async function takenIn(
  call: PkiCall,
  key: SigningKey,
  keyName: string,
  certificate: Certificate,
  name: string,
): Promise<{ readonly kept: Key; readonly issuer: Issuer }> {
  try {
    return await atOnce(call, async (store) => {
      const { entry: kept } = await takeKey(store, call.runtime, key, keyName);
      const { entry: issuer } = await takeIssuer(store, call.runtime, certificate, name);
      await store.issuers.put(issuer.id, { ...issuer, revocationAlgorithm: certificate.algorithm });
      return { kept, issuer };
    });
  } catch (error) {
    throw error instanceof ImportProblem ? failure(error.message) : error;
  }
}

/** A root has no id yet when its certificate is made. */
async function rootUrls(store: PkiStore, warnings: string[]): Promise<AiaUrls> {
  const urls = await store.urls();
  try {
    return await filledUrls(urls, store, '');
  } catch (error) {
    if (!(error instanceof AiaError)) throw error;
    try {
      await filledUrls(urls, store, 'empty-issuer-id');
    } catch (other) {
      if (!(other instanceof AiaError)) throw other;
      throw failure(
        `unable to parse AIA URL information: ${other.message}\nUsing templated AIA URL's {{issuer_id}} field when generating root certificates is not supported.`,
      );
    }
    warnings.push(IGNORED_AIA);
    return NO_URLS;
  }
}

async function nameOfIssuer(input: RootInput, call: PkiCall, store: PkiStore): Promise<string> {
  const name = sentName(call, 'issuer_name', input.issuer_name);
  const bad = await store.checkIssuerName(name);
  if (bad !== undefined) throw bad;
  if (name !== undefined || !call.request.path.startsWith('root/rotate/')) return name ?? '';
  return (await store.findIssuer('next')) === undefined ? 'next' : '';
}

/** A root is made even where another issuer's key, elsewhere, cannot sign that one's list. */
async function listsOrWarning(rebuilt: Promise<string[]>): Promise<string[]> {
  try {
    return await rebuilt;
  } catch (error) {
    if (error instanceof Unbuilt) return [error.message];
    throw error;
  }
}

async function generateRoot(input: RootInput, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const { runtime } = call;
  return call.state.issuersLock.run(async () => {
    const generation = await generationOf(input, call);
    const name = await nameOfIssuer(input, call, store);
    const keyName = sentName(call, 'key_name', input.key_name);
    const badKeyName = await store.checkKeyName(keyName);
    if (badKeyName !== undefined) throw badKeyName;
    const { role, format } = generation;
    const wish = wishOf(input, {
      names: await nameContext(role, call),
      system: call.system,
      now: call.now(),
      authority: undefined,
      request: undefined,
      userIds: false,
    });
    const warnings: string[] = [];
    const urls = await rootUrls(store, warnings);
    const key = await generation.key();
    const own = generation.exported && key.kind !== 'remote' ? key : undefined;
    const certificate = await selfSigned(runtime, wish, role, key, urls, {
      maxPathLength: sent(call, 'max_path_length') ? input.max_path_length : -1,
      permittedDnsDomains: input.permitted_dns_domains ?? [],
      keyUsage: sent(call, 'key_usage') ? input.key_usage : [],
    });
    const shown = shownCertificate(certificate.bytes, format);
    const exported = own === undefined ? {} : shownKey(runtime.crypto, own, format, input.private_key_format);
    const { kept, issuer } = await takenIn(call, key, keyName ?? '', certificate, name);
    await keepCertificate(call.storage, certificate);
    const rebuilt = await listsOrWarning(call.state.crl.rebuild(store, true));
    const config = await store.issuersConfig();
    if (config.followsLatest) await store.changeDefault({ ...config, default: issuer.id }, call.now());
    const data: JsonObject = {
      certificate: format === 'pem_bundle' ? bundle(runtime.crypto, own, [certificate.bytes]) : shown,
      issuing_ca: shown,
      expiration: certificate.notAfter,
      serial_number: serialText(certificate.serial),
      issuer_id: issuer.id,
      issuer_name: issuer.name,
      key_id: kept.id,
      key_name: kept.name,
      ...exported,
    };
    const all = [
      ...wish.validity.warnings,
      ...warnings,
      ...(certificate.rawSubject.length <= 2 ? [NO_SUBJECT] : []),
      ...(urlCount(urls) === 0 ? [NO_AIA] : []),
      ...rebuilt,
      ...(certificate.basicConstraints?.maxPathLength === 0 ? [PATH_LENGTH_ZERO] : []),
    ];
    return reply(all.length === 0 ? { data } : { data, warnings: all });
  });
}

const DELETED_ALL =
  'DELETE /root deletes all keys and issuers; prefer the new DELETE /key/:key_ref and DELETE /issuer/:issuer_ref for finer granularity, unless removal of all keys and issuers is desired.';

async function deleteAll(call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    for (const id of await store.issuers.list()) await store.issuers.delete(id);
    for (const id of await store.keys.list()) await store.keys.delete(id);
    const config = await store.issuersConfig();
    if (config.default !== '') await store.putIssuersConfig({ ...config, default: '' });
    if ((await store.defaultKey()) !== '') await store.putDefaultKey('');
    return reply({ warnings: [DELETED_ALL] });
  });
}

const rootFields = {
  exported: exportedField,
  ...authorityFields,
  ...usageFields,
  ...keyGenerationFields,
  ...issuedAuthorityFields,
};

const make = {
  update: {
    about: 'Make a root.',
    forward: true,
    run: (input: RootInput, call: PkiCall) => generateRoot(input, call),
  },
};

export const rootPaths = pkiPaths()
  .path('root/generate/:exported', 'Make a root: a key and a certificate that signs itself.', rootFields, make, {
    id: { prefix: 'pki', verb: 'generate', suffix: 'root' },
  })
  .path(
    'issuers/generate/root/:exported',
    'Make a root: a key and a certificate that signs itself.',
    rootFields,
    make,
    {
      id: { prefix: 'pki-issuers', verb: 'generate', suffix: 'root' },
    },
  )
  .path('root/rotate/:exported', 'Make another root, named "next" where that is free.', rootFields, make, {
    id: { prefix: 'pki', verb: 'rotate', suffix: 'root' },
  })
  .path(
    'root',
    'All issuers and keys.',
    {},
    { delete: { about: 'Remove all of them.', forward: true, run: (_, call) => deleteAll(call) } },
    { id: { prefix: 'pki', suffix: 'root' }, sudo: true },
  );
