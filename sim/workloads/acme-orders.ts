/**
 * Clients that get certificates over ACME, each for the name of its own web host, and one that would like to have
 * theirs. An order whose host shows its proof becomes a certificate for that name, whoever leads meanwhile; nobody gets
 * one for a name whose host has shown nothing, and nobody sees or uses another account's orders and authorizations.
 */
import { encodeBase64RawUrl } from '../../core/codec/base64.ts';
import { asString, asStrings } from '../../core/codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../core/codec/json.ts';
import { parseCertificatePem } from '../../core/crypto/x509/certificate.ts';
import { encodeAlternativeNames, NO_NAMES } from '../../core/crypto/x509/general-name.ts';
import { encodeName } from '../../core/crypto/x509/name.ts';
import { EXTENSION } from '../../core/crypto/x509/oids.ts';
import { makeRequest } from '../../core/crypto/x509/request.ts';
import { type Micros, type Runtime, SECOND } from '../../core/runtime.ts';
import { HttpClient } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { uniform } from '../distribution.ts';
import { StoryFailure } from '../failure.ts';
import { WebHost } from '../services/web-host.ts';
import type { Simulation } from '../simulation.ts';
import { AcmeClient } from './acme-client.ts';
import { anyNode, type Workload } from './workload.ts';

export interface AcmeOptions {
  readonly clients: number;
  /** What `pki/config/cluster` has for a path. */
  readonly base: string;
}

const TIMEOUT = 2 * SECOND;
/** What an order may take, with a failover, and a check that is done anew. */
const PATIENCE = 45 * SECOND;

interface Open {
  readonly name: string;
  readonly order: string;
  readonly authorization: string;
}

export class AcmeOrders implements Workload {
  readonly #options: AcmeOptions;
  readonly #clients: AcmeClient[] = [];
  /** Of honest clients, the latest of each. */
  readonly #open = new Map<string, Open>();
  certificates = 0;
  /** How often another account was refused. */
  refused = 0;

  constructor(options: AcmeOptions) {
    this.#options = options;
  }

  get badNonces(): number {
    return this.#clients.reduce((sum, { badNonces }) => sum + badNonces, 0);
  }

