/** identity/oidc/provider: OpenID Connect providers, and what they publish about themselves. */
import { compareText } from '../../../codec/bytes.ts';
import { quote } from '../../../codec/go-quote.ts';
import { type JsonObject, type JsonValue, parseObject } from '../../../codec/json.ts';
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import { listing, reply } from '../../../framework/reply.ts';
import type { IdentityCall } from '../fields.ts';
import { eachOnce, identityPaths } from '../fields.ts';
import { checkIssuer, document, ISSUER_WARNING } from './issuer.ts';
import { orderedJwk } from '../../../crypto/jws/secret-jwk.ts';
import { publicKeysOf, SIGNING_ALGORITHMS } from './keys.ts';
import type { OidcProvider } from './provider-store.ts';
import { allows } from './role-paths.ts';
import { OPENID } from './scope-paths.ts';
import { fillJsonTemplate } from './template.ts';

export const DEFAULT_PROVIDER = 'default';

const name = field.string('Name of the provider.', { required: true });

const baseOf = (provider: OidcProvider, { context }: IdentityCall): string => provider.issuer || context.server.apiAddr;

export const providerIssuer = (one: string, provider: OidcProvider, call: IdentityCall): string =>
  `${baseOf(provider, call)}/v1/${call.request.namespace.path}identity/oidc/provider/${one}`;

const shown = (one: string, provider: OidcProvider, call: IdentityCall): JsonObject => ({
  issuer: providerIssuer(one, provider, call),
  allowed_client_ids: provider.allowedClientIds,
  scopes_supported: provider.scopesSupported,
});

/** Which claims are set by two of the scopes, which have to be there and, as upstream wants it, to have templates. */
async function conflictsOf(scopes: readonly string[], call: IdentityCall): Promise<string[]> {
  const setBy = new Map<string, string>();
  const conflicts: string[] = [];
  const input = { entity: undefined, groups: [], now: call.now() };
  for (const one of scopes) {
    const scope = await call.store.scopes.get(one);
    if (scope === undefined) throw refuse(`scope ${quote(one)} does not exist`);
    for (const claim of Object.keys(parseObject(fillJsonTemplate(scope.template, input))).sort(compareText)) {
      const other = setBy.get(claim);
      if (other !== undefined) {
        conflicts.push(
          `Found scope templates with conflicting top-level keys: conflict ${quote(claim)} in scopes ${quote(one)}, ${quote(other)}. This may result in an error if the scopes are requested in an OIDC Authentication Request.`,
        );
      }
      setBy.set(claim, one);
    }
  }
  return conflicts;
}

interface Sent {
  readonly name: string;
  readonly issuer: string | undefined;
  readonly allowed_client_ids: readonly string[] | undefined;
  readonly scopes_supported: readonly string[] | undefined;
}

async function write(sent: Sent, call: IdentityCall): Promise<string[]> {
  const { store } = call;
  const warnings: string[] = [];
  const old = await store.providers.get(sent.name);
  const issuer = sent.issuer ?? old?.issuer ?? '';
  if (issuer !== '') {
    checkIssuer(issuer);
    warnings.push(ISSUER_WARNING);
  }
  const scopesSupported =
    sent.scopes_supported === undefined ? (old?.scopesSupported ?? []) : eachOnce(sent.scopes_supported);
  warnings.push(...(await conflictsOf(scopesSupported, call)));
  await store.providers.put(sent.name, {
    issuer,
    allowedClientIds:
      sent.allowed_client_ids === undefined ? (old?.allowedClientIds ?? []) : eachOnce(sent.allowed_client_ids),
    scopesSupported,
  });
  return warnings;
}

async function list(allowed: string, call: IdentityCall) {
  const names: string[] = [];
  const info: JsonObject = {};
  for (const one of await call.store.providers.list()) {
    const provider = await call.store.providers.get(one);
    if (provider === undefined) continue;
    if (allowed !== '' && !allows(provider.allowedClientIds, allowed)) continue;
    names.push(one);
    info[one] = shown(one, provider, call);
  }
  return reply(listing(names, info));
}

