/** `config/…`: URLs, lists, where the cluster is, and which issuer and key are meant when none is named. */
import { DurationError, formatDuration } from '../../codec/duration.ts';
import { failure, refuse } from '../../fault.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import type { JsonObject } from '../../codec/json.ts';
import { AiaError, badUrl, filledUrls, isUrl } from './aia.ts';
import { pkiPaths, sent, storeOf, type PkiCall } from './call.ts';
import { building } from './crl.ts';
import { shownCrl, type AiaUrls, type CrlConfig, type IssuersConfig } from './model.ts';
import { DEFAULT_REF, Unresolved, type PkiStore } from './store.ts';

export const shownUrls = (urls: AiaUrls): JsonObject => ({
  issuing_certificates: [...urls.issuingCertificates],
  crl_distribution_points: [...urls.crlDistributionPoints],
  delta_crl_distribution_points: [...urls.deltaCrlDistributionPoints],
  ocsp_servers: [...urls.ocspServers],
  enable_templating: urls.enableTemplating,
});

interface UrlsInput {
  readonly issuing_certificates?: readonly string[] | undefined;
  readonly crl_distribution_points?: readonly string[] | undefined;
  readonly delta_crl_distribution_points?: readonly string[] | undefined;
  readonly ocsp_servers?: readonly string[] | undefined;
}

const URL_FIELDS = [
  'issuing_certificates',
  'crl_distribution_points',
  'delta_crl_distribution_points',
  'ocsp_servers',
] as const;

/** Throws a Fault. */
export function checkUrls(input: UrlsInput): void {
  for (const name of URL_FIELDS) {
    const bad = badUrl((input[name] ?? []).filter((url) => url !== ''));
    if (bad === undefined) continue;
    throw refuse(`invalid URL found in Authority Information Access (AIA) parameter ${name}: ${bad}`);
  }
}

/** As the first issuer would meet it. */
async function firstProblem(urls: AiaUrls, store: PkiStore): Promise<string | undefined> {
  const [first] = await store.issuers.list();
  if (first === undefined) return undefined;
  try {
    await filledUrls(urls, store, first);
    return undefined;
  } catch (error) {
    if (error instanceof AiaError) return error.message;
    throw error;
  }
}

async function writeUrls(input: UrlsInput & { enable_templating: boolean }, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const present = await store.urls();
  const urls: AiaUrls = {
    issuingCertificates: input.issuing_certificates ?? present.issuingCertificates,
    crlDistributionPoints: input.crl_distribution_points ?? present.crlDistributionPoints,
    deltaCrlDistributionPoints: input.delta_crl_distribution_points ?? present.deltaCrlDistributionPoints,
    ocspServers: input.ocsp_servers ?? present.ocspServers,
    enableTemplating: sent(call, 'enable_templating') ? input.enable_templating : present.enableTemplating,
  };
  const warnings: string[] = [];
  if (urls.enableTemplating) {
    const problem = await firstProblem(urls, store);
    if (problem !== undefined) {
      warnings.push(
        `issuance may fail: ${problem}\n\nConsider setting the cluster-local address if it is not already set.`,
      );
    }
  } else checkUrls(shownUrls(urls));
  await store.putUrls(urls);
  const data = shownUrls(urls);
  return warnings.length === 0 ? data : reply({ data, warnings });
}

/** Micros of "72h" or "90"; throws a Fault that names the field. */
function durationOf(text: string, name: string): number {
  try {
    return text === '' ? 0 : toMicros(text);
  } catch (error) {
    if (error instanceof DurationError || error instanceof CoercionError) {
      throw refuse(`given ${name} could not be decoded: ${error.message}`);
    }
    throw error;
  }
}

interface CrlInput {
  readonly expiry: string;
  readonly disable?: boolean | undefined;
  readonly ocsp_disable?: boolean | undefined;
  readonly ocsp_expiry: string;
  readonly auto_rebuild?: boolean | undefined;
  readonly auto_rebuild_grace_period: string;
  readonly enable_delta?: boolean | undefined;
  readonly delta_rebuild_interval: string;
  readonly allow_expired_cert_revocation?: boolean | undefined;
}

