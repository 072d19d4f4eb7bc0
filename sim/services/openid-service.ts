/** An OpenID provider as nodes see it, on a machine that can fail. */
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { SECOND } from '../../core/runtime.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';
import { OpenIdApi } from './openid-api.ts';

export class OpenIdService extends HttpService {
  readonly api: OpenIdApi;

  constructor(simulation: Simulation, name = 'provider') {
    super(simulation, { name, port: 80, title: 'provider' });
    this.api = new OpenIdApi(simulation.crypto, () => Math.floor(this.wall() / SECOND));
    this.api.issuer = this.address;
  }

  protected respond(request: HttpRequest): HttpResponse {
    return this.api.answer(request);
  }
}
