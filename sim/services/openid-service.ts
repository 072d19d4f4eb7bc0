/** An OpenID provider as nodes see it, on a machine that can fail. */
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { SECOND } from '../../core/runtime.ts';
import { EPOCH } from '../clock.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';
import { OpenIdApi } from './openid-api.ts';

const REFUSAL: HttpResponse = { status: 503, headers: [], body: new Uint8Array(0) };

export class OpenIdService extends HttpService {
  readonly api: OpenIdApi;
  #isUp = true;

  constructor(simulation: Simulation, name = 'provider') {
    super(simulation, { name, port: 80, title: 'provider', refusal: REFUSAL });
    this.api = new OpenIdApi(simulation.crypto, () => Math.floor((EPOCH + simulation.world.now) / SECOND));
    this.api.issuer = this.address;
  }

  /** Whether it answers as it should. */
  get isUp(): boolean {
    return this.#isUp;
  }

  override down(): void {
    this.#isUp = false;
    super.down();
  }

  override refuse(): void {
    this.#isUp = false;
    super.refuse();
  }

  override loseAnswers(): void {
    this.#isUp = false;
    super.loseAnswers();
  }

  override up(): void {
    this.#isUp = true;
    super.up();
  }

  protected respond(request: HttpRequest): HttpResponse {
    return this.api.answer(request);
  }
}