function checkCrl(config: CrlConfig): void {
  const expiry = durationOf(config.expiry, 'expiry');
  const ocsp = durationOf(config.ocspExpiry, 'ocsp_expiry');
  if (ocsp < 0) throw refuse(`ocsp_expiry must be greater than or equal to 0 got: ${formatDuration(ocsp)}`);
  const grace = durationOf(config.autoRebuildGracePeriod, 'auto_rebuild_grace_period');
  const interval = durationOf(config.deltaRebuildInterval, 'delta_rebuild_interval');
  if (config.autoRebuild && grace >= expiry) {
    throw refuse(
      `CRL auto-rebuilding grace period (${config.autoRebuildGracePeriod}) must be strictly shorter than CRL expiry (${config.expiry}) value when auto-rebuilding of CRLs is enabled`,
    );
  }
  if (config.enableDelta && interval >= expiry) {
    throw refuse(
      `CRL delta rebuild window (${config.deltaRebuildInterval}) must be strictly shorter than CRL expiry (${config.expiry}) value when delta CRLs are enabled`,
    );
  }
  if (config.enableDelta && !config.autoRebuild) {
    throw refuse(
      'Delta CRLs cannot be enabled when auto rebuilding is disabled as the complete CRL is always regenerated!',
    );
  }
}

async function writeCrl(input: CrlInput, call: PkiCall): Promise<Answer> {
  const store = storeOf(call);
  const present = await store.crlConfig();
  const text = (name: keyof CrlInput, now: string): string => (sent(call, name) ? String(input[name]) : now);
  const config: CrlConfig = {
    expiry: text('expiry', present.expiry),
    disable: input.disable ?? present.disable,
    ocspDisable: input.ocsp_disable ?? present.ocspDisable,
    ocspExpiry: text('ocsp_expiry', present.ocspExpiry),
    autoRebuild: input.auto_rebuild ?? present.autoRebuild,
    autoRebuildGracePeriod: text('auto_rebuild_grace_period', present.autoRebuildGracePeriod),
    enableDelta: input.enable_delta ?? present.enableDelta,
    deltaRebuildInterval: text('delta_rebuild_interval', present.deltaRebuildInterval),
    allowExpiredCertRevocation: input.allow_expired_cert_revocation ?? present.allowExpiredCertRevocation,
  };
  checkCrl(config);
  await store.putCrlConfig(config);
  const changed =
    present.disable !== config.disable ||
    (present.autoRebuild && !config.autoRebuild) ||
    present.enableDelta !== config.enableDelta;
  if (changed) await building(call.state.crl.rebuild(store, true));
  return shownCrl(config);
}

const shownIssuers = (config: IssuersConfig): JsonObject => ({
  default: config.default,
  default_follows_latest_issuer: config.followsLatest,
});

async function setDefaultIssuer(reference: string, follows: boolean | undefined, call: PkiCall): Promise<Answer> {
  if (reference === '' || reference === DEFAULT_REF) {
    throw refuse("Invalid issuer specification; must be non-empty and can't be 'default'.");
  }
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    try {
      const issuer = await store.issuer(reference);
      const present = await store.issuersConfig();
      const config = { default: issuer.id, followsLatest: follows ?? present.followsLatest };
      await store.changeDefault(config, call.now());
      const data = shownIssuers(config);
      return issuer.keyId === '' ? reply({ data, warnings: [NO_KEY] }) : data;
    } catch (error) {
      throw error instanceof Unresolved ? refuse(`Error resolving issuer reference: ${error.message}`) : error;
    }
  });
}

export const NO_KEY =
  'This selected default issuer has no key associated with it. Some operations like issuing certificates and signing CRLs will be unavailable with the requested default issuer until a key is imported or the default issuer is changed.';

async function setDefaultKey(reference: string, call: PkiCall): Promise<Answer> {
  if (reference === '' || reference === DEFAULT_REF) {
    throw refuse("Invalid key specification; must be non-empty and can't be 'default'.");
  }
  const store = storeOf(call);
  return call.state.issuersLock.run(async () => {
    try {
      const { id } = await store.key(reference);
      await store.putDefaultKey(id);
      return { default: id };
    } catch (error) {
      throw error instanceof Unresolved ? refuse(`Error resolving issuer reference: ${error.message}`) : error;
    }
  });
}

async function writeCluster(
  input: { readonly path?: string | undefined; readonly aia_path?: string | undefined },
  call: PkiCall,
): Promise<Answer> {
  const store = storeOf(call);
  const present = await store.cluster();
  const cluster = { path: input.path ?? present.path, aiaPath: input.aia_path ?? present.aiaPath };
  for (const [name, given, url] of [
    ['path', input.path, cluster.path],
    ['aia_path', input.aia_path, cluster.aiaPath],
  ] as const) {
    if (given !== undefined && !isUrl(url)) throw failure(`invalid, non-URL ${name} given to cluster: ${url}`);
  }
  await store.putCluster(cluster);
  return { path: cluster.path, aia_path: cluster.aiaPath };
}

const suffix = (text: string) => ({ id: { prefix: 'pki', suffix: text } });

