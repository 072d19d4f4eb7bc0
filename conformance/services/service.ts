/** Somebody else's service that a case needs: a stand-in on a port of this machine, fresh for every play. */
import { createServer } from 'node:http';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { InfluxDbApi } from '../../sim/services/influxdb-api.ts';
import { KubernetesApi } from '../../sim/services/kubernetes-api.ts';
import { OpenIdApi } from '../../sim/services/openid-api.ts';
import { RabbitMqApi } from '../../sim/services/rabbitmq-api.ts';
import { isSignedByCluster, oddAnswer } from './kubernetes-tokens.ts';
import { listening } from '../fixtures/listening.ts';
import { startDirectory } from './directory.ts';
import { startNames } from './names.ts';
import { startRadius } from './radius.ts';
import { type Answering, listener } from './http.ts';
import { isKubernetesProtobuf, kubernetesJson } from './kubernetes-protobuf.ts';

/** `address` is where it will be. */
type Service = (address: string) => Answering;

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

/** Those that do not speak HTTP alone. */
const OTHERS = { directory: startDirectory, names: startNames, radius: startRadius } as const;

export type ServiceName = keyof typeof SERVICES | keyof typeof OTHERS;
export const isService = (name: string): name is ServiceName =>
  Object.hasOwn(OTHERS, name) || Object.hasOwn(SERVICES, name);

export interface RunningService {
  readonly address: string;
  /** `METHOD url body`, in order. */
  readonly asked: readonly string[];
  /** What else a case may put in: by name. */
  readonly known?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startService(name: ServiceName): Promise<RunningService> {
  if (name in OTHERS) return OTHERS[name as keyof typeof OTHERS]();
  const make: Service = SERVICES[name as keyof typeof SERVICES];
  let answer: Answering | undefined;
  const asked: string[] = [];
  const noted: Answering = (request) => {
    const body = isKubernetesProtobuf(request.body) ? kubernetesJson(request.body) : request.body;
    asked.push([request.method, request.url, decodeUtf8(body)].join(' ').trim());
    return answer!({ ...request, body });
  };
  const { port, end } = await listening(createServer(listener(noted)));
  const address = `http://127.0.0.1:${port}`;
  answer = make(address);
  return { address, asked, stop: end };
}
