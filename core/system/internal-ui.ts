/** sys/internal/ui: what the command line and user interfaces ask before they do something. */
import type { JsonObject } from '../codec/json.ts';
import { failure, permissionDenied, refuse } from '../fault.ts';
import type { Request } from '../framework/logical.ts';
import type { Active } from '../server/active.ts';
import type { MountEntry } from '../server/mounts/entry.ts';
import { mountPoint } from '../server/mounts/entry.ts';
import type { Acl } from '../server/services.ts';
import { checkToken } from '../server/auth-check.ts';
import { systemPaths } from './context.ts';
import { mountFacts } from './mount-info.ts';
import { resultantAcl } from './resultant-acl.ts';

/** These paths need no token, but what they show depends on it. */
async function aclOf(request: Request, active: Active): Promise<Acl | undefined> {
  if (request.clientToken === '') return undefined;
  const checked = await checkToken({ ...request, path: 'sys/internal/ui/mounts' }, active.check);
  if (checked.acl === undefined) throw permissionDenied();
  return checked.acl;
}

/** Directly, or through a rule for something below the mount. */
export function canSee(acl: Acl, point: string): boolean {
  if (!acl.capabilities(point).includes('deny')) return true;
  for (const { path, capabilities } of acl.rules()) {
    if (path.startsWith(point) && !capabilities.includes('deny')) return true;
  }
  return false;
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
              if (acl !== undefined && canSee(acl, mountPoint(entry))) out[entry.path] = mountFacts(entry);
              else if (entry.config.listingVisibility === 'unauth') out[entry.path] = publicFacts(entry);
            }
            return out;
          };
          return { secret: shown('mounts'), auth: shown('auth') };
        },
      },
    },
  )
  .path(
    'internal/ui/mounts/:path{.+}',
    'The mount that serves a path.',
    {},
    {
      read: {
        about: 'The mount, if the caller may reach it.',
        run: async ({ path }, { context, request }) => {
          const active = context.node.active();
          if (request.clientToken === '') throw permissionDenied();
          const acl = await aclOf(request, active);
          const route = active.mounts.router.match(path.endsWith('/') ? path : `${path}/`);
          const asked = path.endsWith('/') ? path : `${path}/`;
          if (acl === undefined || route === undefined || !canSee(acl, route.point)) {
            throw refuse(
              `preflight capability check returned 403, please ensure client's policies grant access to path "${route?.point ?? asked}"`,
              403,
            );
          }
          return { ...mountFacts(route.entry), path: route.entry.path };
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
        run: (_, { request }) => {
          if (request.clientToken === '') throw failure('client token empty');
          return {};
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
          if (checked.acl === undefined) throw permissionDenied();
          return resultantAcl(checked.acl);
        },
      },
    },
  );

const publicFacts = (entry: MountEntry): JsonObject => ({
  type: entry.type,
  description: entry.description,
  options: entry.options === undefined ? null : { ...entry.options },
});
