/** sys/internal/specs/openapi: the API of this server as one document, made from what every mount declares. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { isObject, print, sortedKeys } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { permissionDenied } from '../fault.ts';
import type { Call } from '../framework/call.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { checkToken } from '../server/auth-check.ts';
import type { MountEntry } from '../server/mounts/entry.ts';
import { SINGLETONS } from '../server/mounts/protected.ts';
import type { Acl } from '../server/services.ts';
import { systemPaths } from './context.ts';
import type { SystemContext, SystemNode } from './context.ts';
import { canSee } from './internal-ui.ts';

const openapiFields = {
  context: field.string('Where the document will be used; changes nothing here.'),
  generic_mount_paths: field.bool('Whether mount points are parameters.', { default: false, query: true }),
};

async function document(
  { generic_mount_paths: generic }: { readonly generic_mount_paths: boolean },
  { context, request }: Call<undefined, object, SystemContext>,
) {
  const { node } = context;
  const checked = request.clientToken === '' ? undefined : await checkToken({ ...request }, node.active().check);
  if (checked !== undefined && checked.acl === undefined) throw permissionDenied();
  const body = encodeUtf8(print(describe(node, checked?.acl, generic)));
  return reply({ raw: { status: 200, contentType: 'application/json', body } });
}

export const openapiPaths = systemPaths().path(
  'internal/specs/openapi',
  'The API as an OpenAPI document.',
  openapiFields,
  {
    read: { about: 'The document, of the mounts that the caller can see.', run: document },
    update: { about: 'The same, with the context in the body.', run: document },
  },
);

function describe(node: SystemNode, acl: Acl | undefined, generic: boolean): JsonValue {
  const paths = new Map<string, JsonValue>();
  const schemas: JsonObject = {};
  let info: JsonValue = null;
  for (const { backend, point, entry } of node.active().mounts.router.all()) {
    const own = backend.openapi?.();
    if (own === undefined) continue;
    info ??= own['info'] ?? null;
    if (acl === undefined || !canSee(acl, point)) continue;
    const declared = own['paths'];
    for (const [path, described] of declared instanceof Map ? (declared as ReadonlyMap<string, JsonValue>) : []) {
      const item = withTag(described, TAGS[entry.type]);
      if (generic && !SINGLETONS.has(entry.type))
        paths.set(`/${genericPoint(entry)}${path.slice(1)}`, withMount(item, entry));
      else paths.set(`/${point}${path.slice(1)}`, item);
    }
    const components = own['components'];
    if (isObject(components) && isObject(components['schemas'])) Object.assign(schemas, components['schemas']);
  }
  const sorted = new Map(sortedKeys(Object.fromEntries(paths)).map((path) => [path, paths.get(path)!]));
  return new Map<string, JsonValue>([
    ['openapi', '3.0.2'],
    ['info', info],
    ['paths', sorted],
    ['components', { schemas }],
  ]);
}

/** Only this document, not the help of a mount, has these tags of their own. */
const TAGS: Readonly<Record<string, string>> = { system: 'system', identity: 'identity' };

/** The tag on the operations that upstream puts it on. */
function withTag(item: JsonValue, tag: string | undefined): JsonValue {
  if (tag === undefined || !isObject(item)) return item;
  const tagged = { ...item };
  for (const method of ['get', 'post', 'delete']) {
    const operation = tagged[method];
    if (isObject(operation)) tagged[method] = { ...operation, tags: [tag] };
  }
  return tagged;
}

const parameterOf = ({ path }: MountEntry): string => `${path.replace(/\/$/, '').replaceAll('/', '_')}_mount_path`;

const genericPoint = (entry: MountEntry): string => `${entry.table === 'auth' ? 'auth/' : ''}{${parameterOf(entry)}}/`;

/** The mount point as one more parameter of a path. */
function withMount(item: JsonValue, entry: MountEntry): JsonValue {
  const parameter = new Map<string, JsonValue>([
    ['name', parameterOf(entry)],
    ['description', 'Path that the backend was mounted at'],
    ['in', 'path'],
    [
      'schema',
      new Map([
        ['type', 'string'],
        ['default', entry.path.replace(/\/$/, '')],
      ]),
    ],
    ['required', true],
  ]);
  const fields =
    item instanceof Map ? [...(item as ReadonlyMap<string, JsonValue>)] : Object.entries(item as JsonObject);
  const old = fields.find(([name]) => name === 'parameters')?.[1];
  const parameters = [...(Array.isArray(old) ? (old as readonly JsonValue[]) : []), parameter];
  const rest = fields.filter(([name]) => name !== 'parameters');
  const head = rest.filter(([name]) => name === 'description');
  return new Map<string, JsonValue>([
    ...head,
    ['parameters', parameters],
    ...rest.filter(([name]) => name !== 'description'),
  ]);
}
