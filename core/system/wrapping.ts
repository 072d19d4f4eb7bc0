/** sys/wrapping: replies put away under a token that can be used once. */
import { isObject, parseObject } from '../codec/json.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import type { Request, Response } from '../framework/logical.ts';
import { reply } from '../framework/reply.ts';
import { SECOND } from '../runtime.ts';
import type { Active } from '../server/active.ts';
import { deferredOf } from '../server/control-groups/deferred.ts';
import { handleRequest } from '../server/request.ts';
import type { Wrapping } from '../server/services.ts';
import { systemPaths } from './context.ts';

const token = field.string('The wrapping token; without it, the one that is used.', { always: true });

/** The request path has made sure that it is a wrapping token. */
const chosen = (sent: string, request: Request): string => (sent === '' ? request.clientToken : sent);

/** What waited for others to agree; undefined: the token holds an answer. The token goes on being good for it. */
async function carryOut(sent: string, request: Request, active: Active): Promise<Response | undefined> {
  const entry = await active.services.tokens.stored(chosen(sent, request), true);
  const deferred = entry && deferredOf(entry);
  if (deferred === undefined) return undefined;
  const { operation, path, data, clientToken } = deferred.request;
  const { wrap: _, caller: __, mount: ___, storage: ____, ...rest } = request;
  const headers = new Map(request.headers).set('x-vault-namespace', [request.namespace.path]);
  const again: Request = { ...rest, operation, path, data, clientToken, headers, approved: true };
  return (await handleRequest(again, active.namespaces.root.realm!)) ?? {};
}

async function unwrap({ services }: Active, sent: string, request: Request): Promise<Response> {
  const { wrapping } = services;
  const text = await wrapping.unwrap(chosen(sent, request), sent === '');
  if (text === '') return { raw: { status: 204, contentType: 'application/json', body: encodeUtf8('') } };
  const { status, body } = statusOf(text);
  return { raw: { status, contentType: 'application/json', body: encodeUtf8(body) } };
}

/** An answer with a status of its own was wrapped as it was printed. */
function statusOf(text: string): { readonly status: number; readonly body: string } {
  const { data } = parseObject(text);
  if (isObject(data)) {
    const { http_status_code: status, http_raw_body: body } = data;
    if (typeof status === 'number' && typeof body === 'string' && body.startsWith('{')) return { status, body };
  }
  return { status: 200, body: text };
}

async function lookup(wrapping: Wrapping, id: string): Promise<Response> {
  const { creationPath, creationTime, creationTtl } = await wrapping.lookup(id);
  return {
    data: {
      creation_path: creationPath,
      creation_time: formatRfc3339(creationTime),
      creation_ttl: Math.floor(creationTtl / SECOND),
    },
  };
}

export const wrappingPaths = systemPaths()
  .path(
    'wrapping/wrap',
    'Wraps what is sent.',
    {},
    {
      update: {
        about: 'Wrap the fields of the body.',
        run: (_, { request }) => {
          if (request.wrap === undefined || request.wrap.ttl === 0) {
            throw refuse('endpoint requires response wrapping to be used');
          }
          return reply({ data: request.data });
        },
      },
    },
    { anyInput: true },
  )
  .path(
    'wrapping/unwrap',
    'Hands out what is wrapped.',
    { token },
    {
      update: {
        about: 'Unwrap.',
        run: async (sent, { context, request }) =>
          reply(
            (await carryOut(sent.token, request, context.node.active())) ??
              (await unwrap(context.node.active(), sent.token, request)),
          ),
      },
    },
    // What is unwrapped is printed as it is, and says nothing of this request.
    { anyInput: true },
  )
  .path(
    'wrapping/lookup',
    'When and where something was wrapped.',
    { token },
    {
      read: {
        about: 'Look a wrapping token up.',
        run: async (sent, { context, request }) =>
          reply(await lookup(context.node.active().services.wrapping, chosen(sent.token, request))),
      },
      update: {
        about: 'Look a wrapping token up.',
        run: async (sent, { context, request }) =>
          reply(await lookup(context.node.active().services.wrapping, chosen(sent.token, request))),
      },
    },
  )
  .path(
    'wrapping/rewrap',
    'Moves what is wrapped to a new token.',
    { token },
    {
      update: {
        about: 'Rewrap.',
        run: async (sent, { context, request }) => {
          const info = await context.node
            .active()
            .services.wrapping.rewrap(chosen(sent.token, request), request.caller?.displayName ?? '');
          return reply({ wrapInfo: info });
        },
      },
    },
  );
