/** What a mount of `pki` stores: issuers, keys and its settings, in upstream's places and with upstream's names. */
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import { algorithmText, type SignatureAlgorithm } from '../../crypto/x509/algorithm.ts';
import { collection, type Form } from '../../framework/collection.ts';
import type { Micros } from '../../runtime.ts';

export type UsageName = 'read-only' | 'issuing-certificates' | 'crl-signing' | 'ocsp-signing';
/** In the order of their names, as they are shown; with the bit that they are stored as. */
export const USAGE_BITS: readonly (readonly [name: UsageName, bit: number])[] = [
  ['crl-signing', 4],
  ['issuing-certificates', 2],
  ['ocsp-signing', 8],
  ['read-only', 0],
];

export type NotAfterBehavior = 'err' | 'truncate' | 'permit';
const BEHAVIORS: readonly NotAfterBehavior[] = ['err', 'truncate', 'permit'];

/** Where to find more about an issuer: written into the certificates it signs. */
export interface AiaUrls {
  readonly issuingCertificates: readonly string[];
  readonly crlDistributionPoints: readonly string[];
  readonly deltaCrlDistributionPoints: readonly string[];
  readonly ocspServers: readonly string[];
  readonly enableTemplating: boolean;
}

/** An issuer's own: lists that nobody has set are null. */
export type IssuerUrls = {
  readonly [K in keyof AiaUrls]: AiaUrls[K] extends boolean ? boolean : readonly string[] | null;
};

export const completeUrls = (urls: IssuerUrls): AiaUrls => ({
  issuingCertificates: urls.issuingCertificates ?? [],
  crlDistributionPoints: urls.crlDistributionPoints ?? [],
  deltaCrlDistributionPoints: urls.deltaCrlDistributionPoints ?? [],
  ocspServers: urls.ocspServers ?? [],
  enableTemplating: urls.enableTemplating,
});

export const NO_URLS: AiaUrls = {
  issuingCertificates: [],
  crlDistributionPoints: [],
  deltaCrlDistributionPoints: [],
  ocspServers: [],
  enableTemplating: false,
};

export interface Issuer {
  readonly id: string;
  readonly name: string;
  /** Empty: the key is not here. */
  readonly keyId: string;
  /** PEM with a line break at the end. */
  readonly certificate: string;
  readonly caChain: readonly string[];
  /** Ids. */
  readonly manualChain: readonly string[];
  /** `ab:cd:…`. */
  readonly serialNumber: string;
  readonly leafNotAfterBehavior: NotAfterBehavior;
  /** Bits of USAGE_BITS. */
  readonly usage: number;
  readonly revocationAlgorithm: SignatureAlgorithm | undefined;
  readonly revoked: boolean;
  /** Wall micros; 0 while not revoked. */
  readonly revokedAt: Micros;
  readonly urls: IssuerUrls | undefined;
  readonly lastModified: Micros;
}

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly type: KeyType | 'external-key';
  /** The traditional PEM of its kind; '' of a key that is elsewhere. */
  readonly privateKey: string;
  readonly external?: ExternalHalf;
}

/** What is known here of a key that another server keeps. */
export interface ExternalHalf {
  readonly reference: string;
  readonly type: KeyType;
  /** PEM with a line break at the end. */
  readonly publicKey: string;
}

export type KeyType = 'rsa' | 'ec' | 'ed25519' | 'mldsa';

const strings = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
export const timeText = (micros: Micros): string => (micros === 0 ? '0001-01-01T00:00:00Z' : formatRfc3339(micros));
export const timeOf = (value: JsonValue | undefined): Micros => {
  const parsed = text(value).startsWith('0001-') ? 0 : parseRfc3339(text(value));
  return parsed ?? 0;
};

const encodeUrls = (urls: IssuerUrls): JsonObject => ({
  issuing_certificates: urls.issuingCertificates,
  crl_distribution_points: urls.crlDistributionPoints,
  delta_crl_distribution_points: urls.deltaCrlDistributionPoints,
  ocsp_servers: urls.ocspServers,
  enable_templating: urls.enableTemplating,
});

const stringsOrNull = (value: JsonValue | undefined): string[] | null => (Array.isArray(value) ? strings(value) : null);

const decodeUrls = (stored: JsonObject): IssuerUrls => ({
  issuingCertificates: stringsOrNull(stored['issuing_certificates']),
  crlDistributionPoints: stringsOrNull(stored['crl_distribution_points']),
  deltaCrlDistributionPoints: stringsOrNull(stored['delta_crl_distribution_points']),
  ocspServers: stringsOrNull(stored['ocsp_servers']),
  enableTemplating: stored['enable_templating'] === true,
});

