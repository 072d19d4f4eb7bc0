/** sys/capabilities*: what a token may do on paths. */
import type { JsonObject } from '../codec/json.ts';
import { coded, failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { rootNamespace } from '../server/leases/internal-request.ts';
import type { Acl, Services, TokenEntry } from '../server/services.ts';
import { systemPaths } from './context.ts';

const pathFields = {
  path: field.commaStrings('The older name of `paths`.', { default: [], deprecated: true }),
  paths: field.commaStrings('The paths to look at.', { default: [] }),
};

interface Sent {
  readonly path: readonly string[];
  readonly paths: readonly string[];
}

async function aclOf(services: Services, token: TokenEntry): Promise<Acl> {
  const entity = token.entityId === '' ? undefined : await services.identity.entity(token.entityId);
  if (token.entityId !== '' && (entity === undefined || entity.disabled)) throw coded(400, 'invalid token');
  const derived = entity === undefined || token.noIdentityPolicies ? [] : await services.identity.policies(entity);
  return services.policies.acl({
    namespace: rootNamespace,
    policies: [...token.policies, ...derived],
    ...(entity && { entity }),
    ...(token.inlinePolicy !== '' && { inlinePolicy: token.inlinePolicy }),
  });
}

async function capabilities(services: Services, token: TokenEntry, sent: Sent): Promise<JsonObject> {
  const paths = sent.paths.length > 0 ? sent.paths : sent.path;
  if (paths.length === 0) throw refuse('paths must be supplied');
  const acl = await aclOf(services, token);
  const found: JsonObject = {};
  for (const path of paths) {
    if (path === '') throw coded(400, 'missing path');
    found[path] = acl.capabilities(path);
  }
  const only = paths.length === 1 ? found[paths[0]!] : undefined;
  if (only !== undefined) found['capabilities'] = only;
  return found;
}

async function ofToken(services: Services, id: string, sent: Sent): Promise<JsonObject> {
  if (id === '') throw failure('no token found');
  const token = await services.tokens.lookup(id);
  if (token === undefined) throw coded(400, 'invalid token');
  return capabilities(services, token, sent);
}

export const capabilityPaths = systemPaths()
  .path(
    'capabilities-accessor',
    'Capabilities of the token with an accessor.',
    { accessor: field.string('The accessor.', { default: '' }), ...pathFields },
    {
      update: {
        about: 'Show capabilities.',
        run: async (sent, { context }) => {
          if (sent.accessor === '') throw refuse('missing accessor');
          const { services } = context.node.active();
          const entry = await services.tokens.byAccessor(sent.accessor);
          if (entry === undefined) throw coded(400, 'invalid accessor');
          return ofToken(services, entry.tokenId, sent);
        },
      },
    },
  )
  .path(
    'capabilities',
    'Capabilities of a token.',
    { token: field.string('The token.', { default: '' }), ...pathFields },
    {
      update: {
        about: 'Show capabilities.',
        run: (sent, { context }) => ofToken(context.node.active().services, sent.token, sent),
      },
    },
  )
  .path(
    'capabilities-self',
    'Capabilities of the token that is used.',
    { token: field.string('Not used.', { default: '' }), ...pathFields },
    {
      update: {
        about: 'Show capabilities.',
        run: async (sent, { context, request }) => {
          const { services } = context.node.active();
          // Nobody any more when this was its last use.
          const token = await services.tokens.lookup(request.clientToken);
          if (token === undefined) throw coded(400, 'invalid token');
          return capabilities(services, token, sent);
        },
      },
    },
  );
