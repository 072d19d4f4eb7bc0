/** sys/internal/specs/openapi: the API of this server as one document, made from what every mount declares. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { print, sortedKeys } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { permissionDenied } from '../fault.ts';
import type { Call } from '../framework/call.ts';
import { field } from '../framework/field.ts';
import type { ApiItem } from '../framework/logical.ts';
import { printable } from '../framework/openapi.ts';
import { struct } from '../framework/openapi-fields.ts';
import { reply } from '../framework/reply.ts';
import { checkToken } from '../server/auth-check.ts';
import type { MountEntry } from '../server/mounts/entry.ts';
import { kindOf } from '../server/mounts/defaults.ts';
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
  const paths: Record<string, ApiItem> = {};
  const schemas: JsonObject = {};
  let info: JsonValue = null;
  const { mounts, namespace } = node.active();
  for (const { backend, point, entry } of mounts.router.all()) {
    const own = backend.openapi?.();
    if (own === undefined) continue;
    info ??= own.info;
    if (acl === undefined || !canSee(acl, namespace.path + point)) continue;
    for (const [path, described] of own.paths) {
      const item = withTag(described, TAGS[kindOf(entry.type)]);
      if (generic && !UNMOVED.has(entry.type))
        paths[`/${genericPoint(entry)}${path.slice(1)}`] = withMount(item, entry);
      else paths[`/${point}${path.slice(1)}`] = item;
    }
    Object.assign(schemas, own.schemas);
  }
  return printable({ info, paths: new Map(sortedKeys(paths).map((path) => [path, paths[path]!])), schemas });
}

/** Upstream takes those of a namespace, which are of types of their own, for mounts like any other. */
const UNMOVED: ReadonlySet<string> = new Set(['cubbyhole', 'identity', 'system', 'token']);

/** Only this document, not the help of a mount, has these tags of their own. */
const TAGS: Readonly<Record<string, string>> = { system: 'system', identity: 'identity', cubbyhole: 'secrets' };

/** The tag on the operations that upstream puts it on. */
function withTag(item: ApiItem, tag: string | undefined): ApiItem {
  if (tag === undefined) return item;
  const tagged = new Map(item);
  for (const method of ['get', 'post', 'delete']) {
    const operation = tagged.get(method);
    if (operation instanceof Map)
      tagged.set(method, struct({ ...BEFORE_TAGS, ...Object.fromEntries(operation), tags: [tag] }));
  }
  return tagged;
}

/** So that tags and parameters stand in their place where there were none. */
const BEFORE_TAGS = { summary: undefined, operationId: undefined, tags: undefined };
const BEFORE_METHODS = { description: undefined, parameters: undefined };

const parameterOf = ({ path }: MountEntry): string => `${path.replace(/\/$/, '').replaceAll('-', '_')}_mount_path`;

const genericPoint = (entry: MountEntry): string => `${entry.table === 'auth' ? 'auth/' : ''}{${parameterOf(entry)}}/`;

/** The mount point as one more parameter of a path. */
function withMount(item: ApiItem, entry: MountEntry): ApiItem {
  const mount = struct({
    name: parameterOf(entry),
    description: 'Path that the backend was mounted at',
    in: 'path',
    schema: struct({ type: 'string', default: entry.path.replace(/\/$/, '') }),
    required: true,
  });
  const old = item.get('parameters');
  const parameters = [...(Array.isArray(old) ? (old as readonly JsonValue[]) : []), mount];
  return struct({ ...BEFORE_METHODS, ...Object.fromEntries(item), parameters });
}
