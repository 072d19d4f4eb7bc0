/** AWS as nodes see it: IAM and STS on a machine that can fail. */
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import type { Simulation } from '../simulation.ts';
import { AwsApi } from './aws-api.ts';
import { HttpService } from './http-service.ts';

export class AwsService extends HttpService {
  readonly api: AwsApi;

  constructor(simulation: Simulation, name = 'aws') {
    super(simulation, { name, port: 443, title: 'cloud' });
    this.api = new AwsApi(simulation.crypto, () => this.wall());
  }

  /** As the engine is configured with. */
  get configuration(): Readonly<Record<string, string>> {
    const { accessKey: access_key, secretKey: secret_key } = this.api.admin;
    return { access_key, secret_key, iam_endpoint: this.address, sts_endpoint: this.address };
  }

  /** Users that are not the engine's own. */
  get lent(): readonly string[] {
    return [...this.api.users.keys()].filter((name) => name !== this.api.admin.name);
  }

  protected respond(request: HttpRequest): HttpResponse {
    return this.api.answer(request);
  }
}
