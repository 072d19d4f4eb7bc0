/** `config`: where keys come from, and what is checked of it before it is kept. */
import { quote } from '../../codec/go-quote.ts';
import { JWS_ALGORITHMS } from '../../crypto/jws/algorithm.ts';
import { parseJws } from '../../crypto/jws/jws.ts';
import { refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { TokenError } from '../../framework/jwt/keys.ts';
import { parsePublicKey } from '../../framework/jwt/public-key.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { hasType, sourceOf } from './config.ts';
import type { JwtConfig } from './config.ts';
import { discoveredKeys, RemoteKeys } from './key-set.ts';
import type { JwtCall, JwtMemory, storage } from './memory.ts';
import { discoverProvider } from './oidc/provider.ts';
import { checkProviderConfig } from './provider-config.ts';
import { ProviderError, reachOf } from './web.ts';

const fields = {
  oidc_discovery_url: field.string('Base URL of an OIDC discovery document, which names the keys.'),
  oidc_discovery_ca_pem: field.string('PEM of the authorities of the discovery URL; those of the system unless given.'),
  oidc_client_id: field.string('What the provider knows this server as.'),
  oidc_client_secret: field.string('The secret that goes with it.', { display: { sensitive: true } }),
  oidc_response_mode: field.string('How the provider answers: "query" or "form_post".'),
  oidc_response_types: field.commaStrings('What to ask the provider for: "code", "id_token"; a code unless given.'),
  jwks_url: field.string('URL of a set of keys.'),
  jwks_ca_pem: field.string('PEM of the authorities of the key URL; those of the system unless given.'),
  default_role: field.lowerCase('The role of a login that names none.'),
  jwt_validation_pubkeys: field.commaStrings('Public keys in PEM.'),
  jwt_supported_algs: field.commaStrings('Signature algorithms to accept; RS256 for OIDC, and else all, unless given.'),
  bound_issuer: field.string('What the issuer of a token has to be.'),
  provider_config: field.map('Settings of certain providers.', { display: { name: 'Provider Config' } }),
  override_allowed_server_names: field.commaStrings(
    "Names of which one has to be in the provider's certificate, instead of the host's.",
  ),
  namespace_in_state: field.bool('Whether the namespace travels in the state of a login, not in its redirect URL.', {
    display: { name: 'Namespace in OIDC state', value: true },
  }),
  skip_jwks_validation: field.bool('Whether keys that cannot be had now are no more than a warning.'),
};

type Input = { readonly [K in keyof typeof fields]: (typeof fields)[K]['fallback'] };

const configOf = (input: Input, before: JwtConfig | undefined): JwtConfig => ({
  discoveryUrl: input.oidc_discovery_url ?? '',
  discoveryCa: input.oidc_discovery_ca_pem ?? '',
  clientId: input.oidc_client_id ?? '',
  clientSecret: input.oidc_client_secret ?? '',
  responseMode: input.oidc_response_mode ?? '',
  responseTypes: input.oidc_response_types ?? [],
  jwksUrl: input.jwks_url ?? '',
  jwksCa: input.jwks_ca_pem ?? '',
  publicKeys: input.jwt_validation_pubkeys ?? [],
  supportedAlgorithms: input.jwt_supported_algs ?? [],
  boundIssuer: input.bound_issuer ?? '',
  defaultRole: input.default_role ?? '',
  providerConfig: input.provider_config ?? {},
  serverNames: input.override_allowed_server_names ?? [],
  namespaceInState: input.namespace_in_state ?? before?.namespaceInState ?? true,
});

async function checkDiscovery(config: JwtConfig, { runtime }: JwtCall): Promise<void> {
  if (sourceOf(config) === 'flow') await discoverProvider(runtime, config);
  else await discoveredKeys(runtime.crypto, reachOf(runtime.web, config.discoveryCa), config.discoveryUrl);
}

/** A token that nobody has signed: all that is to be seen is whether keys can be had. */
const UNSIGNED = 'eyJhbGciOiJSUzI1NiJ9.e30.';

async function checkJwks(config: JwtConfig, { runtime }: JwtCall): Promise<string | undefined> {
  let keys: RemoteKeys;
  try {
    keys = new RemoteKeys(runtime.crypto, reachOf(runtime.web, config.jwksCa), config.jwksUrl);
  } catch (error) {
    if (error instanceof ProviderError) throw refuse('error checking jwks_ca_pem');
    throw error;
  }
  try {
    await keys.payload(parseJws(UNSIGNED));
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return error.message.includes('failed to verify id token signature') ? undefined : 'error checking jwks URL';
  }
  return undefined;
}

/** Checks where keys come from; a warning stands for keys that cannot be had and need not be. */
async function checkSource(config: JwtConfig, lenient: boolean, call: JwtCall): Promise<string | undefined> {
  const { discoveryUrl, jwksUrl, publicKeys, clientId, clientSecret, providerConfig } = config;
  const kubernetes = providerConfig['provider'] === 'kubernetes';
  const ways = [discoveryUrl !== '', publicKeys.length > 0, jwksUrl !== '', kubernetes].filter(Boolean).length;
  if (ways !== 1) {
    throw refuse(
      "exactly one of 'jwt_validation_pubkeys', 'jwks_url', 'jwks_pairs', 'oidc_discovery_url', or 'provider_config' must be set",
    );
  }
  if ((clientId === '') !== (clientSecret === '')) {
    throw refuse("both 'oidc_client_id' and 'oidc_client_secret' must be set for OIDC");
  }
  if (discoveryUrl !== '') {
    if (discoveryUrl.includes('.well-known')) throw refuse("'oidc_discovery_url' contains '.well-known' component");
    try {
      await checkDiscovery(config, call);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (!lenient) throw refuse(`error checking oidc discovery URL: ${error.message}`);
      return 'error checking oidc discovery URL';
    }
    return undefined;
  }
  if (clientId !== '') throw refuse("'oidc_discovery_url' must be set for OIDC");
  if (jwksUrl !== '') {
    const wrong = await checkJwks(config, call);
    if (wrong !== undefined && !lenient) throw refuse(wrong);
    return wrong;
  }
  for (const pem of publicKeys) {
    try {
      parsePublicKey(pem);
    } catch (error) {
      throw refuse(`error parsing public key: ${(error as Error).message}`);
    }
  }
  return undefined;
}

function checkRest(config: JwtConfig): void {
  const { supportedAlgorithms, responseTypes, responseMode } = config;
  const unknown = supportedAlgorithms.find((one) => !JWS_ALGORITHMS.includes(one));
  if (unknown !== undefined) {
    throw refuse(`invalid jwt_supported_algs: unsupported signing algorithm ${quote(unknown)}`);
  }
  if (!responseTypes.every((type) => type === 'code' || type === 'id_token')) {
    throw refuse(`invalid response_types [${responseTypes.join(' ')}]. 'code' and 'id_token' are allowed`);
  }
  if (responseMode === '' || responseMode === 'query') {
    if (hasType(config, 'id_token')) {
      throw refuse('query response_mode may not be used with an id_token response_type');
    }
  } else if (responseMode !== 'form_post') throw refuse(`invalid response_mode: ${quote(responseMode)}`);
  checkProviderConfig(config.providerConfig);
}

async function write(input: Input, call: JwtCall): Promise<Answer> {
  const config = configOf(input, await call.state.config(call.storage));
  const warning = await checkSource(config, input.skip_jwks_validation === true, call);
  checkRest(config);
  await call.store.config.put('', config);
  call.state.reset();
  return warning === undefined ? undefined : reply({ warnings: [warning] });
}

async function read(call: JwtCall): Promise<Answer> {
  const config = await call.state.config(call.storage);
  if (config === undefined) return undefined;
  const warnings: string[] = [];
  try {
    await call.state.keys(config);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    warnings.push(`failed to construct JWK validator: ${error.message}`);
  }
  const data = {
    oidc_discovery_url: config.discoveryUrl,
    oidc_discovery_ca_pem: config.discoveryCa,
    oidc_client_id: config.clientId,
    oidc_response_mode: config.responseMode,
    oidc_response_types: config.responseTypes,
    default_role: config.defaultRole,
    jwt_validation_pubkeys: config.publicKeys,
    jwt_supported_algs: config.supportedAlgorithms,
    jwks_url: config.jwksUrl,
    jwks_ca_pem: config.jwksCa,
    bound_issuer: config.boundIssuer,
    provider_config: config.providerConfig,
    override_allowed_server_names: config.serverNames,
    namespace_in_state: config.namespaceInState,
    status: warnings.length === 0 ? 'valid' : 'invalid',
  };
  return reply(warnings.length === 0 ? { data } : { data, warnings });
}

export const configPaths = paths<JwtMemory, typeof storage>().path(
  'config',
  'Where the keys come from that tokens are verified with.',
  fields,
  {
    read: { about: 'Read the configuration.', id: { suffix: 'configuration' }, run: (_, call) => read(call) },
    update: { about: 'Change the configuration.', id: { verb: 'configure' }, run: write },
  },
  { help: 'Exactly one source of keys has to be set. What is not sent is as if it had never been set.' },
);
