/** `seal "transit" { … }`: the seal's own variables win over its settings, and those of any client fill in. */
import { parseBool } from '../../codec/go-bool.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import type { OutgoingTls } from '../../runtime.ts';
import type { MakeWrapper, SealSources, SealStanza } from './configured.ts';
import { TransitWrapper } from './transit-wrapper.ts';

export const make: MakeWrapper = (runtime, settings, sources) => {
  const setting = (name: string, variable = name.toUpperCase()): string =>
    sources.environment(`TRANSIT_WRAPPER_${variable}`) ??
    sources.environment(`VAULT_TRANSIT_SEAL_${variable}`) ??
    settings[name] ??
    '';
  const mountPath = setting('mount_path');
  if (mountPath === '') throw failure('mount_path is required');
  const keyName = setting('key_name');
  if (keyName === '') throw failure('key_name is required');
  const disableRenewal = parseBool(setting('disable_renewal') || 'false');
  const tls = tlsOf(settings, sources);
  const address = setting('address', 'ADDR') || client(sources, 'ADDR') || 'https://127.0.0.1:8200';
  if (!/^[a-z][a-z0-9+.-]*:/i.test(address)) throw failure(`parse "${address}": missing protocol scheme`);
  return new TransitWrapper(runtime, {
    address: address.replace(/\/$/, ''),
    token: setting('token') || client(sources, 'TOKEN'),
    namespace: settings['namespace'] || client(sources, 'NAMESPACE'),
    tls,
    keyName,
    mountPath,
    keyIdPrefix: settings['key_id_prefix'] ?? '',
    disableRenewal,
  });
};

/** What every client of the API takes from the environment. */
const client = (sources: SealSources, name: string): string =>
  sources.environment(`BAO_${name}`) ?? sources.environment(`VAULT_${name}`) ?? '';

function tlsOf(settings: SealStanza['settings'], sources: SealSources): OutgoingTls | undefined {
  const given = (name: string, variable: string): string => settings[name] || client(sources, variable);
  if (given('tls_ca_path', 'CAPATH') !== '') {
    throw failure('tls_ca_path is not available: name one file of certificates in tls_ca_cert');
  }
  const text = (path: string, what: string): string => {
    try {
      return decodeUtf8(sources.readFile(path));
    } catch (error) {
      throw failure(`${what}${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const skipVerify = parseBool(given('tls_skip_verify', 'SKIP_VERIFY') || 'false');
  const ca = given('tls_ca_cert', 'CACERT');
  const certificate = given('tls_client_cert', 'CLIENT_CERT');
  const key = given('tls_client_key', 'CLIENT_KEY');
  const serverName = given('tls_server_name', 'TLS_SERVER_NAME');
  if ((certificate === '') !== (key === '')) throw failure('both client cert and client key must be provided');
  const tls: OutgoingTls = {
    ...(ca === '' ? {} : { ca: text(ca, 'Error loading CA File: ') }),
    ...(certificate === '' ? {} : { certificate: text(certificate, ''), key: text(key, '') }),
    ...(serverName === '' ? {} : { serverName }),
    ...(skipVerify ? { skipVerify } : {}),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}
