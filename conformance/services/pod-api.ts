/** A Kubernetes API over TLS with one pod, which records every request: for servers that run as if in that pod. */
import { createServer, type Server } from 'node:https';
import type { HttpResponse } from '../../core/http/message.ts';
import { throwAwayCertificate } from '../fixtures/certificate.ts';
import { type Listening, listening } from '../fixtures/listening.ts';
import { KubernetesApi } from '../../sim/services/kubernetes-api.ts';
import { type Asked, listener } from './http.ts';

const POD = '/api/v1/namespaces/apps/pods/bao-0';

interface JsonPatch {
  readonly op: string;
  readonly path: string;
  readonly value: string | Readonly<Record<string, string>>;
}

export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: string;
  readonly status: number;
}

const json = (status: number, body: object): HttpResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from(JSON.stringify(body)),
});

export class PodApi {
  readonly recorded: Recorded[] = [];
  /** What the pod has to show. */
  readonly token = 'token-of-the-pod';
  readonly authority: string;
  /** Undefined: none at all. */
  labels: Record<string, string> | undefined = { app: 'bao' };
  /** What is answered to whatever is asked of the pod; 200 does it. */
  status = 200;
  /** The rest of the API, which takes the pod's token for an account that may have tokens reviewed. */
  readonly rest: KubernetesApi;
  readonly #server: Server;
  #listening: Listening | undefined;

  constructor(authority = 'cluster') {
    const ca = throwAwayCertificate(authority, { hosts: [], ca: true });
    const own = throwAwayCertificate('kubernetes', { hosts: ['127.0.0.1'], issuer: ca });
    this.authority = ca.pem;
    const now = (): number => Math.floor(Date.now() / 1_000);
    const objects = ['serviceaccounts apps/web'];
    this.rest = new KubernetesApi({ namespaces: { apps: { team: 'a' } }, objects, longestToken: 3_600, now });
    const recorded = listener((request) => {
      const answer = this.#answer(request);
      const { method, url, headers, body } = request;
      const shown = ['accept', 'authorization', 'content-type'].map((name) => `${name}: ${headers.get(name)?.join()}`);
      const { status } = answer;
      this.recorded.push({ method, url, headers: shown.join(', '), body: Buffer.from(body).toString(), status });
      return answer;
    });
    this.#server = createServer({ cert: own.pem, key: own.keyPem }, recorded);
  }

  async listen(): Promise<void> {
    this.#listening = await listening(this.#server);
  }

  get port(): number {
    return this.#listening!.port;
  }

  async stop(): Promise<void> {
    await this.#listening?.end();
  }

  #answer({ method, url, headers, body }: Asked): HttpResponse {
    if (headers.get('authorization')?.[0] !== `Bearer ${this.token}`) return json(401, {});
    if (url !== POD) {
      return this.rest.answer({
        method,
        url,
        headers: new Map([['authorization', [`Bearer ${this.rest.token}`]]]),
        body,
      });
    }
    if (this.status !== 200) return json(this.status, {});
    if (method === 'PATCH' && !this.#patch(JSON.parse(Buffer.from(body).toString()) as JsonPatch[]))
      return json(422, {});
    return json(200, { kind: 'Pod', metadata: { name: 'bao-0', labels: this.labels } });
  }

  /** All of them, or none. `replace` takes what is not there yet too, as the real one does for labels. */
  #patch(patches: readonly JsonPatch[]): boolean {
    let labels = this.labels;
    for (const { op, path, value } of patches) {
      const name = /^\/metadata\/labels\/(.+)$/.exec(path)?.[1];
      if (op === 'add' && path === '/metadata/labels' && typeof value === 'object') labels = { ...value };
      else if (op === 'replace' && name !== undefined && typeof value === 'string' && labels !== undefined) {
        labels = { ...labels, [name]: value };
      } else return false;
    }
    this.labels = labels;
    return true;
  }
}
