/** A Kubernetes API as nodes see it, on a machine that can fail. */
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { SECOND } from '../../core/runtime.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';
import { KubernetesApi } from './kubernetes-api.ts';

const REFUSAL: HttpResponse = { status: 503, headers: [], body: new Uint8Array(0) };

export class KubernetesService extends HttpService {
  readonly api: KubernetesApi;

  constructor(simulation: Simulation, name = 'kubernetes') {
    super(simulation, { name, port: 6443, title: 'Kubernetes', refusal: REFUSAL });
    this.api = new KubernetesApi({
      namespaces: { apps: {} },
      objects: [],
      longestToken: 24 * 3600,
      now: () => Math.floor(simulation.world.now / SECOND),
    });
  }

  /** As the engine is configured with. */
  get config(): Readonly<Record<string, string | boolean>> {
    return { kubernetes_host: this.address, service_account_jwt: this.api.token, disable_local_ca_jwt: true };
  }

  /** Names of what was made in the cluster, by kind and place. */
  get made(): readonly string[] {
    return [...this.api.objects.keys()];
  }

  protected respond(request: HttpRequest): HttpResponse {
    return this.api.answer(request);
  }
}
