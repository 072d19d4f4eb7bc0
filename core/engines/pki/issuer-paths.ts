/** `issuers` and `issuer/…`: read, changed, revoked, removed. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { mayHaveSigned } from '../../crypto/x509/chain.ts';
import { KEY_USAGE } from '../../crypto/x509/oids.ts';
import { algorithmText, type SignatureAlgorithm } from '../../crypto/x509/algorithm.ts';
import { Collection } from '../../framework/collection.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { equalBytes } from '../../codec/bytes.ts';
import { AiaError, filledUrls, urlCount } from './aia.ts';
import { bitOf, certificateOf, usageText } from './authority.ts';
import { pkiPaths, sent, storeOf, type PkiCall } from './call.ts';
import { certificateBytes } from './certificates.ts';
import { building } from './crl.ts';
import { rebuildChains } from './chains.ts';
import { checkUrls } from './config-paths.ts';
import { byReference, issuerRef } from './fields.ts';
import { KIND_NAMES } from './key-spec.ts';
import {
  completeUrls,
  NO_URLS,
  SIGNATURE_NUMBERS,
  USAGE_BITS,
  type Issuer,
  type IssuerUrls,
  type NotAfterBehavior,
} from './model.ts';
import { raw } from './raw.ts';
import { roles } from './role.ts';
import { storedSerial } from './show.ts';
import { unlessKnown } from './since.ts';
import { sameList } from './same-list.ts';
import { DEFAULT_REF, ISSUER_NAME_IN_USE, unresolvedFailure, type PkiStore } from './store.ts';

/** By the names that clients know them under. */
const ALGORITHM_NAMES: readonly (readonly [name: string, algorithm: SignatureAlgorithm])[] = SIGNATURE_NUMBERS.map(
  ([, algorithm]) => [nameOfAlgorithm(algorithm), algorithm],
);

export function nameOfAlgorithm(algorithm: SignatureAlgorithm): string {
  switch (algorithm.kind) {
    case 'rsa':
      return `${algorithm.hash.toUpperCase()}WithRSA${algorithm.pss ? 'PSS' : ''}`;
    case 'ecdsa':
      return `ECDSAWith${algorithm.hash.toUpperCase()}`;
    case 'ed25519':
      return 'Ed25519';
    case 'mldsa':
      return `MLDSA${algorithm.level}`;
  }
}

const PSS_WARNING =
  'Issuer uses a PSS Revocation Signature Algorithm. This algorithm will be downgraded to PKCS#1v1.5 signature scheme on OCSP responses, due to limitations in the OCSP library.';

export function shownIssuer(issuer: Issuer): { data: JsonObject; warnings?: string[] } {
  const urls: IssuerUrls = issuer.urls ?? NO_URLS;
  const { revocationAlgorithm: algorithm } = issuer;
  const data: JsonObject = {
    issuer_id: issuer.id,
    issuer_name: issuer.name,
    key_id: issuer.keyId,
    certificate: issuer.certificate,
    manual_chain: issuer.manualChain.length === 0 ? null : [...issuer.manualChain],
    ca_chain: [...issuer.caChain],
    leaf_not_after_behavior: issuer.leafNotAfterBehavior,
    usage: usageText(issuer.usage),
    revocation_signature_algorithm: algorithm === undefined ? '' : nameOfAlgorithm(algorithm),
    revoked: issuer.revoked,
    issuing_certificates: urls.issuingCertificates,
    crl_distribution_points: urls.crlDistributionPoints,
    delta_crl_distribution_points: urls.deltaCrlDistributionPoints,
    ocsp_servers: urls.ocspServers,
  };
  if (issuer.revoked) {
    data['revocation_time'] = Math.floor(issuer.revokedAt / 1_000_000);
    data['revocation_time_rfc3339'] = formatRfc3339(issuer.revokedAt);
  }
  if (issuer.urls !== undefined) data['enable_aia_url_templating'] = urls.enableTemplating;
  return algorithm?.kind === 'rsa' && algorithm.pss ? { data, warnings: [PSS_WARNING] } : { data };
}

async function named(store: PkiStore, reference: string): Promise<Issuer> {
  try {
    return await store.issuer(reference);
  } catch (error) {
    throw unresolvedFailure(error);
  }
}

interface IssuerInput {
  readonly issuer_ref: string;
  readonly issuer_name?: string | undefined;
  readonly leaf_not_after_behavior: string;
  readonly usage: readonly string[];
  readonly revocation_signature_algorithm: string;
  readonly manual_chain?: readonly string[] | undefined;
  readonly issuing_certificates?: readonly string[] | undefined;
  readonly crl_distribution_points?: readonly string[] | undefined;
  readonly delta_crl_distribution_points?: readonly string[] | undefined;
  readonly ocsp_servers?: readonly string[] | undefined;
  readonly enable_aia_url_templating: boolean;
}

