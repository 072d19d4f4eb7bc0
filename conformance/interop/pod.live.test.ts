/**
 * Both servers as if in a pod: what they write on it, patch by patch, through its whole life; what its probes hear
 * meanwhile; and logins for which the pod asks with its own token and authority.
 */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../cluster.ts';
import { raftConfig } from '../targets/config.ts';
import { oursCommand } from '../targets/program.ts';
import { needPods, startInPod } from '../fixtures/pod.ts';
import { baoProgram, freePort, type Server } from '../program.ts';
import { PodApi, type Recorded } from '../services/pod-api.ts';
import { orSkipped } from './side.ts';

/** The one of a plain check, that of OpenBao's own chart, and one for whoever is not the active one. */
const PROBES = ['', '?standbyok=true&sealedcode=204&uninitcode=204', '?activecode=299&sealedcode=298&uninitcode=297'];

let real: readonly string[] = [];

beforeAll(
  () =>
    orSkipped(async () => {
      await needPods();
      real = [await baoProgram('2.7.2')];
    }),
  300_000,
);

/** A server in a pod of its own, and what was heard of it. */
class Life {
  readonly api = new PodApi();
  readonly heard: string[] = [];
  readonly #command: readonly string[];
  readonly #folder: string;
  #server: Server | undefined;
  #port = 0;
  #share = '';
  token = '';

  constructor(command: readonly string[], folder: string) {
    this.#command = command;
    this.#folder = folder;
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const config = join(this.#folder, 'config.hcl');
    const data = join(this.#folder, 'data');
    await mkdir(data, { recursive: true });
    const stanza = 'service_registration "kubernetes" {}\n';
    await writeFile(config, raftConfig(data, this.#port, await freePort()) + stanza);
    const words = [...this.#command, 'server', `-config=${config}`];
    this.#server = await startInPod(words, this.#port, this.api, this.#folder);
    await this.#probe('started');
  }

  async call(method: string, path: string, body?: unknown) {
    const response = await fetch(`http://127.0.0.1:${this.#port}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': this.token, connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  }

  async initialise(): Promise<void> {
    const { json } = await this.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    [this.#share = ''] = json['keys'] as string[];
    this.token = json['root_token'] as string;
    await this.#probe('initialised');
  }

  /** Until the pod says that it is the active one. */
  async unseal(): Promise<void> {
    await this.call('PUT', 'sys/unseal', { key: this.#share });
    await this.labelled('active', 'true');
    // It says so a moment before it is.
    await eventually('it is active', async () => (await this.call('GET', 'sys/health')).status !== 429 || undefined);
    await this.#probe('unsealed');
  }

  async seal(): Promise<void> {
    await this.call('PUT', 'sys/seal');
    await this.#probe('sealed');
  }

  async labelled(name: string, value: string): Promise<void> {
    const label = `openbao-${name}`;
    await eventually(`${label}=${value}`, () => Promise.resolve(this.api.labels?.[label] === value || undefined));
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async #probe(when: string): Promise<void> {
    for (const query of PROBES) {
      const { status } = await this.call('GET', `sys/health${query}`);
      this.heard.push(`${when}: ${query} ${status}`);
    }
  }
}

async function inPod<T>(command: readonly string[], live: (life: Life) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-pod-'));
  const life = new Life(command, folder);
  await life.api.listen();
  try {
    return await live(life);
  } finally {
    await life.stop();
    await life.api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was missed comes in the order of a Go map, and what is refused may be tried once more at any moment. */
function patches(recorded: readonly Recorded[]): string[] {
  const lines = recorded.map(({ method, url, headers, body, status }) => {
    const items = body === '' ? [] : (JSON.parse(body) as { path: string }[]);
    const first = items.length > 3;
    const order = first ? items : items.sort((a, b) => (a.path < b.path ? -1 : 1));
    return `${method} ${url} ${status} ${JSON.stringify(order)} ${headers}`;
  });
  return lines.filter((line, index) => !(line.includes(' 403 ') && line === lines[index - 1]));
}

const wholeLife = async (life: Life): Promise<unknown> => {
  const { api } = life;
  await life.start();
  await life.initialise();
  await life.unseal();
  await life.seal();
  await life.labelled('sealed', 'true');
  await life.unseal();
  const shown = (await life.call('GET', 'sys/config/state/sanitized')).json['data'] as Record<string, unknown>;
  // What cannot be said is said when it can be again.
  api.status = 403;
  await life.seal();
  api.status = 200;
  await life.labelled('sealed', 'true');
  await life.unseal();
  await life.stop();
  const end = { ...api.labels };
  api.labels = undefined;
  await life.start();
  await life.unseal();
  await life.stop();
  return {
    patches: patches(api.recorded),
    heard: life.heard,
    shown: shown['service_registration'],
    end,
    after: api.labels,
  };
};

test('the pod gets the same patches in the same order, and its probes the same answers', async (context) => {
  // `orSkipped` has printed why: no real server, or no mount namespaces here.
  if (real.length === 0) return context.skip();
  const [theirs, ours] = [await inPod(real, wholeLife), await inPod(oursCommand, wholeLife)];
  expect(ours).toEqual(theirs);
  expect((theirs as { patches: string[] }).patches.length).toBeGreaterThan(20);
  expect((theirs as { end: unknown }).end).toMatchObject({ 'openbao-active': 'false', 'openbao-sealed': 'true' });
}, 300_000);

const logins = async (life: Life): Promise<unknown> => {
  const { api } = life;
  await life.start();
  await life.initialise();
  await life.unseal();
  api.recorded.splice(0);
  await life.call('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  const host = `https://127.0.0.1:${api.port}`;
  const role = {
    bound_service_account_names: 'web',
    bound_service_account_namespace_selector: 'matchLabels: {team: a}',
  };
  await life.call('POST', 'auth/kubernetes/role/r', role);
  const jwt = api.rest.tokenFor('apps/web');
  // Of somebody else's authority.
  await life.call('POST', 'auth/kubernetes/config', {
    kubernetes_host: host,
    kubernetes_ca_cert: new PodApi('stranger').authority,
  });
  const stranger = await life.call('POST', 'auth/kubernetes/login', { role: 'r', jwt });
  const configured = await life.call('POST', 'auth/kubernetes/config', { kubernetes_host: host });
  const login = await life.call('POST', 'auth/kubernetes/login', { role: 'r', jwt });
  const wrong = await life.call('POST', 'auth/kubernetes/login', { role: 'r', jwt: jwt.replace(/.$/, '') });
  const auth = login.json['auth'] as { metadata: unknown; policies: unknown };
  const asked = api.recorded.map(({ method, url, headers, body, status }) => {
    return `${method} ${url} ${status} ${body.replaceAll(/eyJ[\w.-]+/g, 'TOKEN')} ${headers}`;
  });
  const errors = [wrong, stranger].map(({ status, json }) => ({
    status,
    errors: JSON.stringify(json['errors'] ?? null),
  }));
  return {
    configured: configured.status,
    login: { status: login.status, metadata: auth?.metadata, policies: auth?.policies },
    errors: errors.map(({ errors: text, ...rest }) => ({ ...rest, text: text.replaceAll(String(api.port), 'PORT') })),
    asked,
  };
};

test('a pod vouches with its own token, and knows the API by its own authority', async (context) => {
  // `orSkipped` has printed why: no real server, or no mount namespaces here.
  if (real.length === 0) return context.skip();
  const [theirs, ours] = [await inPod(real, logins), await inPod(oursCommand, logins)];
  expect(ours).toEqual(theirs);
  expect(theirs).toMatchObject({ configured: 204, login: { status: 200 } });
}, 300_000);
