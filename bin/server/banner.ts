/** What upstream prints when a server has started. */
import { encodeBase64 } from '../../core/codec/base64.ts';
import { formatDuration } from '../../core/codec/duration.ts';
import type { Configuration, ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import { COMMIT_DATE, VERSION } from '../../core/server/default-config.ts';
import type { DevKeys } from '../../core/server/dev.ts';

export function banner(configuration: Configuration): string {
  const rows: (readonly [string, string])[] = [];
  if (configuration.apiAddr !== '') rows.push(['Api Address', configuration.apiAddr]);
  if (configuration.clusterAddr !== '') rows.push(['Cluster Address', configuration.clusterAddr]);
  for (const [index, listener] of configuration.listeners.entries())
    rows.push([`Listener ${index + 1}`, show(listener)]);
  rows.push(['Log Level', configuration.logLevel]);
  rows.push(['Recovery Mode', 'false']);
  rows.push(['Storage', configuration.storage?.type ?? '']);
  rows.push(['Version', `OpenBao v${VERSION}, committed ${COMMIT_DATE}`]);
  const lines = rows.map(([name, value]) => `${name.padStart(24)}: ${value}`);
  return `\n==> OpenBao server configuration:\n\n${lines.join('\n')}\n\n==> OpenBao server started! Log data will stream in below:\n`;
}

function show(listener: ListenerConfiguration): string {
  const facts = [
    `addr: ${JSON.stringify(listener.address)}`,
    ...(listener.clusterAddress === '' ? [] : [`cluster address: ${JSON.stringify(listener.clusterAddress)}`]),
    `max_request_duration: ${JSON.stringify(formatDuration(listener.maxRequestDuration))}`,
    `max_request_json_memory: "${listener.maxRequestJsonMemory}"`,
    `max_request_json_strings: "${listener.maxRequestJsonStrings}"`,
    `max_request_size: "${listener.maxRequestSize}"`,
    `tls: "${listener.tlsDisable ? 'disabled' : 'enabled'}"`,
  ];
  return `${listener.type} (${facts.join(', ')})`;
}

export function devNotice(configuration: Configuration, keys: DevKeys): string {
  return `WARNING! dev mode is enabled! In this mode, OpenBao runs entirely in-memory
and starts unsealed with a single unseal key. The root token is already
authenticated to the CLI, so you can immediately begin using OpenBao.

You may need to set the following environment variables:

    $ export BAO_ADDR='${configuration.apiAddr}'

The unseal key and root token are displayed below in case you want to
seal/unseal the Vault or re-authenticate.

Unseal Key: ${encodeBase64(keys.unsealKey)}
Root Token: ${keys.rootToken}

Development mode should NOT be used in production installations!
`;
}