function behaviorOf(text: string): NotAfterBehavior {
  if (text === 'err' || text === 'truncate' || text === 'permit') return text;
  throw refuse(
    'Unknown value for field `leaf_not_after_behavior`. Possible values are `err`, `truncate`, and `permit`.',
  );
}

const ALL_USAGE = USAGE_BITS.reduce((bits, [, bit]) => bits | bit, 0);

function usageOf(names: readonly string[]): number {
  let usage = 0;
  for (const name of names) {
    const known = USAGE_BITS.find(([one]) => one === name);
    if (known === undefined) {
      throw refuse(`Unable to parse specified usages: [${names.join(' ')}] - valid values are ${usageText(ALL_USAGE)}`);
    }
    usage |= known[1];
  }
  return usage;
}

function algorithmOf(text: string): SignatureAlgorithm | undefined {
  if (text === '') return undefined;
  const wanted = text.toLowerCase();
  if (wanted === 'pureed25519') return { kind: 'ed25519' };
  const found = ALGORITHM_NAMES.find(([name]) => name.toLowerCase() === wanted);
  if (found !== undefined) return found[1];
  const names = ALGORITHM_NAMES.map(([name]) => name.toLowerCase());
  throw refuse(`Unknown signature algorithm value: 0 - valid values are ${[...names, 'pureed25519'].join(', ')}`);
}

/** An RSA key signs with RSA algorithms only, and so on. */
function checkAlgorithm(issuer: Issuer, algorithm: SignatureAlgorithm | undefined): void {
  const kind = certificateOf(issuer).publicKey?.kind;
  if (algorithm === undefined || kind === undefined || algorithm.kind === kind) return;
  throw failure(`unable to use issuer of type ${KIND_NAMES[kind]} to sign with ${algorithmText(algorithm)} key type`);
}

function checkUsage(issuer: Issuer, usage: number): void {
  if (usage === issuer.usage) return;
  if (issuer.revoked && (usage & bitOf('issuing-certificates')) !== 0) {
    throw refuse(
      'This issuer was revoked; unable to modify its usage to include certificate signing again. Reissue this certificate (preferably with a new key) and modify that entry instead.',
    );
  }
  const { keyUsage = 0 } = certificateOf(issuer);
  if ((keyUsage & KEY_USAGE.CRLSign) === 0 && (usage & bitOf('crl-signing')) !== 0) {
    throw refuse(
      "This issuer's underlying certificate lacks the CRLSign KeyUsage value; unable to set CRLSigningUsage on this issuer as a result.",
    );
  }
}

async function manualChainOf(store: PkiStore, issuer: Issuer, references: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, reference] of references.entries()) {
    const asked = index === 0 && reference === 'self' ? issuer.id : reference;
    const { id } = await named(store, asked);
    if (index === 0 && id !== issuer.id) {
      throw refuse(`expected first cert in chain to be a self-reference, but was: ${asked}/${id}`);
    }
    ids.push(id);
  }
  return ids;
}

/** An issuer's own lists: none of them at all is the mount's. Delta lists are only set by a patch, as upstream has it. */
function urlsFrom(
  input: IssuerInput,
  present: IssuerUrls | undefined,
  given: (name: string) => boolean,
  patching: boolean,
): IssuerUrls | undefined {
  // One that never had any stays null.
  const take = (name: keyof IssuerInput, now: readonly string[] | null = null): readonly string[] | null => {
    const wanted = given(name) ? ((input[name] as readonly string[] | undefined) ?? []) : (now ?? []);
    return sameList(wanted, now ?? []) ? now : wanted;
  };
  const urls: IssuerUrls = {
    issuingCertificates: take('issuing_certificates', present?.issuingCertificates),
    crlDistributionPoints: take('crl_distribution_points', present?.crlDistributionPoints),
    deltaCrlDistributionPoints: patching
      ? take('delta_crl_distribution_points', present?.deltaCrlDistributionPoints)
      : (present?.deltaCrlDistributionPoints ?? null),
    ocspServers: take('ocsp_servers', present?.ocspServers),
    // A patch does not switch it off.
    enableTemplating:
      (patching && present?.enableTemplating === true) ||
      (given('enable_aia_url_templating') && input.enable_aia_url_templating),
  };
  return urlCount(completeUrls(urls)) === 0 ? undefined : urls;
}

