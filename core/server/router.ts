/**
 * Finds the mount that serves a path and hands requests to it, rewritten to the mount's own terms. The table is a map
 * from mount point to mount; a lookup walks the path's slashes from the right, so the longest mount point wins.
 */
import { refuse, unsupportedPath } from '../fault.ts';
import type { MountInfo, Request, Response } from '../framework/logical.ts';
import { pathMatcher, type PathMatcher } from '../framework/path-matcher.ts';
import type { MountEntry } from './mounts/entry.ts';
import { kindOf } from './mounts/defaults.ts';
import { mountPoint, viewPrefix } from './mounts/entry.ts';
import { passedIn } from './mounts/headers.ts';
import type { RoutedMount } from './services.ts';

/** A mount with all that the router works out once. */
export interface Route extends RoutedMount {
  readonly info: MountInfo;
  /** Where its data lives in the barrier, e.g. 'logical/<uuid>/'. */
  readonly prefix: string;
  readonly root: PathMatcher;
  readonly unauthenticated: PathMatcher;
  readonly binary: PathMatcher;
}

export class Router {
  readonly #routes = new Map<string, Route>();
  readonly #resolves: boolean;
  /** The path of the namespace that these mounts are in, while it is being deleted: only revocations still pass. */
  vanishing: string | undefined;

  /** `resolves`: of several spellings of one name the one that is meant is seen. */
  constructor(resolves = true) {
    this.#resolves = resolves;
  }

  add(mount: Omit<RoutedMount, 'point' | 'tainted'>): Route {
    const route = routeOf(mount);
    this.#routes.set(route.point, route);
    return route;
  }

  remove(point: string): void {
    this.#routes.delete(point);
  }

  /** Replaces the row of a mount that stays where it is: tuned, or tainted. */
  replace(entry: MountEntry): void {
    const old = this.#routes.get(mountPoint(entry));
    if (old) this.#routes.set(old.point, { ...routeOf({ ...old, entry }), backend: old.backend });
  }

  /** The mount whose point is the longest prefix of `path`. */
  match(path: string): Route | undefined {
    for (let end = path.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : path.lastIndexOf('/', end - 1)) {
      const found = this.#routes.get(path.slice(0, end + 1));
      if (found) return found;
    }
    return undefined;
  }

  /** Who serves the request; one for 'secret' is for 'secret/' from here on. */
  #serving(request: Request): Route | undefined {
    const route = this.match(request.path);
    if (route !== undefined || request.path.endsWith('/')) return route;
    const above = this.#routes.get(`${request.path}/`);
    if (above !== undefined) request.path = above.point;
    return above;
  }

  at(point: string): Route | undefined {
    return this.#routes.get(point);
  }

  /** A mount at, above or below `point`: two mounts may not overlap. */
  conflict(point: string): string | undefined {
    for (const other of this.#routes.keys()) {
      if (other.startsWith(point) || point.startsWith(other)) return other;
    }
    return undefined;
  }

  /** As upstream looks for it: what follows a mount's accessor does not matter. */
  byAccessor(accessor: string): Route | undefined {
    for (const route of this.#routes.values()) if (accessor.startsWith(route.entry.accessor)) return route;
    return undefined;
  }

  /** The mount that owns a key of the barrier, by its longest prefix: 'sys/' holds more than the system mount's data. */
  byStorageKey(key: string): Route | undefined {
    for (const route of this.#routes.values()) if (key.startsWith(route.prefix)) return route;
    return undefined;
  }

  /** In the order of mounting. */
  all(): Iterable<Route> {
    return this.#routes.values();
  }

  /** Whether the path may be called without a token. */
  isLogin(path: string): boolean {
    const route = this.match(path);
    return route !== undefined && route.unauthenticated.has(relative(route, path));
  }

  /** Whether the path needs sudo. */
  isRoot(path: string): boolean {
    const route = this.match(path);
    return route !== undefined && route.root.has(relative(route, path));
  }

  isBinary(path: string): boolean {
    const route = this.match(path);
    return route !== undefined && route.binary.has(relative(route, path));
  }

  /** As the mount takes its path: of several spellings of one name the one that policies and audit devices see. */
  resolved(request: Request): Request {
    const route = this.#resolves ? this.match(request.path) : undefined;
    const path = route?.backend.resolve?.(relative(route, request.path), request.data);
    return route === undefined || path === undefined ? request : { ...request, path: route.point + path };
  }

  async route(request: Request): Promise<Response | undefined> {
    const route = this.#find(request);
    request.mount = route.info;
    refuseBatch(request, route);
    return route.backend.handle(rewritten(request, route));
  }

  /** Undefined: the path has no existence check. Throws what the backend throws; unsupportedPath when nothing is there. */
  async exists(request: Request): Promise<boolean | undefined> {
    const route = this.#serving(request);
    if (!route) throw unsupportedPath();
    request.mount = route.info;
    refuseBatch(request, route);
    return route.backend.exists(rewritten(request, route));
  }

  #find(request: Request): Route {
    const { path } = request;
    const route = this.#serving(request);
    const ending = request.operation === 'revoke' || request.operation === 'rollback';
    if (this.vanishing !== undefined && !ending) {
      const where = `${quoted(path)} on namespace ${quoted(this.vanishing)}`;
      throw refuse(`no handler for route ${where}. route entry or namespace is tainted.`, 404);
    }
    if (!route) throw refuse(`no handler for route ${quoted(path)}. route entry not found.`, 404);
    if (route.tainted && !ending) {
      const where = `${quoted(path)} on namespace ${quoted(request.namespace.path)}`;
      throw refuse(`no handler for route ${where}. route entry or namespace is tainted.`, 404);
    }
    return route;
  }
}

// Mount points and paths have passed the printable check, so quotes and backslashes are all there is to escape.
const quoted = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const relative = (route: Route, path: string): string => path.slice(route.point.length);

/** Batch tokens have no place in storage, so no cubbyhole either. */
function refuseBatch(request: Request, route: Route): void {
  if (kindOf(route.entry.type) !== 'cubbyhole' || request.caller?.tokenType !== 'batch') return;
  throw refuse("cubbyhole operations are only supported by 'service' type tokens");
}

function rewritten(request: Request, route: Route): Request {
  return {
    ...request,
    path: relative(route, request.path),
    headers: passedIn(request.headers, route.entry),
    mount: route.info,
    storage: route.storage,
  };
}

function routeOf(mount: Omit<RoutedMount, 'point' | 'tainted'>): Route {
  const { entry, backend } = mount;
  const point = mountPoint(entry);
  return {
    entry,
    backend,
    storage: mount.storage,
    system: mount.system,
    point,
    tainted: entry.tainted,
    prefix: viewPrefix(entry),
    info: mountInfo(entry),
    root: pathMatcher(backend.special.root),
    unauthenticated: pathMatcher(backend.special.unauthenticated),
    binary: pathMatcher(backend.special.binary),
  };
}

export function mountInfo(entry: MountEntry): MountInfo {
  return {
    point: mountPoint(entry),
    type: entry.type,
    accessor: entry.accessor,
    class: entry.table === 'auth' ? 'auth' : kindOf(entry.type) === 'system' ? 'system' : 'secret',
    uuid: entry.uuid,
  };
}
