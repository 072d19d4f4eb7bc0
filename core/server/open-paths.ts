/** What a listener may show without a token, whether the node is sealed or not: the requests under way, profiles. */
import { print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { createBackend } from '../framework/backend.ts';
import { engine } from '../framework/engine.ts';
import type { Backend, Request, Response } from '../framework/logical.ts';
import { RouteTable } from '../framework/routes.ts';
import type { Runtime } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';
import { type PprofContext, pprofPaths, type Profiler } from '../system/pprof.ts';
import { bareContext } from './bare-context.ts';
import type { InFlight } from './in-flight.ts';

const INDEX = 'pprof/';
const profiles = engine<undefined, object, PprofContext>({ type: 'system', about: 'Profiles.' }).include(pprofPaths);
const routes = new RouteTable(pprofPaths.paths);

export class OpenPaths {
  readonly #runtime: Runtime;
  readonly #inFlight: InFlight;
  readonly #profiles: Backend;

  constructor(runtime: Runtime, storage: Storage, inFlight: InFlight, profiler: Profiler) {
    this.#runtime = runtime;
    this.#inFlight = inFlight;
    this.#profiles = createBackend(profiles, { ...bareContext(runtime, storage), node: { profiler } });
  }

  /** Names that there are not lead to the list of those that there are. */
  async handle(request: Request): Promise<Response | undefined> {
    const done = this.#inFlight.begin(request, this.#runtime.clock.wall());
    try {
      const path = request.path.slice('sys/'.length);
      if (path === 'in-flight-req') {
        const body = encodeUtf8(`${print(this.#inFlight.list())}\n`);
        return { raw: { status: 200, contentType: 'application/json', body } };
      }
      const known = routes.find(path) !== undefined;
      return await this.#profiles.handle({ ...request, path: known ? path : INDEX });
    } finally {
      done();
    }
  }
}
