/** Somebody else's service that a case needs: a stand-in on a port of this machine, fresh for every play. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { RabbitMqApi } from '../../sim/services/rabbitmq-api.ts';

type Answering = (request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>) => HttpResponse;

const SERVICES = {
  rabbitmq: (): Answering => {
    const api = new RabbitMqApi();
    return (request) => api.answer(request);
  },
} as const;

export type ServiceName = keyof typeof SERVICES;
export const isService = (name: string): name is ServiceName => Object.hasOwn(SERVICES, name);

export interface RunningService {
  readonly address: string;
  /** `METHOD url body`, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export async function startService(name: ServiceName): Promise<RunningService> {
  const answer = SERVICES[name]();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const body = Buffer.concat(parts);
      asked.push([method, url, body.toString()].join(' ').trim());
      const headers = new Map(Object.entries(request.headers).map(([key, value]) => [key, [value].flat() as string[]]));
      const { status, headers: lines, body: told } = answer({ method, url, headers, body });
      response.writeHead(status, lines.flat());
      response.end(told);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