/** All fields count in a write, those that are sent in a patch. */
async function change(input: IssuerInput, patching: boolean, call: PkiCall): Promise<Answer> {
  const given = (name: string): boolean => !patching || sent(call, name);
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    const issuer = await named(store, input.issuer_ref);
    const asked = given('issuer_name') ? (input.issuer_name ?? '') : issuer.name;
    const name = asked.trim();
    const badName = asked === '' ? undefined : await store.checkIssuerName(name);
    if (badName !== undefined && !(badName.message === ISSUER_NAME_IN_USE && name === issuer.name)) throw badName;
    const leafNotAfterBehavior = given('leaf_not_after_behavior')
      ? behaviorOf(input.leaf_not_after_behavior)
      : issuer.leafNotAfterBehavior;
    const usage = given('usage') ? usageOf(input.usage) : issuer.usage;
    const revocationAlgorithm = given('revocation_signature_algorithm')
      ? algorithmOf(input.revocation_signature_algorithm)
      : issuer.revocationAlgorithm;
    checkAlgorithm(issuer, revocationAlgorithm);
    const urls = urlsFrom(input, issuer.urls, given, patching);
    if (urls?.enableTemplating !== true) checkUrls(input);
    checkUsage(issuer, usage);
    const manualChain = given('manual_chain')
      ? await manualChainOf(store, issuer, input.manual_chain ?? [])
      : issuer.manualChain;
    const changed: Issuer = { ...issuer, name, leafNotAfterBehavior, usage, revocationAlgorithm, urls, manualChain };
    await store.issuers.put(issuer.id, { ...changed, lastModified: call.now() });
    await rebuildChains(store, call.runtime.crypto);
    return changedAnswer(store, (await store.issuers.get(issuer.id))!);
  });
}

async function changedAnswer(store: PkiStore, issuer: Issuer): Promise<Answer> {
  const shown = shownIssuer(issuer);
  const warnings = [...(shown.warnings ?? [])];
  if (issuer.urls?.enableTemplating === true) {
    try {
      await filledUrls(completeUrls(issuer.urls), store, issuer.id);
    } catch (error) {
      if (!(error instanceof AiaError)) throw error;
      warnings.push(
        `issuance may fail: ${error.message}\n\nConsider setting the cluster-local address if it is not already set.`,
      );
    }
  }
  return reply({ data: shown.data, ...(warnings.length > 0 ? { warnings } : {}) });
}

async function referencingRoles(name: string, call: PkiCall): Promise<string[]> {
  const collection = new Collection(roles, call.storage);
  let count = 0;
  for (const role of await collection.list()) if ((await collection.get(role))!.issuer_ref === name) count++;
  return count === 0 ? [] : [`${count} roles reference ${name}`];
}

async function remove(reference: string, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    const issuer = await store.findIssuer(reference);
    if (issuer === undefined) return reply({});
    const warnings: string[] = [];
    if (issuer.name !== '') warnings.push(...(await referencingRoles(issuer.name, call)));
    await store.issuers.delete(issuer.id);
    const config = await store.issuersConfig();
    if (config.default === issuer.id) {
      await store.putIssuersConfig({ ...config, default: '' });
      warnings.push(
        `Deleted issuer ${issuer.id} (via issuer_ref ${reference}); this was configured as the default issuer. Operations without an explicit issuer will not work until a new default is configured.`,
        ...(await referencingRoles(DEFAULT_REF, call)),
      );
    }
    await rebuildChains(store, call.runtime.crypto);
    warnings.push(...(await call.state.crl.rebuild(store, true)));
    return reply(warnings.length > 0 ? { warnings } : {});
  });
}

const SELF_SIGNED =
  "This issuer is a self-signed (potentially root) certificate. This means it may not be considered revoked if there is not an external, cross-signed variant of this certificate. This issuer's serial number will not appear on its own CRL.";
const ORPHAN =
  "This issuer lacks another parent issuer within the mount. This means it will not appear on any other CRLs and may not be considered revoked by clients. Consider adding this issuer to its issuer's CRL as well if it is not self-signed.";
const IS_DEFAULT =
  'This issuer is currently configured as the default issuer for this mount; operations such as certificate issuance may not work until a new default issuer is selected.';

async function revoke(reference: string, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    const issuer = await named(store, reference);
    if (issuer.revoked) return reply(shownIssuer(issuer));
    const revoked: Issuer = {
      ...issuer,
      revoked: true,
      revokedAt: call.now(),
      usage: issuer.usage & ~bitOf('issuing-certificates'),
    };
    await store.issuers.put(issuer.id, revoked);
    const certificate = certificateOf(issuer);
    const kept = await certificateBytes(call.storage, issuer.serialNumber);
    if (kept !== undefined && equalBytes(kept, certificate.bytes)) {
      const revocation = { certificate: certificate.bytes, at: revoked.revokedAt, issuerId: '' };
      await store.revoked.put(storedSerial(issuer.serialNumber), revocation);
    }
    const rebuilt = await building(call.state.crl.rebuild(store, false));
    const { crypto } = call.runtime;
    const signers = (await store.allIssuers()).filter((one) => mayHaveSigned(crypto, certificateOf(one), certificate));
    const warnings = [
      ...rebuilt,
      ...(signers.some(({ id }) => id === issuer.id) ? [SELF_SIGNED] : []),
      ...(signers.some(({ id }) => id !== issuer.id) ? [] : [ORPHAN]),
      ...((await store.issuersConfig()).default === issuer.id ? [IS_DEFAULT] : []),
    ];
    const shown = shownIssuer(revoked);
    return reply({ data: shown.data, ...withWarnings([...(shown.warnings ?? []), ...warnings]) });
  });
}

