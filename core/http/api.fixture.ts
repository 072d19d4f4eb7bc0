/** A node that answers what a test wants, for tests of the HTTP layer. */
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Request, Response } from '../framework/logical.ts';
import type { Runtime } from '../runtime.ts';
import type { ApiNode, Health, SealStatus } from './api.ts';
import { createHttpHandler } from './handler.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

const health: Health = {
  initialised: true,
  sealed: false,
  standby: false,
  performanceMode: 'disabled',
  drMode: 'disabled',
  clusterName: 'vault-cluster-95e85baf',
  clusterId: 'c3107f6b-873c-a220-fc8d-e52bc9b1e8de',
};
export const sealStatus: SealStatus = {
  type: 'shamir',
  initialised: true,
  sealed: false,
  threshold: 1,
  shares: 1,
  progress: 0,
  nonce: '',
  recoverySeal: false,
  migration: false,
  storageType: 'inmem',
};

const unexpected = (): never => {
  throw new Error('not expected in this test');
};

/** Requests that reached the request path are in `seen`. */
export interface FakeNode extends ApiNode {
  readonly seen: Request[];
}

export function fakeNode(
  changes: Partial<ApiNode> & { answer?: (request: Request) => Response | undefined; state?: Partial<Health> } = {},
): FakeNode {
  const seen: Request[] = [];
  const { answer = () => undefined, state = {}, ...rest } = changes;
  return {
    runtime: {
      clock: { wall: () => 1_795_390_352_000_000 },
      random: { bytes: (length: number) => new Uint8Array(length) },
      cpu: { spend() {} },
      log: { write() {} },
      trace() {},
    } as unknown as Runtime,
    options: {
      version: '2.7.2',
      commitDate: '2026-10-26T20:32:27Z',
      indexHeaders: true,
      maxRequestSize: 100_000,
      maxJsonMemory: 100_000,
      maxJsonStrings: 1_000,
      ui: true,
    },
    health: () => Promise.resolve({ ...health, ...state }),
    sealStatus: () => Promise.resolve({ ...sealStatus, sealed: state.sealed ?? false }),
    leader: () => Promise.resolve({ haEnabled: false }),
    initialised: () => Promise.resolve(true),
    initialise: unexpected,
    unseal: unexpected,
    resetUnseal: unexpected,
    seal: unexpected,
    stepDown: () => Promise.resolve(),
    handle: (request) => {
      seen.push(request);
      return Promise.resolve(request).then(answer);
    },
    isBinary: () => false,
    route: () => 'local',
    forward: unexpected,
    activeAddress: () => Promise.resolve(undefined),
    index: () => undefined,
    ...rest,
    seen,
  };
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** `ask(node, 'GET /v1/sys/health')`. Undefined: the connection was dropped. */
export async function exchange(node: ApiNode, line: string, asked: Asked = {}): Promise<HttpResponse | undefined> {
  const space = line.indexOf(' ');
  const request: HttpRequest = {
    method: line.slice(0, space),
    url: line.slice(space + 1),
    headers: new Map(Object.entries(asked.headers ?? {}).map(([name, value]) => [name.toLowerCase(), [value]])),
    body: typeof asked.body === 'string' ? encodeUtf8(asked.body) : (asked.body ?? new Uint8Array(0)),
    remote: { address: '127.0.0.1', port: 1 },
    host: 'bao:8200',
  };
  return createHttpHandler(node)(request);
}

/** Status and body on one line, as in the transcripts. */
export async function ask(node: ApiNode, line: string, asked: Asked = {}): Promise<string> {
  const response = await exchange(node, line, asked);
  return response === undefined ? 'dropped' : `${response.status} ${decodeUtf8(response.body).trim()}`.trim();
}
