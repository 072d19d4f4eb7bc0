/** identity/oidc/config, and who the server says it is in tokens. */
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { Raw } from '../../../framework/logical.ts';
import type { Reply } from '../../../framework/reply.ts';
import { reply } from '../../../framework/reply.ts';
import type { JsonValue } from '../../../codec/json.ts';
import { print } from '../../../codec/json.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { orderedJwk } from '../../../crypto/jws/secret-jwk.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { publicKeysOf, SIGNING_ALGORITHMS } from './keys.ts';

export const ISSUER_WARNING =
  'If "issuer" is set explicitly, all tokens must be validated against that address, including those issued by secondary clusters. Setting issuer to "" will restore the default behavior of using the cluster\'s api_addr as the issuer.';

const ISSUER = /^https?:\/\/(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:[\]]+)(:\d+)?$/i;

/** Scheme, host and perhaps a port. */
export function checkIssuer(issuer: string): void {
  if (!ISSUER.test(issuer)) {
    throw refuse(
      'invalid issuer, which must include only a scheme, host, and optional port (e.g. https://example.com:8200)',
    );
  }
}

/** A JSON document of its own, without the envelope. */
export const document = (status: number, value: JsonValue, headers: Readonly<Record<string, string>> = {}): Reply => {
  const raw: Raw = { status, contentType: 'application/json', body: encodeUtf8(print(value)) };
  const all = Object.entries(headers).map(([name, text]) => [name, [text]] as const);
  return reply({ raw, ...(all.length > 0 && { headers: Object.fromEntries(all) }) });
};

export async function tokenIssuer({ store, context, request }: IdentityCall): Promise<string> {
  const given = (await store.issuerConfig.get(''))?.issuer ?? '';
  return `${given || context.server.apiAddr}/v1/${request.namespace.path}identity/oidc`;
}

/** Keys that roles sign with. */
async function roleKeys({ store }: IdentityCall): Promise<Set<string>> {
  const names = new Set<string>();
  for (const name of await store.roles.list()) {
    const role = await store.roles.get(name);
    if (role !== undefined) names.add(role.key);
  }
  return names;
}

export const roleKeySet = async (call: IdentityCall) => publicKeysOf(await roleKeys(call), call.store);

export const issuerPaths = identityPaths()
  .path(
    'oidc/config/?',
    'The issuer of identity tokens.',
    { issuer: field.string("The issuer's address: scheme, host and port. The server's own unless given.") },
    {
      read: {
        id: { suffix: 'configuration' },
        run: async (_, { store }) => ({ issuer: (await store.issuerConfig.get(''))?.issuer ?? '' }),
      },
      update: {
        id: { verb: 'configure' },
        forward: true,
        run: async ({ issuer }, { store, state }) => {
          if (issuer !== undefined && issuer !== '') checkIssuer(issuer);
          await state.oidc.run(async () => {
            const old = (await store.issuerConfig.get(''))?.issuer ?? '';
            await store.issuerConfig.put('', { issuer: issuer ?? old });
          });
          return issuer === undefined || issuer === '' ? undefined : reply({ warnings: [ISSUER_WARNING] });
        },
      },
    },
    { id: { prefix: 'oidc' } },
  )
  .path(
    String.raw`oidc/\.well-known/openid-configuration/?`,
    'Where verifiers of identity tokens find what they need.',
    {},
    {
      read: {
        run: async (_, call) => {
          const issuer = await tokenIssuer(call);
          return document(
            200,
            new Map<string, JsonValue>([
              ['issuer', issuer],
              ['jwks_uri', `${issuer}/.well-known/keys`],
              ['response_types_supported', ['id_token']],
              ['subject_types_supported', ['public']],
              ['id_token_signing_alg_values_supported', SIGNING_ALGORITHMS],
            ]),
            { 'Cache-Control': 'max-age=3600' },
          );
        },
      },
    },
    { unauthenticated: 'oidc/.well-known/*', id: { prefix: 'oidc', suffix: 'open-id-configuration' } },
  )
  .path(
    String.raw`oidc/\.well-known/keys/?`,
    'Public keys of identity tokens.',
    {},
    {
      read: {
        run: async (_, call) => {
          const keys = await roleKeySet(call);
          const seconds = Math.floor((call.state.nextRun - call.now()) / 1_000_000);
          // Spread at random, so that verifiers do not all come at once.
          const age = keys.length > 0 && seconds > 0 ? call.random.below(seconds) : 0;
          return document(200, { keys: keys.map(orderedJwk) }, age > 0 ? { 'Cache-Control': `max-age=${age}` } : {});
        },
      },
    },
    { id: { prefix: 'oidc', suffix: 'public-keys' } },
  );
