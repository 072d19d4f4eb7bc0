/** A Kubernetes API as nodes see it, on a machine that can fail. */
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';
import { KubernetesApi } from './kubernetes-api.ts';

/** The account that may have tokens reviewed. */
const REVIEWER = 'apps/openbao';

export class KubernetesService extends HttpService {
  readonly api: KubernetesApi;
  /** When a service account went, by its uid. */
  readonly #gone = new Map<string, Micros>();

  constructor(simulation: Simulation, name = 'kubernetes') {
    super(simulation, { name, port: 6443, title: 'Kubernetes' });
    this.api = new KubernetesApi({
      namespaces: { apps: {} },
      objects: [],
      reviewers: [REVIEWER],
      longestToken: 24 * 3600,
      now: () => Math.floor(this.wall() / SECOND),
    });
  }

  /** As the engine is configured with. */
  get config(): Readonly<Record<string, string | boolean>> {
    return { kubernetes_host: this.address, service_account_jwt: this.api.token, disable_local_ca_jwt: true };
  }

  /** As logins are configured with: asked is as an account of its own, which nobody takes away. */
  get loginConfig(): Readonly<Record<string, string | boolean>> {
    if (!this.api.has(REVIEWER)) this.api.make(REVIEWER);
    const token_reviewer_jwt = this.api.tokenFor(REVIEWER);
    // Without TLS nobody looks at it, but it has to be there.
    return {
      kubernetes_host: this.address,
      kubernetes_ca_cert: 'none',
      disable_local_ca_jwt: true,
      token_reviewer_jwt,
    };
  }

  /** Service accounts (`namespace/name`) but the one that reviews are asked as. */
  get accounts(): readonly string[] {
    return this.api.accounts.filter((account) => account !== REVIEWER);
  }

  /** Deletes an account and makes another of the same name, for which the old tokens are not good. */
  replace(account: string): void {
    this.#gone.set(this.api.unmake(account), this.simulation.world.now);
    this.api.make(account);
  }

  /** Undefined while the account is there. */
  goneSince(uid: string): Micros | undefined {
    return this.#gone.get(uid);
  }

  /** Names of what was made in the cluster, by kind and place. */
  get made(): readonly string[] {
    return [...this.api.objects.keys()];
  }

  protected respond(request: HttpRequest): HttpResponse {
    return this.api.answer(request);
  }
}
