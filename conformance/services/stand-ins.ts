/** What answers for somebody else's HTTP services, whether on a port of this machine or on a simulated one. */
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { InfluxDbApi } from '../../sim/services/influxdb-api.ts';
import { KubernetesApi } from '../../sim/services/kubernetes-api.ts';
import { OpenIdApi } from '../../sim/services/openid-api.ts';
import { RabbitMqApi } from '../../sim/services/rabbitmq-api.ts';
import type { Answering } from './http.ts';
import { isKubernetesProtobuf, kubernetesJson } from './kubernetes-protobuf.ts';
import { isSignedByCluster, oddAnswer } from './kubernetes-tokens.ts';

/** `address` is where it will be, `now` Unix seconds. */
type StandIn = (address: string, now: () => number) => Answering;

/** That log in, by the uids that their tokens in the cases have. */
const ACCOUNTS = ['default/app', 'default/other', 'other/app', 'default/lowly'].map(
  (name) => `serviceaccounts ${name}`,
);

export const STAND_INS = {
  influxdb: () => {
    const api = new InfluxDbApi('adm', 'secret', { joe: 'secret' });
    return (request) => api.answer(request);
  },
  rabbitmq: () => {
    const api = new RabbitMqApi();
    return (request) => api.answer(request);
  },
  kubernetes: (_, now) => {
    const api = new KubernetesApi({
      namespaces: { default: { team: 'a', tier: 'one' }, other: { team: 'b' } },
      objects: ['serviceaccounts default/sample', 'roles default/reader', 'clusterroles /viewer', ...ACCOUNTS],
      longestToken: 24 * 3600,
      reviewers: ['default/app', 'default/other', 'other/app'],
      signed: isSignedByCluster,
      odd: oddAnswer,
      now,
    });
    return (request) => api.answer(readable(request));
  },
  openid: (address, now) => {
    const api = new OpenIdApi(portableCrypto(), now);
    api.issuer = address;
    return (request) => api.answer(request);
  },
} as const satisfies Record<string, StandIn>;

export type StandInName = keyof typeof STAND_INS;
export const isStandIn = (name: string): name is StandInName => Object.hasOwn(STAND_INS, name);

/** `METHOD url body`. */
export const askedText = (request: Parameters<Answering>[0]): string => {
  const { method, url, body } = readable(request);
  return [method, url, decodeUtf8(body)].join(' ').trim();
};

const readable = (request: Parameters<Answering>[0]): Parameters<Answering>[0] =>
  isKubernetesProtobuf(request.body) ? { ...request, body: kubernetesJson(request.body) } : request;
