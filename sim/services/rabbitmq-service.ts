/** A RabbitMQ broker as nodes see it: its management API on a machine that can fail. */
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';
import { RabbitMqApi } from './rabbitmq-api.ts';

export class RabbitMqService extends HttpService {
  readonly api = new RabbitMqApi();

  constructor(simulation: Simulation, name = 'rabbitmq') {
    super(simulation, { name, port: 15_672, title: 'broker' });
  }

  /** As the engine is configured with. */
  get connection(): { readonly connection_uri: string; readonly username: string; readonly password: string } {
    const { name: username, password } = this.api.admin;
    return { connection_uri: this.address, username, password };
  }

  protected respond(request: HttpRequest): HttpResponse {
    return this.api.answer(request);
  }
}