/** Go's numbers of signature algorithms. */
export const SIGNATURE_NUMBERS: readonly (readonly [number: number, algorithm: SignatureAlgorithm])[] = [
  [4, { kind: 'rsa', hash: 'sha256', pss: false }],
  [5, { kind: 'rsa', hash: 'sha384', pss: false }],
  [6, { kind: 'rsa', hash: 'sha512', pss: false }],
  [10, { kind: 'ecdsa', hash: 'sha256' }],
  [11, { kind: 'ecdsa', hash: 'sha384' }],
  [12, { kind: 'ecdsa', hash: 'sha512' }],
  [13, { kind: 'rsa', hash: 'sha256', pss: true }],
  [14, { kind: 'rsa', hash: 'sha384', pss: true }],
  [15, { kind: 'rsa', hash: 'sha512', pss: true }],
  [16, { kind: 'ed25519' }],
  [17, { kind: 'mldsa', level: 44 }],
  [18, { kind: 'mldsa', level: 65 }],
  [19, { kind: 'mldsa', level: 87 }],
];

const numberOfAlgorithm = (algorithm: SignatureAlgorithm | undefined): number =>
  SIGNATURE_NUMBERS.find(([, known]) => algorithmText(known) === algorithmText(algorithm))?.[0] ?? 0;

const issuerForm: Form<Issuer> = {
  encode: (issuer) => ({
    id: issuer.id,
    name: issuer.name,
    key_id: issuer.keyId,
    certificate: issuer.certificate,
    ca_chain: [...issuer.caChain],
    manual_chain: [...issuer.manualChain],
    serial_number: issuer.serialNumber,
    not_after_behavior: BEHAVIORS.indexOf(issuer.leafNotAfterBehavior),
    usage: issuer.usage,
    revocation_signature_algorithm: numberOfAlgorithm(issuer.revocationAlgorithm),
    revoked: issuer.revoked,
    revocation_time: Math.floor(issuer.revokedAt / 1_000_000),
    revocation_time_utc: timeText(issuer.revokedAt),
    aia_uris: issuer.urls === undefined ? null : encodeUrls(issuer.urls),
    last_modified: timeText(issuer.lastModified),
    version: 1,
  }),
  decode(stored) {
    const issuer = stored as JsonObject;
    const urls = issuer['aia_uris'];
    const number = issuer['revocation_signature_algorithm'];
    return {
      id: text(issuer['id']),
      name: text(issuer['name']),
      keyId: text(issuer['key_id']),
      certificate: text(issuer['certificate']),
      caChain: strings(issuer['ca_chain']),
      manualChain: strings(issuer['manual_chain']),
      serialNumber: text(issuer['serial_number']),
      leafNotAfterBehavior: BEHAVIORS[Number(issuer['not_after_behavior'])] ?? 'err',
      usage: Number(issuer['usage']),
      revocationAlgorithm: SIGNATURE_NUMBERS.find(([known]) => known === number)?.[1],
      revoked: issuer['revoked'] === true,
      revokedAt: timeOf(issuer['revocation_time_utc']),
      urls: urls === null || urls === undefined ? undefined : decodeUrls(urls as JsonObject),
      lastModified: timeOf(issuer['last_modified']),
    };
  },
};

const keyForm: Form<Key> = {
  encode: ({ id, name, type, privateKey, external }) => ({
    id,
    name,
    private_key_type: type,
    private_key: privateKey,
    ...(external === undefined
      ? {}
      : {
          public_key: external.publicKey,
          // With the line break that upstream, too, stores behind it.
          external_key_ref: `${external.reference}\n`,
          external_key_type: external.type,
        }),
  }),
  decode(stored) {
    const key = stored as JsonObject;
    const reference = text(key['external_key_ref']).trim();
    const half = { reference, type: text(key['external_key_type']) as KeyType, publicKey: text(key['public_key']) };
    return {
      id: text(key['id']),
      name: text(key['name']),
      type: text(key['private_key_type']) as Key['type'],
      privateKey: text(key['private_key']),
      ...(reference === '' ? {} : { external: half }),
    };
  },
};

/** Which issuer is meant when none is named. */
export interface IssuersConfig {
  readonly default: string;
  readonly followsLatest: boolean;
}

export interface CrlConfig {
  readonly expiry: string;
  readonly disable: boolean;
  readonly ocspDisable: boolean;
  readonly ocspExpiry: string;
  readonly autoRebuild: boolean;
  readonly autoRebuildGracePeriod: string;
  readonly enableDelta: boolean;
  readonly deltaRebuildInterval: string;
  readonly allowExpiredCertRevocation: boolean;
}

