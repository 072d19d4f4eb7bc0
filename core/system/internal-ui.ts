/** sys/internal/ui: what the command line and user interfaces ask before they do something. */
import { field } from '../framework/field.ts';
import { quote } from '../codec/go-quote.ts';
import type { JsonObject } from '../codec/json.ts';
import { failure, permissionDenied, refuse } from '../fault.ts';
import type { Request } from '../framework/logical.ts';
import type { Active } from '../server/active.ts';
import type { MountEntry } from '../server/mounts/entry.ts';
import { mountPoint } from '../server/mounts/entry.ts';
import type { Acl } from '../server/services.ts';
import { type Checked, checkToken } from '../server/auth-check.ts';
import { nameOf } from '../server/namespaces/node.ts';
import { systemPaths } from './context.ts';
import { mountServing } from './mount-place.ts';
import { here } from './namespaces.ts';
import { mountFacts } from './mount-info.ts';
import { resultantAcl } from './resultant-acl.ts';

/** These paths need no token, but what they show depends on it. */
async function aclOf(request: Request, active: Active): Promise<Acl | undefined> {
  if (request.clientToken === '') return undefined;
  // As far as anybody may see them without a token, a standby knows best: it asks nobody about a token it does not know.
  if (active.standby && (await active.services.tokens.lookup(request.clientToken)) === undefined) {
    throw permissionDenied();
  }
  const checked = await checkToken({ ...request, path: 'sys/internal/ui/mounts' }, active.check);
  if (checked.acl === undefined) throw refusalOf(checked);
  return checked.acl;
}

/** What is wrong with a token is not told, unless its policies come to no rights at all. */
const refusalOf = ({ denied }: Checked): Error => (denied?.message === 'internal error' ? denied : permissionDenied());

/** Directly, or through a rule for something below the mount. `point` begins with the namespace's path. */
export function canSee(acl: Acl, point: string): boolean {
  if (!acl.capabilities(point).includes('deny')) return true;
  for (const { kind, path, capabilities } of acl.rules()) {
    const below = kind === 'segments' ? beginsLike(path, point) : path.startsWith(point);
    if (below && !capabilities.includes('deny')) return true;
  }
  return false;
}

/** Whether a pattern with '+' is for something below `point`. */
function beginsLike(pattern: string, point: string): boolean {
  const parts = pattern.split('/');
  const names = point.replace(/\/$/, '').split('/');
  return parts.length > names.length && names.every((name, i) => parts[i] === '+' || parts[i] === name);
}

export const uiPaths = systemPaths()
  .path(
    'internal/ui/mounts',
    'The mounts that the caller can see.',
    {},
    {
      read: {
        about: 'By table and path.',
        run: async (_, { context, request }) => {
          const active = context.node.active();
          const acl = await aclOf(request, active);
          const shown = (table: 'mounts' | 'auth'): JsonObject => {
            const out: JsonObject = {};
            for (const entry of active.mounts.list(table)) {
              const unlocked = entry.config.listingVisibility === 'unauth';
              if (acl === undefined) {
                if (unlocked) out[entry.path] = publicFacts(entry);
              } else if (unlocked || canSee(acl, active.namespace.path + mountPoint(entry))) {
                out[entry.path] = mountFacts(entry);
              }
            }
            return out;
          };
          return { secret: shown('mounts'), auth: shown('auth') };
        },
      },
    },
  )
  .path(
    'internal/ui/mounts/:path+',
    'The mount that serves a path.',
    { path: field.string('The path.', { required: true }) },
    {
      read: {
        about: 'The mount, if the caller may reach it.',
        run: async ({ path }, { context, request }) => {
          const active = context.node.active();
          if (request.clientToken === '') throw permissionDenied();
          const acl = await aclOf(request, active);
          const asked = path.endsWith('/') ? path : `${path}/`;
          const place = mountServing(context.node, asked);
          if (acl === undefined || place === undefined || !canSee(acl, place.namespacePath + place.route.point)) {
            throw refuse(
              `preflight capability check returned 403, please ensure client's policies grant access to path ${quote(asked)}`,
              403,
            );
          }
          const { entry, point } = place.route;
          const elsewhere = place.namespacePath !== active.namespace.path;
          return { ...mountFacts(entry), path: elsewhere ? place.namespacePath + point : entry.path };
        },
      },
    },
  )
  .path(
    'internal/ui/namespaces',
    'The namespaces that the caller can see.',
    {},
    {
      read: {
        about: 'Names.',
        run: async (_, { context, request }) => {
          if (request.clientToken === '') throw failure('client token empty');
          const active = context.node.active();
          const acl = await aclOf(request, active);
          const children = [...here(active).children.values()];
          const seen = children.filter(({ entry }) => acl !== undefined && canSee(acl, entry.path));
          return seen.length === 0 ? {} : { keys: seen.map(({ entry }) => `${nameOf(entry)}/`) };
        },
      },
    },
  )
  .path(
    'internal/ui/resultant-acl',
    'What the caller may do.',
    {},
    {
      read: {
        about: 'The merged policies of the caller.',
        run: async (_, { context, request }) => {
          const checked = await checkToken(
            { ...request, path: 'sys/internal/ui/resultant-acl' },
            context.node.active().check,
          );
          if (checked.acl === undefined) throw refusalOf(checked);
          return resultantAcl(checked.acl, request.namespace.path);
        },
      },
    },
  );

const publicFacts = (entry: MountEntry): JsonObject => ({
  type: entry.type,
  description: entry.description,
  options: entry.options === undefined ? null : { ...entry.options },
});