/** Keys of the clients that may use the provider. */
async function clientKeys(provider: OidcProvider, { store }: IdentityCall): Promise<Set<string>> {
  const names = new Set<string>();
  for (const one of await store.clients.list()) {
    const client = await store.clients.get(one);
    if (client !== undefined && allows(provider.allowedClientIds, client.clientId)) names.add(client.key);
  }
  return names;
}

export const providerPaths = identityPaths()
  .path(
    'oidc/provider/:name',
    'An OpenID Connect provider.',
    {
      name,
      issuer: field.string("The issuer's address: scheme, host and port. The server's own unless given."),
      allowed_client_ids: field.commaStrings('IDs of the clients that may use it; "*" is all.'),
      scopes_supported: field.commaStrings('Scopes that clients may ask for.'),
    },
    {
      write: {
        forward: true,
        run: async (sent, call) => {
          const warnings = await call.state.oidc.run(() => write(sent, call));
          return warnings.length > 0 ? reply({ warnings }) : undefined;
        },
      },
      read: {
        run: async (sent, call) => {
          const provider = await call.store.providers.get(sent.name);
          return provider && shown(sent.name, provider, call);
        },
      },
      delete: {
        forward: true,
        run: async (sent, { store }) => {
          if (sent.name === DEFAULT_PROVIDER) {
            throw refuse(`deletion of OIDC provider ${quote(DEFAULT_PROVIDER)} not allowed`);
          }
          await store.providers.delete(sent.name);
        },
      },
    },
    {
      exists: async (sent, { store }) => (await store.providers.get(sent.name)) !== undefined,
      id: { prefix: 'oidc', suffix: 'provider' },
    },
  )
  .path(
    'oidc/provider',
    'The names of all providers.',
    {
      allowed_client_id: field.string('Lists only providers that this client may use.', { default: '', query: true }),
    },
    { list: { run: (sent, call) => list(sent.allowed_client_id, call) } },
    { id: { prefix: 'oidc', suffix: 'providers' } },
  )
  .path(
    String.raw`oidc/provider/:name/\.well-known/openid-configuration`,
    'Where clients find what they need.',
    { name },
    {
      read: {
        run: async (sent, call) => {
          const provider = await call.store.providers.get(sent.name);
          if (provider === undefined) return undefined;
          const issuer = providerIssuer(sent.name, provider, call);
          const page = `${baseOf(provider, call)}/ui/vault/${call.request.namespace.path}identity/oidc/provider/${sent.name}/authorize`;
          return document(
            200,
            new Map<string, JsonValue>([
              ['issuer', issuer],
              ['jwks_uri', `${issuer}/.well-known/keys`],
              ['authorization_endpoint', page],
              ['token_endpoint', `${issuer}/token`],
              ['userinfo_endpoint', `${issuer}/userinfo`],
              ['request_parameter_supported', false],
              ['request_uri_parameter_supported', false],
              ['id_token_signing_alg_values_supported', SIGNING_ALGORITHMS],
              ['response_types_supported', ['code']],
              ['scopes_supported', [...provider.scopesSupported, OPENID]],
              ['claims_supported', []],
              ['subject_types_supported', ['public']],
              ['grant_types_supported', ['authorization_code']],
              ['token_endpoint_auth_methods_supported', ['none', 'client_secret_basic', 'client_secret_post']],
            ]),
            { 'Cache-Control': 'max-age=3600' },
          );
        },
      },
    },
    {
      unauthenticated: 'oidc/provider/+/.well-known/*',
      id: { prefix: 'oidc', suffix: 'provider-open-id-configuration' },
    },
  )
  .path(
    String.raw`oidc/provider/:name/\.well-known/keys`,
    'Public keys of ID tokens.',
    { name },
    {
      read: {
        run: async (sent, call) => {
          const provider = await call.store.providers.get(sent.name);
          if (provider === undefined) return undefined;
          const keys = await publicKeysOf(await clientKeys(provider, call), call.store);
          return document(200, { keys: keys.map(orderedJwk) });
        },
      },
    },
    { id: { prefix: 'oidc', suffix: 'provider-public-keys' } },
  );