export const DEFAULT_CRL: CrlConfig = {
  expiry: '72h',
  disable: false,
  ocspDisable: false,
  ocspExpiry: '12h',
  autoRebuild: false,
  autoRebuildGracePeriod: '12h',
  enableDelta: false,
  deltaRebuildInterval: '15m',
  allowExpiredCertRevocation: false,
};

/** As it is stored, and as a client sees it. */
export const shownCrl = (config: CrlConfig): JsonObject => ({
  expiry: config.expiry,
  disable: config.disable,
  ocsp_disable: config.ocspDisable,
  ocsp_expiry: config.ocspExpiry,
  auto_rebuild: config.autoRebuild,
  auto_rebuild_grace_period: config.autoRebuildGracePeriod,
  enable_delta: config.enableDelta,
  delta_rebuild_interval: config.deltaRebuildInterval,
  allow_expired_cert_revocation: config.allowExpiredCertRevocation,
});

const crlForm: Form<CrlConfig> = {
  encode: shownCrl,
  decode(stored) {
    const config = stored as JsonObject;
    return {
      expiry: text(config['expiry']),
      disable: config['disable'] === true,
      ocspDisable: config['ocsp_disable'] === true,
      ocspExpiry: text(config['ocsp_expiry']),
      autoRebuild: config['auto_rebuild'] === true,
      autoRebuildGracePeriod: text(config['auto_rebuild_grace_period']),
      enableDelta: config['enable_delta'] === true,
      deltaRebuildInterval: text(config['delta_rebuild_interval']),
      allowExpiredCertRevocation: config['allow_expired_cert_revocation'] === true,
    };
  },
};

export interface ClusterConfig {
  readonly path: string;
  readonly aiaPath: string;
}

/** What is known of the lists that were built: numbers and ends by list, and which issuers share which. */
export interface CrlState {
  readonly numbers: Readonly<Record<string, number>>;
  readonly lists: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly expirations: Readonly<Record<string, number>>;
  /** Of the last whole list: the base of deltas. */
  readonly lastComplete: Readonly<Record<string, number>>;
  /** Wall micros. */
  readonly lastModified: Micros;
  readonly deltaLastModified: Micros;
}

export const NO_CRLS: CrlState = {
  numbers: {},
  lists: {},
  expirations: {},
  lastComplete: {},
  lastModified: 0,
  deltaLastModified: 0,
};

const crlStateForm: Form<CrlState> = {
  encode: (state) => ({
    crl_number_map: { ...state.numbers },
    issuer_id_crl_map: { ...state.lists },
    crl_expiration_map: { ...state.expirations },
    last_complete_number_map: { ...state.lastComplete },
    last_modified: timeText(state.lastModified),
    delta_last_modified: timeText(state.deltaLastModified),
  }),
  decode(stored) {
    const state = stored as JsonObject;
    return {
      numbers: state['crl_number_map'] as Record<string, number>,
      lists: state['issuer_id_crl_map'] as Record<string, string>,
      expirations: state['crl_expiration_map'] as Record<string, number>,
      lastComplete: state['last_complete_number_map'] as Record<string, number>,
      lastModified: timeOf(state['last_modified']),
      deltaLastModified: timeOf(state['delta_last_modified']),
    };
  },
};

export interface Revocation {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Wall micros. */
  readonly at: Micros;
  /** Empty: not known. */
  readonly issuerId: string;
}

const revocationForm: Form<Revocation> = {
  encode: ({ certificate, at, issuerId }) => ({
    certificate_bytes: encodeBase64(certificate),
    revocation_time: Math.floor(at / 1_000_000),
    revocation_time_utc: formatRfc3339(at),
    issuer_id: issuerId,
  }),
  decode(stored) {
    const revocation = stored as JsonObject;
    return {
      certificate: decodeBase64(text(revocation['certificate_bytes'])),
      at: timeOf(revocation['revocation_time_utc']),
      issuerId: text(revocation['issuer_id']),
    };
  },
};

export const COLLECTIONS = {
  issuers: collection('config/issuer/', issuerForm),
  keys: collection('config/key/', keyForm),
  revoked: collection('revoked/', revocationForm),
  /** 'urls', 'crl', 'issuers', 'keys', 'cluster', 'auto-tidy'. */
  settings: collection<JsonObject>('config/'),
  crlSettings: collection('config/', crlForm),
  crlState: collection('crls/', crlStateForm),
};

export const urlsForm = {
  encode: encodeUrls,
  decode: (stored: JsonObject): AiaUrls => completeUrls(decodeUrls(stored)),
};
