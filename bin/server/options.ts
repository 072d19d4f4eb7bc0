/** What `steamer server` takes: upstream's flags, and what they mean here. */
import type { FlagKind } from '../flags.ts';

/** What upstream's commands take because they are clients: read, and not looked at by a server. */
const clientFlags: Readonly<Record<string, FlagKind>> = {
  address: 'string',
  'agent-address': 'string',
  'ca-cert': 'string',
  'ca-path': 'string',
  'client-cert': 'string',
  'client-key': 'string',
  'disable-redirects': 'boolean',
  header: 'strings',
  mfa: 'strings',
  namespace: 'string',
  'non-interactive': 'boolean',
  'output-curl-string': 'boolean',
  'output-policy': 'boolean',
  'policy-override': 'boolean',
  'tls-server-name': 'string',
  'tls-skip-verify': 'boolean',
  'unlock-key': 'string',
  'wrap-ttl': 'string',
};

export const serverFlags: Readonly<Record<string, FlagKind>> = {
  ...clientFlags,
  // Log and banner go to one place as it is.
  'combine-logs': 'boolean',
  config: 'strings',
  dev: 'boolean',
  'dev-auto-seal': 'boolean',
  'dev-cluster-json': 'string',
  'dev-ha': 'boolean',
  'dev-kv-v1': 'boolean',
  'dev-latency': 'integer',
  'dev-latency-jitter': 'integer',
  'dev-listen-address': 'string',
  'dev-no-store-token': 'boolean',
  'dev-plugin-dir': 'string',
  // What there is in that folder is not run.
  'dev-plugin-init': 'boolean',
  'dev-root-token-id': 'string',
  'dev-skip-init': 'boolean',
  'dev-tls': 'boolean',
  'dev-tls-cert-dir': 'string',
  'exit-on-core-shutdown': 'boolean',
  'log-file': 'string',
  'log-format': 'string',
  'log-level': 'string',
  'log-rotate-bytes': 'integer',
  'log-rotate-duration': 'string',
  'log-rotate-max-files': 'integer',
  recovery: 'boolean',
  'test-server-config': 'boolean',
  // Another name of it.
  'test-verify-only': 'boolean',
};

export const serverUsage = `Usage: steamer server [options]

  Starts a server that answers the OpenBao API. It is for tests and study: never
  put secrets of production into it.

      $ steamer server -dev -dev-root-token-id=root
      $ steamer server -config=server.hcl

Options:

  -config=<path>
      A configuration file (HCL or JSON), or a folder of them. May be repeated.
  -log-level=<trace|debug|info|warn|error>
  -log-format=<standard|json>
  -test-server-config
      Read the configuration and exit.
  -recovery
      Recovery mode: a token for who holds the shares, and sys/raw with it.

Dev mode:

  -dev
      In memory, initialised, unsealed, KV version 2 at secret/.
  -dev-root-token-id=<string>
      The root token; a random one when left out.
  -dev-listen-address=<host:port>
      Default 127.0.0.1:8200.
  -dev-no-store-token
      Leave ~/.vault-token alone.
  -dev-kv-v1
      KV version 1 at secret/.
  -dev-tls, -dev-tls-cert-dir=<path>
      HTTPS with a new certificate, whose files go to that folder.
  -dev-skip-init
      Leave the server uninitialised.`;
