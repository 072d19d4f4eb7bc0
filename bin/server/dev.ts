/** The configuration of `server -dev`: in memory, one listener without TLS unless asked for. */
import { parseConfiguration } from '../../core/server/configuration/configuration.ts';
import type { Configuration, ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import type { Flags } from '../flags.ts';
import { environment } from './environment.ts';

const inmemHa = { type: 'inmem_ha', settings: {} };

export async function devConfiguration(flags: Flags, loaded: Configuration | undefined): Promise<Configuration> {
  const { configuration: empty } = parseConfiguration('storage "inmem" {}\nlistener "tcp" { tls_disable = true }', '');
  const address = flags.string('dev-listen-address') ?? environment('DEV_LISTEN_ADDRESS') ?? '127.0.0.1:8200';
  // What sys/config/state/sanitized shows: upstream's own dev stanza, whatever address was asked for.
  const raw = {
    address: '127.0.0.1:8200',
    proxy_protocol_authorized_addrs: '127.0.0.1:8200',
    proxy_protocol_behavior: 'allow_authorized',
    tls_disable: true,
  };
  const plain: ListenerConfiguration = { ...empty.listeners[0]!, address, raw };
  const listener = flags.boolean('dev-tls') ? await withTls(plain, flags) : plain;
  return {
    ...(loaded ?? empty),
    storage: flags.boolean('dev-ha') ? inmemHa : (loaded?.storage ?? empty.storage!),
    listeners: [listener, ...(loaded?.listeners ?? [])],
    ui: true,
    rawStorageEndpoint: true,
    introspectionEndpoint: true,
  };
}

async function withTls(listener: ListenerConfiguration, flags: Flags): Promise<ListenerConfiguration> {
  const { devCertificate } = await import('./dev-tls.ts');
  const { certificate, key } = await devCertificate(flags.string('dev-tls-cert-dir'), listener.address);
  return { ...listener, tlsDisable: false, tlsCertFile: certificate, tlsKeyFile: key };
}
