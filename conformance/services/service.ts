/** Somebody else's service that a case needs: a stand-in on a port of this machine, fresh for every play. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { InfluxDbApi } from '../../sim/services/influxdb-api.ts';
import { KubernetesApi } from '../../sim/services/kubernetes-api.ts';
import { OpenIdApi } from '../../sim/services/openid-api.ts';
import { RabbitMqApi } from '../../sim/services/rabbitmq-api.ts';
import { isSignedByCluster, oddAnswer } from './kubernetes-tokens.ts';
import { startDirectory } from './directory.ts';
import { isKubernetesProtobuf, kubernetesJson } from './kubernetes-protobuf.ts';

/** `address` is where it will be. */
type Service = (address: string) => Answering;
type Answering = (request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>) => HttpResponse;

/** That log in, by the uids that their tokens in the cases have. */
const ACCOUNTS = ['default/app', 'default/other', 'other/app', 'default/lowly'].map(
  (name) => `serviceaccounts ${name}`,
);

const SERVICES = {
  influxdb: (): Answering => {
    const api = new InfluxDbApi('adm', 'secret', { joe: 'secret' });
    return (request) => api.answer(request);
  },
  rabbitmq: (): Answering => {
    const api = new RabbitMqApi();
    return (request) => api.answer(request);
  },
  kubernetes: (): Answering => {
    const api = new KubernetesApi({
      namespaces: { default: { team: 'a', tier: 'one' }, other: { team: 'b' } },
      objects: ['serviceaccounts default/sample', 'roles default/reader', 'clusterroles /viewer', ...ACCOUNTS],
      longestToken: 24 * 3600,
      reviewers: ['default/app', 'default/other', 'other/app'],
      signed: isSignedByCluster,
      odd: oddAnswer,
      now: () => Math.floor(Date.now() / 1_000),
    });
    return (request) => api.answer(request);
  },
  openid: (address: string): Answering => {
    const api = new OpenIdApi(portableCrypto(), () => Math.floor(Date.now() / 1_000));
    api.issuer = address;
    return (request) => api.answer(request);
  },
} as const satisfies Record<string, Service>;

export type ServiceName = keyof typeof SERVICES | 'directory';
export const isService = (name: string): name is ServiceName => name === 'directory' || Object.hasOwn(SERVICES, name);

export interface RunningService {
  readonly address: string;
  /** `METHOD url body`, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export async function startService(name: ServiceName): Promise<RunningService> {
  if (name === 'directory') return startDirectory();
  const make: Service = SERVICES[name];
  let answer: Answering | undefined;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const sent = Buffer.concat(parts);
      const body = isKubernetesProtobuf(sent) ? kubernetesJson(sent) : sent;
      asked.push([method, url, decodeUtf8(body)].join(' ').trim());
      const headers = new Map(Object.entries(request.headers).map(([key, value]) => [key, [value].flat() as string[]]));
      const { status, headers: lines, body: told } = answer!({ method, url, headers, body });
      response.writeHead(status, lines.flat());
      response.end(told);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answer = make(address);
  return {
    address,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