export const configPaths = pkiPaths()
  .path(
    'config/urls',
    'URLs that certificates tell of their issuers, unless an issuer has its own.',
    {
      issuing_certificates: field.commaStrings("Where issuers' certificates are."),
      crl_distribution_points: field.commaStrings('Where revocation lists are.'),
      delta_crl_distribution_points: field.commaStrings('Where delta lists are.'),
      ocsp_servers: field.commaStrings('Where OCSP is answered.'),
      enable_templating: field.bool('Fill in {{issuer_id}}, {{cluster_path}} and {{cluster_aia_path}}.', {
        default: false,
      }),
    },
    {
      read: {
        about: 'Read the URLs.',
        id: { prefix: 'pki', suffix: 'urls-configuration' },
        run: async (_, call) => shownUrls(await storeOf(call).urls()),
      },
      update: {
        about: 'Change the URLs.',
        id: { prefix: 'pki', verb: 'configure', suffix: 'urls' },
        run: writeUrls,
      },
    },
    suffix('urls'),
  )
  .path(
    'config/crl',
    'How revocation lists are made, and whether OCSP is answered.',
    {
      expiry: field.string('How long a list is good.', { default: '72h' }),
      disable: field.bool('Keep the lists empty.'),
      ocsp_disable: field.bool('Answer no OCSP.'),
      ocsp_expiry: field.string('How long an OCSP answer is good; 0: there is always newer information.', {
        default: '1h',
      }),
      auto_rebuild: field.bool('Make lists anew before they end, instead of at every revocation.'),
      auto_rebuild_grace_period: field.string('How long before its end.', { default: '12h' }),
      enable_delta: field.bool('Make delta lists between whole ones.'),
      delta_rebuild_interval: field.string('How often.', { default: '15m' }),
      allow_expired_cert_revocation: field.bool('Certificates that have ended can still be revoked.'),
    },
    {
      read: {
        about: 'Read the settings.',
        id: { prefix: 'pki', suffix: 'crl-configuration' },
        run: async (_, call) => shownCrl(await storeOf(call).crlConfig()),
      },
      update: {
        about: 'Change the settings.',
        forward: true,
        id: { prefix: 'pki', verb: 'configure', suffix: 'crl' },
        run: writeCrl,
      },
    },
    suffix('crl'),
  )
  .path(
    'config/cluster',
    'Where this cluster is reached, for templates.',
    {
      path: field.string("The mount's URL, `https://host/v1/pki`."),
      aia_path: field.string('The same for what certificates tell of issuers; may be unencrypted.'),
    },
    {
      read: {
        about: 'Read the addresses.',
        id: { prefix: 'pki', suffix: 'cluster-configuration' },
        run: async (_, call) => {
          const { path, aiaPath } = await storeOf(call).cluster();
          return { path, aia_path: aiaPath };
        },
      },
      update: {
        about: 'Change the addresses.',
        id: { prefix: 'pki', verb: 'configure', suffix: 'cluster' },
        run: writeCluster,
      },
    },
    suffix('cluster'),
  )
  .path(
    'config/issuers',
    'Which issuer is meant when none is named.',
    {
      default: field.string('The issuer: its id or its name.'),
      default_follows_latest_issuer: field.bool('New issuers become it.', { default: false }),
    },
    {
      read: {
        about: 'Read which it is.',
        id: { prefix: 'pki', suffix: 'issuers-configuration' },
        run: async (_, call) => shownIssuers(await storeOf(call).issuersConfig()),
      },
      update: {
        about: 'Choose another.',
        forward: true,
        id: { prefix: 'pki', verb: 'configure', suffix: 'issuers' },
        run: (input, call) =>
          setDefaultIssuer(
            input.default ?? '',
            sent(call, 'default_follows_latest_issuer') ? input.default_follows_latest_issuer : undefined,
            call,
          ),
      },
    },
    suffix('issuers'),
  )
  .path(
    'root/replace',
    'Another issuer is meant when none is named.',
    { default: field.string('The issuer: its id or its name.', { default: 'next' }) },
    {
      update: {
        about: 'Choose another.',
        forward: true,
        run: (input, call) => setDefaultIssuer(input.default, undefined, call),
      },
    },
    { id: { prefix: 'pki', verb: 'replace', suffix: 'root' } },
  )
  .path(
    'config/keys',
    'Which key is meant when none is named.',
    { default: field.string('The key: its id or its name.') },
    {
      read: {
        about: 'Read which it is.',
        id: { prefix: 'pki', suffix: 'keys-configuration' },
        run: async (_, call) => ({ default: await storeOf(call).defaultKey() }),
      },
      update: {
        about: 'Choose another.',
        forward: true,
        id: { prefix: 'pki', verb: 'configure', suffix: 'keys' },
        run: (input, call) => setDefaultKey(input.default ?? '', call),
      },
    },
    suffix('keys'),
  );
