/** What upstream prints when a server has started. */
import { dirname, join } from 'node:path';
import { encodeBase64 } from '../../core/codec/base64.ts';
import { formatDuration } from '../../core/codec/duration.ts';
import type { Configuration, ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import { timedListeners } from '../../core/server/configuration/listener.ts';
import { COMMIT_DATE, VERSION } from '../../core/server/profile.ts';
import type { DevKeys } from '../../core/server/dev.ts';
import { clusterAddressOf } from '../../host/cluster-address.ts';

export interface Started {
  readonly configuration: Configuration;
  /** Where the listeners really listen, in the configuration's order. */
  readonly bound: readonly string[];
  /** Whether the storage knows of several nodes. */
  readonly ha: boolean;
  readonly recovery: boolean;
}

export function banner({ configuration, bound, ha, recovery }: Started): string {
  const rows: (readonly [string, string])[] = [];
  const { apiAddr, clusterAddr, storage, haStorage } = configuration;
  if (haStorage !== undefined) rows.push(['HA Storage', haStorage.type]);
  if (apiAddr !== '' && !recovery) rows.push(['Api Address', apiAddr]);
  for (const { type, settings } of configuration.seals) {
    const label = settings['disabled'] === 'true' ? 'Old Auto Seal' : 'Auto Seal';
    if (type !== 'shamir') rows.push([label, showSeal(type, settings)]);
  }
  if (clusterAddr !== '') rows.push(['Cluster Address', clusterAddr]);
  for (const [index, listener] of (recovery ? [] : timedListeners(configuration)).entries()) {
    rows.push([`Listener ${index + 1}`, show(listener, bound[index] ?? listener.address)]);
  }
  rows.push(['Log Level', configuration.logLevel]);
  rows.push(['Recovery Mode', String(recovery)]);
  rows.push([
    'Storage',
    `${storage?.type ?? ''}${recovery || haStorage !== undefined ? '' : availability(storage?.type, ha)}`,
  ]);
  rows.push(['Version', `OpenBao v${VERSION}, committed ${COMMIT_DATE}`]);
  const lines = rows.map(([name, value]) => `${name.padStart(24)}: ${value}`);
  return `\n==> OpenBao server configuration:\n\n${lines.join('\n')}\n`;
}

/** Told of storages that could have it. */
function availability(type: string | undefined, ha: boolean): string {
  if (ha) return ' (HA available)';
  return type === 'postgresql' ? ' (HA disabled)' : '';
}

export const STARTED = '\n==> OpenBao server started!\n';

/** What is shown of a seal's settings: which key, and where. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  alicloudkms: ['domain', 'kms_key_id', 'region'],
  gcpckms: ['crypto_key', 'key_ring', 'project', 'region'],
  ocikms: ['crypto_endpoint', 'key_id', 'management_endpoint'],
  pkcs11: ['key_id', 'key_label', 'lib', 'mechanism', 'rsa_oaep_hash', 'slot', 'token_label'],
  static: ['current_key_id', 'previous_key_id'],
  transit: ['address', 'key_name', 'mount_path', 'namespace'],
  awskms: ['endpoint', 'kms_key_id', 'region'],
  azurekeyvault: ['key_name', 'vault_name'],
  kmip: ['encrypt_alg', 'endpoint', 'kms_key_id', 'server_name', 'timeout'],
};

function showSeal(type: string, settings: Readonly<Record<string, string>>): string {
  const facts = (SHOWN[type] ?? [])
    .filter((name) => (settings[name] ?? '') !== '')
    .map((name) => `${name}: ${JSON.stringify(settings[name])}`);
  return `${type} (${[...facts, 'builtin: true'].toSorted().join(', ')})`;
}

function show(listener: ListenerConfiguration, bound: string): string {
  const { type, xForwardedFor } = listener;
  const { authorized, hopSkips, rejectNotPresent, rejectNotAuthorized } = xForwardedFor;
  const tcp = type === 'tcp';
  const facts = [
    ...(tcp ? [`addr: ${JSON.stringify(listener.address)}`] : []),
    ...(tcp ? [`cluster address: ${JSON.stringify(clusterAddressOf(listener, bound))}`] : []),
    `max_request_duration: ${JSON.stringify(formatDuration(listener.maxRequestDuration))}`,
    `max_request_json_memory: "${listener.maxRequestJsonMemory}"`,
    `max_request_json_strings: "${listener.maxRequestJsonStrings}"`,
    `max_request_size: "${listener.maxRequestSize}"`,
    ...(tcp ? [`tls: "${listener.tlsDisable ? 'disabled' : 'enabled'}"`] : []),
    ...(authorized.length > 0 ? [`x_forwarded_for_authorized_addrs: "[${authorized.join(' ')}]"`] : []),
    ...(authorized.length > 0 || hopSkips > 0 ? [`x_forwarded_for_hop_skips: "${hopSkips}"`] : []),
    ...(authorized.length > 0 ? [`x_forwarded_for_reject_not_authorized: ${rejectNotAuthorized}`] : []),
    ...(authorized.length > 0 ? [`x_forwarded_for_reject_not_present: ${rejectNotPresent}`] : []),
  ];
  return `${type} (${facts.join(', ')})`;
}

/** With TLS, clients have to know who signed the certificate; '' without. */
export const authorityFile = ({ listeners: [listener] }: Configuration): string =>
  listener === undefined || listener.tlsDisable ? '' : join(dirname(listener.tlsCertFile), 'vault-ca.pem');

function authority(configuration: Configuration): string {
  const file = authorityFile(configuration);
  return file === '' ? '' : `\n    $ export BAO_CACERT='${file}'\n`;
}

/** Where dev mode's own listener is, which is the first, whatever others are told. */
const ownAddress = ({ listeners: [listener], apiAddr }: Configuration): string =>
  listener === undefined ? apiAddr : `${listener.tlsDisable ? 'http' : 'https'}://${listener.address}`;

export function devNotice(configuration: Configuration, keys: DevKeys): string {
  const kind = keys.recovery ? 'recovery' : 'unseal';
  return `WARNING! dev mode is enabled! In this mode, OpenBao runs entirely in-memory
and starts unsealed with a single unseal key. The root token is already
authenticated to the CLI, so you can immediately begin using OpenBao.

You may need to set the following environment variables:

    $ export BAO_ADDR='${ownAddress(configuration)}'${authority(configuration)}

The ${kind} key and root token are displayed below in case you want to
seal/unseal the Vault or re-authenticate.

${keys.recovery ? 'Recovery' : 'Unseal'} Key: ${encodeBase64(keys.unsealKey)}
Root Token: ${keys.rootToken}

Development mode should NOT be used in production installations!
`;
}