const withWarnings = (warnings: string[]) => (warnings.length === 0 ? {} : { warnings });

async function rawIssuer(reference: string, form: string, call: PkiCall): Promise<Answer> {
  const issuer = await named(storeOf(call), reference);
  return unlessKnown(
    call,
    () => issuer.lastModified,
    () => {
      if (form === 'json') {
        return {
          certificate: issuer.certificate,
          ca_chain: [...issuer.caChain],
          issuer_id: issuer.id,
          issuer_name: issuer.name,
        };
      }
      return form === 'der'
        ? raw('application/pkix-cert', certificateOf(issuer).bytes)
        : raw('application/pem-certificate-chain', encodeUtf8(issuer.certificate));
    },
  );
}

const issuerFields = {
  issuer_ref: issuerRef,
  issuer_name: field.string('Another name; none takes it away.'),
  leaf_not_after_behavior: field.string('What becomes of leaves that would outlive it: "err", "truncate", "permit".', {
    default: 'err',
  }),
  manual_chain: field.commaStrings('Its chain, by references, itself ("self") first; none: found out.'),
  usage: field.commaStrings('What it may be used for.', {
    default: ['read-only', 'issuing-certificates', 'crl-signing', 'ocsp-signing'],
  }),
  revocation_signature_algorithm: field.string('What its revocation lists are signed with.', { default: '' }),
  issuing_certificates: field.commaStrings("Where its certificate is; instead of the mount's."),
  crl_distribution_points: field.commaStrings("Where its lists are; instead of the mount's."),
  delta_crl_distribution_points: field.commaStrings("Where its delta lists are; instead of the mount's."),
  ocsp_servers: field.commaStrings("Where OCSP is answered for it; instead of the mount's."),
  enable_aia_url_templating: field.bool('Fill in {{issuer_id}} and the like.', { default: false }),
};

export const issuerPaths = pkiPaths()
  .path(
    'issuers/?',
    'Ids of the issuers.',
    pageFields,
    {
      list: {
        about: 'List the issuers.',
        run: async ({ after, limit }, call) => {
          const store = storeOf(call);
          const ids = await store.issuers.list({ after, limit });
          const standard = (await store.issuersConfig()).default;
          const info: JsonObject = {};
          for (const id of ids) {
            const { name, keyId, serialNumber } = (await store.issuers.get(id))!;
            info[id] = {
              is_default: id === standard,
              issuer_name: name,
              key_id: keyId,
              serial_number: serialNumber,
            };
          }
          return ids.length === 0 ? [] : { keys: ids, key_info: info };
        },
      },
    },
    { id: { prefix: 'pki', suffix: 'issuers' } },
  )
  .path(
    'issuer/:issuer_ref',
    'An issuer.',
    issuerFields,
    {
      read: {
        about: 'Read an issuer.',
        run: async (input, call) => reply(shownIssuer(await named(storeOf(call), input.issuer_ref))),
      },
      update: {
        about: 'Set all of an issuer.',
        forward: true,
        run: (input, call) => change(input, false, call),
      },
      patch: {
        about: 'Change what is sent.',
        forward: true,
        run: (input, call) => change(input, true, call),
      },
      delete: {
        about: 'Remove an issuer; its key stays.',
        forward: true,
        run: (input, call) => remove(input.issuer_ref, call),
      },
    },
    { ...byReference, id: { prefix: 'pki', suffix: 'issuer' } },
  )
  .path(
    'issuer/:issuer_ref/(json|der|pem)',
    "An issuer's certificate.",
    { issuer_ref: issuerRef },
    {
      read: {
        about: 'Read it.',
        run: (input, call) => rawIssuer(input.issuer_ref, call.request.path.split('/').at(-1)!, call),
      },
    },
    { id: { prefix: 'pki', suffix: 'issuer-der|issuer-json|issuer-pem' }, unauthenticated: 'issuer/+/json' },
  )
  .path(
    'issuer/:issuer_ref/revoke',
    'Revoke an issuer.',
    { issuer_ref: issuerRef },
    {
      update: { about: 'Revoke it for good.', forward: true, run: (input, call) => revoke(input.issuer_ref, call) },
    },
    { ...byReference, id: { prefix: 'pki', verb: 'revoke', suffix: 'issuer' } },
  );
