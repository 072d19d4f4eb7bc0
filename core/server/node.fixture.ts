/** A node on memory for tests: a clock moved by hand, seeded chance, a disk in memory, and calls as a client makes them. */
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { parseObject, print } from '../codec/json.ts';
import { drbg } from '../crypto/drbg.ts';
import { portableCrypto } from '../crypto/portable.ts';
import type { Runtime } from '../runtime.ts';
import { TestDisk } from '../storage/disk.fixture.ts';
import { InmemStorage } from '../storage/inmem.ts';
import { countTrace } from '../telemetry/from-trace.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { TraceEvent } from '../trace.ts';
import type { NodeConfig } from './config.ts';
import { defaultConfig } from './default-config.ts';
import { builtinCatalog } from './mounts/builtin.ts';
import { Node } from './node.ts';
import { HandClock } from './services.fixture.ts';

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly text: string;
}

/** A line of the log. */
export interface Logged {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Client {
  readonly node: Node;
  readonly clock: HandClock;
  readonly disk: TestDisk;
  readonly storage: InmemStorage;
  readonly traced: readonly TraceEvent[];
  readonly logged: readonly Logged[];
  token: string;
  call(method: string, path: string, body?: JsonValue, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

const absent = (): never => {
  throw new Error('the test runtime has no network');
};

const isForm = (headers: Readonly<Record<string, string>>): boolean =>
  headers['content-type'] === 'application/x-www-form-urlencoded';

/** `change` adjusts the default configuration. The node is made, not started. */
export function testNode(change: Partial<NodeConfig> = {}, seed = 1): Client {
  const clock = new HandClock();
  const disk = new TestDisk();
  const storage = new InmemStorage();
  const traced: TraceEvent[] = [];
  const logged: Logged[] = [];
  const bytes = drbg(Uint8Array.of(seed));
  const metrics = new Metrics(clock);
  const runtime: Runtime = {
    name: 'test',
    clock,
    random: { bytes, below: (bound) => (bytes(4).reduce((sum, byte) => sum * 256 + byte, 0) >>> 0) % bound },
    network: { listen: absent, dial: absent },
    web: { request: absent },
    disk,
    cpu: { spend() {} },
    crypto: portableCrypto(),
    log: { write: (_, name, message, fields = {}) => void logged.push({ name, message, fields }) },
    metrics,
    trace: (event) => {
      countTrace(metrics, event);
      traced.push(event);
    },
  };
  const node = new Node(runtime, { ...defaultConfig({ type: 'inmem', storage }, builtinCatalog()), ...change });
  const client: Client = {
    node,
    clock,
    disk,
    storage,
    traced,
    logged,
    token: 'root',
    call: async (method, path, body, headers = {}) => {
      const all = { ...(client.token === '' ? {} : { 'x-vault-token': client.token }), ...headers };
      const response = await node.http({
        method,
        url: `/v1/${path}`,
        headers: new Map(Object.entries(all).map(([name, value]) => [name, [value]])),
        body: encodeUtf8(body === undefined ? '' : typeof body === 'string' && isForm(headers) ? body : print(body)),
        remote: { address: '127.0.0.1', port: 50_000 },
        host: '127.0.0.1:8200',
      });
      const text = decodeUtf8(response?.body ?? new Uint8Array(0));
      return { status: response?.status ?? 0, text, body: text.startsWith('{') ? parseObject(text) : {} };
    },
  };
  return client;
}

/** The same as `server -dev -dev-root-token-id=root`. */
export async function devNode(change: Partial<NodeConfig> = {}): Promise<Client> {
  const client = testNode({ ...change, dev: { rootToken: 'root', kvVersion: 2 } });
  await client.node.start();
  return client;
}
