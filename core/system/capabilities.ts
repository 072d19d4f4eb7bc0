/** sys/capabilities*: what a token may do on paths. */
import { asString } from '../codec/json-fields.ts';
import type { JsonObject } from '../codec/json.ts';
import { coded, failure, refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import type { Active } from '../server/active.ts';
import { rightsOf } from '../server/policy/rights.ts';
import type { TokenEntry } from '../server/services.ts';
import { batchEncodingError } from '../server/tokens/batch.ts';
import { systemPaths } from './context.ts';

const pathFields = {
  path: field.commaStrings('The older name of `paths`.', { always: true, deprecated: true }),
  paths: field.commaStrings('The paths to look at.', { always: true }),
};

interface Sent {
  readonly path: readonly string[];
  readonly paths: readonly string[];
}

function pathsOf(sent: Sent): readonly string[] {
  const paths = sent.paths.length > 0 ? sent.paths : sent.path;
  if (paths.length === 0) throw refuse('paths must be supplied');
  return paths;
}

async function capabilities({ check, namespace }: Active, token: TokenEntry, sent: Sent): Promise<JsonObject> {
  const paths = pathsOf(sent);
  const { entity, acl } = await rightsOf(check.context, token);
  if (token.entityId !== '' && (entity === undefined || entity.disabled)) throw coded(400, 'invalid token');
  const found: JsonObject = {};
  for (const path of paths) {
    if (path === '') throw coded(400, 'missing path');
    found[path] = acl.capabilities(namespace.path + path);
  }
  const only = paths.length === 1 ? found[paths[0]!] : undefined;
  if (only !== undefined) found['capabilities'] = only;
  return found;
}

async function ofToken(active: Active, id: string, sent: Sent): Promise<JsonObject> {
  if (id === '') throw failure('no token found');
  pathsOf(sent);
  const wrong = batchEncodingError(id);
  if (wrong !== undefined) throw failure(wrong);
  const token = await active.services.tokens.lookup(id);
  if (token === undefined) throw coded(400, 'invalid token');
  return capabilities(active, token, sent);
}

export const capabilityPaths = systemPaths()
  .path(
    'capabilities-accessor',
    'Capabilities of the token with an accessor.',
    { accessor: field.string('The accessor.', { always: true }), ...pathFields },
    {
      update: {
        about: 'Show capabilities.',
        run: async (sent, { context }) => {
          if (sent.accessor === '') throw refuse('missing accessor');
          const active = context.node.active();
          const entry = await active.services.tokens.byAccessor(sent.accessor);
          if (entry === undefined) throw coded(400, 'invalid accessor');
          return ofToken(active, entry.tokenId, sent);
        },
      },
    },
  )
  .path(
    'capabilities',
    'Capabilities of a token.',
    { token: field.string('The token.', { always: true }), ...pathFields },
    {
      update: {
        about: 'Show capabilities.',
        // A token is a text, and nothing else is made one.
        run: (sent, { context, request }) =>
          ofToken(context.node.active(), asString(request.data['token']) ?? '', sent),
      },
    },
  )
  .path(
    'capabilities-self',
    'Capabilities of the token that is used.',
    { token: field.string('Not used.', { always: true }), ...pathFields },
    {
      update: {
        about: 'Show capabilities.',
        run: async (sent, { context, request }) => {
          const active = context.node.active();
          // Nobody any more when this was its last use.
          const token = await active.services.tokens.lookup(request.clientToken);
          if (token === undefined) throw coded(400, 'invalid token');
          return capabilities(active, token, sent);
        },
      },
    },
  );
