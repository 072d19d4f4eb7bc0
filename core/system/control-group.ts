/** sys/control-group: requests that wait for others to agree (see server/control-groups). */
import type { JsonObject } from '../codec/json.ts';
import { coded, failure } from '../fault.ts';
import type { Call } from '../framework/call.ts';
import { field } from '../framework/field.ts';
import { approve, approvers, deferredOf, encode, isApproved, shownEntity } from '../server/control-groups/deferred.ts';
import type { Deferred } from '../server/control-groups/deferred.ts';
import type { TokenEntry } from '../server/services.ts';
import type { SystemContext } from './context.ts';
import { systemPaths } from './context.ts';

type SystemCall = Call<undefined, object, SystemContext>;

const accessor = field.string('The accessor that the requester was given.', { always: true });

async function tokenOf(given: string, { context }: SystemCall): Promise<TokenEntry> {
  if (given === '') throw coded(400, 'missing accessor');
  const { tokens } = context.node.active().services;
  const known = await tokens.byAccessor(given);
  const entry = known && (await tokens.stored(known.tokenId, true));
  if (entry === undefined) throw coded(400, 'invalid accessor');
  return entry;
}

function shown(deferred: Deferred, now: number): JsonObject {
  const { operation, path, data } = deferred.request;
  return {
    approved: isApproved(deferred, now),
    request_operation: operation,
    request_path: path,
    request_data: Object.keys(data).length === 0 ? null : data,
    request_entity: shownEntity(deferred.entity ?? {}),
    authorizations: approvers(deferred).map(({ entityId, entityName }) => ({
      entity_id: entityId,
      entity_name: entityName,
    })),
  };
}

async function authorize(given: string, call: SystemCall): Promise<JsonObject> {
  const entry = await tokenOf(given, call);
  const { services } = call.context.node.active();
  const entity = await services.identity.entity(call.request.caller?.entityId ?? '');
  if (entity === undefined) throw failure('empty entity ID');
  const groups = (await services.identity.groups(entity)).map(({ name }) => name);
  const name = call.request.caller?.displayName ?? '';
  const now = call.now();
  const changed = await services.tokens.change(entry.id, (token) => {
    const deferred = deferredOf(token);
    if (deferred === undefined) throw failure('token internal meta does not contain control group');
    const agreed = approve(deferred, { entityId: entity.id, name, groups }, now);
    return agreed === deferred ? token : { ...token, internalMeta: encode(agreed) };
  });
  const deferred = changed && deferredOf(changed);
  return { approved: deferred !== undefined && isApproved(deferred, now) };
}

export const controlGroupPaths = systemPaths()
  .path(
    'control-group/authorize',
    'Agrees to a request that waits.',
    { accessor },
    { update: { about: 'Agree to a request.', run: (sent, call) => authorize(sent.accessor, call) } },
  )
  .path(
    'control-group/request',
    'A request that waits.',
    { accessor },
    {
      update: {
        about: 'Show a request and who has agreed to it.',
        run: async (sent, call) => {
          const deferred = deferredOf(await tokenOf(sent.accessor, call));
          if (deferred === undefined) throw coded(400, 'invalid wrapping token');
          return shown(deferred, call.now());
        },
      },
    },
  );