  start(simulation: Simulation, cluster: Cluster): void {
    const run = (body: (client: AcmeClient, runtime: Runtime) => Promise<void>): void => {
      simulation.client().start(async (runtime) => {
        const http = new HttpClient(runtime, { timeout: TIMEOUT });
        const node = (): string => cluster.address(anyNode(cluster, runtime));
        const client = new AcmeClient(runtime, http, this.#options.base, node);
        this.#clients.push(client);
        await client.register();
        while (!simulation.resting) {
          await body(client, runtime);
          await runtime.clock.sleep(SECOND + runtime.random.below(2 * SECOND));
        }
      });
    };
    for (let index = 0; index < this.#options.clients; index++) {
      const host = new WebHost(simulation, `web${index}.example.test`);
      // A leader that dies takes checks with it that are under way.
      host.latency = uniform(SECOND / 10, 3 * SECOND);
      run((client, runtime) => this.#certificate(client, host, runtime, simulation));
    }
    run((client, runtime) => this.#steal(client, runtime));
  }

  async #certificate(client: AcmeClient, host: WebHost, runtime: Runtime, simulation: Simulation): Promise<void> {
    const until = runtime.clock.monotonic() + PATIENCE;
    const made = await client.newOrder(host.name);
    if (made.status !== 201) throw new StoryFailure(`no order for ${host.name}: ${made.status} ${made.text}`);
    const order = made.location;
    const authorization = asStrings(made.json['authorizations'])![0]!;
    this.#open.set(host.name, { name: host.name, order, authorization });
    const challenge = challengeIn((await client.post(authorization)).json);
    host.proofs.set(challenge.token, `${challenge.token}.${client.thumbprint}`);
    await runtime.clock.sleep(runtime.random.below(SECOND));
    const begun = await client.post(challenge.url, {});
    // Whose answer was lost asks again, and the name may have been proved by then.
    const proved = begun.status === 400 && begun.text.includes('already validated authorization');
    if (begun.status !== 200 && !proved)
      throw new StoryFailure(`a challenge cannot be begun: ${begun.status} ${begun.text}`);
    const statusIs = (status: string): Promise<JsonObject> => this.#becomes(client, order, status, until, runtime);
    await statusIs('ready');
    if (!host.shown.has(challenge.token)) {
      throw new StoryFailure(`an order for ${host.name} is ready, and nobody has asked its host`);
    }
    await client.post(`${order}/finalize`, { csr: await requestFor(host.name, runtime) });
    await statusIs('valid');
    const { text } = await client.post(`${order}/cert`);
    const certificate = parseCertificatePem(text);
    if (certificate?.names.dns.join() !== host.name) {
      throw new StoryFailure(`the certificate for ${host.name} is another: ${text.slice(0, 200)}`);
    }
    if (!simulation.resting) this.certificates++;
  }

  /** Asks until it is; an order that cannot become that any more, or takes for ever, is a failure. */
  async #becomes(client: AcmeClient, order: string, wanted: string, until: Micros, runtime: Runtime) {
    for (;;) {
      const { json, text } = await client.post(order);
      if (json['status'] === wanted || json['status'] === 'valid') return json;
      if (json['status'] === 'invalid') throw new StoryFailure(`an order became invalid: ${text}`);
      if (runtime.clock.monotonic() > until)
        throw new StoryFailure(`an order is stuck on its way to ${wanted}: ${text}`);
      await runtime.clock.sleep(2 * SECOND);
    }
  }

  /** What is somebody else's, and a name that is somebody else's. */
  async #steal(client: AcmeClient, runtime: Runtime): Promise<void> {
    const victims = [...this.#open.values()];
    if (victims.length === 0) return;
    const { name, order, authorization } = victims[runtime.random.below(victims.length)]!;
    const csr = await requestFor(name, runtime);
    for (const [url, payload] of [
      [order],
      [authorization],
      [`${order}/finalize`, { csr }],
      [`${order}/cert`],
    ] as const) {
      const { status, text } = await client.post(url, payload);
      if (status < 400) throw new StoryFailure(`another account may use ${url}: ${text.slice(0, 200)}`);
      this.refused++;
    }
    const made = await client.newOrder(name);
    const own = asStrings(made.json['authorizations'])![0]!;
    const { url } = challengeIn((await client.post(own)).json);
    await client.post(url, {});
    await runtime.clock.sleep(3 * SECOND);
    const { json } = await client.post(made.location);
    if (json['status'] !== 'pending' && json['status'] !== 'invalid') {
      throw new StoryFailure(`an order for ${name} is ${asString(json['status'])} without a proof`);
    }
  }
}

function challengeIn(authorization: JsonObject): { readonly url: string; readonly token: string } {
  const found = (authorization['challenges'] as readonly JsonValue[]).find(
    (one) => (one as JsonObject)['type'] === 'http-01',
  ) as JsonObject;
  return { url: asString(found['url'])!, token: asString(found['token'])! };
}

/** In base64, for a key of its own. */
async function requestFor(name: string, { crypto, random }: Runtime): Promise<string> {
  const bytes = (length: number): Uint8Array => random.bytes(length);
  const key = { kind: 'ecdsa', key: crypto.ecdsaGenerate('p256', bytes) } as const;
  const value = encodeAlternativeNames({ ...NO_NAMES, dns: [name] });
  const extensions = [{ oid: EXTENSION.subjectAltName, critical: false, value }];
  const signer = { key, algorithm: { kind: 'ecdsa', hash: 'sha256' } } as const;
  return encodeBase64RawUrl(await makeRequest(crypto, { rawSubject: encodeName([]), extensions }, signer, bytes));
}
