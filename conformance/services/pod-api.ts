/** A Kubernetes API over TLS with one pod, which records every request: for servers that run as if in that pod. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { throwAwayCertificate } from '../fixtures/certificate.ts';
import { KubernetesApi } from '../../sim/services/kubernetes-api.ts';

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
  readonly #server: ReturnType<typeof createServer>;

  constructor(authority = 'cluster') {
    const ca = throwAwayCertificate(authority, { hosts: [], ca: true });
    const own = throwAwayCertificate('kubernetes', { hosts: ['127.0.0.1'], issuer: ca });
    this.authority = ca.pem;
    const now = (): number => Math.floor(Date.now() / 1_000);
    const objects = ['serviceaccounts apps/web'];
    this.rest = new KubernetesApi({ namespaces: { apps: { team: 'a' } }, objects, longestToken: 3_600, now });
    this.#server = createServer({ cert: own.pem, key: own.keyPem }, (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const body = Buffer.concat(parts);
        const { status, text } = this.#answer(method, url, headers, body);
        const shown = ['accept', 'authorization', 'content-type'].map((name) => `${name}: ${String(headers[name])}`);
        this.recorded.push({ method, url, headers: shown.join(', '), body: body.toString(), status });
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(text);
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(method: string, url: string, headers: NodeJS.Dict<string | string[]>, body: Buffer) {
    const shown = headers['authorization'];
    if (shown !== `Bearer ${this.token}`) return { status: 401, text: '{}' };
    if (url !== POD) {
      const authorization = [`Bearer ${this.rest.token}`];
      const answer = this.rest.answer({ method, url, headers: new Map([['authorization', authorization]]), body });
      return { status: answer.status, text: Buffer.from(answer.body).toString() };
    }
    if (this.status !== 200) return { status: this.status, text: '{}' };
    if (method === 'PATCH' && !this.#patch(JSON.parse(body.toString()) as JsonPatch[])) {
      return { status: 422, text: '{}' };
    }
    return { status: 200, text: JSON.stringify({ kind: 'Pod', metadata: { name: 'bao-0', labels: this.labels } }) };
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
