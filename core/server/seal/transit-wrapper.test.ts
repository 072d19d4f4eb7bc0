import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { MINUTE, NetworkError, SECOND } from '../../runtime.ts';
import type { OutgoingRequest, OutgoingResponse, Runtime } from '../../runtime.ts';
import { Scope } from '../../scope.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import { HandClock } from '../services.fixture.ts';
import { watchHealth } from './health.ts';
import { TransitWrapper } from './transit-wrapper.ts';

/** Another server's API, as a list of what it is asked and a way to answer. */
class Other {
  readonly clock = new HandClock();
  readonly asked: string[] = [];
  readonly logged: string[] = [];
  readonly metrics = new Metrics(this.clock);
  /** Seconds that a renewed token lasts; 0: not renewable. */
  lease = 0;
  fails: NetworkError | { readonly status: number; readonly body: string } | undefined;

  get runtime(): Runtime {
    const log = { write: (_: string, name: string, message: string) => void this.logged.push(`${name}: ${message}`) };
    return Object.create(testRuntime(), {
      web: { value: this },
      clock: { value: this.clock },
      log: { value: log },
      metrics: { value: this.metrics },
    }) as Runtime;
  }

  async request({ method, url, headers, body }: OutgoingRequest): Promise<OutgoingResponse> {
    this.asked.push(`${method} ${url} ${headers['X-Vault-Namespace'] ?? ''}`.trim());
    if (this.fails instanceof NetworkError) throw this.fails;
    if (this.fails !== undefined) return this.#answer(this.fails.status, this.fails.body);
    const fields = JSON.parse(decodeUtf8(body!)) as Record<string, string>;
    if (url.endsWith('/renew-self')) {
      return this.#answer(200, JSON.stringify({ auth: { renewable: this.lease > 0, lease_duration: this.lease } }));
    }
    const { plaintext, ciphertext } = fields;
    const data =
      plaintext === undefined ? { plaintext: ciphertext!.slice(9) } : { ciphertext: `vault:v3:${plaintext}` };
    return this.#answer(200, JSON.stringify({ data }));
  }

  #answer(status: number, text: string): OutgoingResponse {
    return { status, headers: new Map(), body: encodeUtf8(text) };
  }
}

const wrapper = (other: Other, disableRenewal = true): TransitWrapper =>
  new TransitWrapper(other.runtime, {
    address: 'http://kms:8200',
    token: 's.token',
    namespace: 'ns1',
    tls: undefined,
    keyName: 'k',
    mountPath: 'transit/',
    keyIdPrefix: 'p-',
    disableRenewal,
  });

/** How it ended, after as much time as retries take. */
async function within<T>(other: Other, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  await other.clock.advance(10 * SECOND);
  return work;
}

describe('the transit seal', () => {
  it('keeps the service’s ciphertext as it is, and names the key by prefix and version', async () => {
    const other = new Other();
    const seal = wrapper(other);
    const blob = await seal.encrypt(encodeUtf8('root'));
    expect(decodeUtf8(blob.ciphertext)).toBe('vault:v3:cm9vdA==');
    expect(blob.keyId).toBe('p-v3');
    expect(await seal.keyId()).toBe('p-v3');
    expect(decodeUtf8(await seal.decrypt(blob))).toBe('root');
    expect(other.asked).toEqual([
      'PUT http://kms:8200/v1/transit/encrypt/k ns1',
      'PUT http://kms:8200/v1/transit/decrypt/k ns1',
    ]);
  });

  it('tries three times, and then says what the Go client says', async () => {
    const other = new Other();
    other.fails = new NetworkError('refused', 'dial tcp kms:8200: connect: connection refused');
    await expect(within(other, wrapper(other).encrypt(encodeUtf8('x')))).rejects.toThrow(
      'Put "http://kms:8200/v1/transit/encrypt/k": dial tcp kms:8200: connect: connection refused',
    );
    expect(other.asked.length).toBe(3);
    other.fails = { status: 403, body: '{"errors":["permission denied"]}' };
    await expect(within(other, wrapper(other).encrypt(encodeUtf8('x')))).rejects.toThrow(
      'Error making API request.\n\nNamespace: ns1\nURL: PUT http://kms:8200/v1/transit/encrypt/k\nCode: 403. Errors:\n\n* permission denied',
    );
    // A refusal is final.
    expect(other.asked.length).toBe(4);
    other.fails = { status: 502, body: 'bad gateway' };
    await expect(within(other, wrapper(other).encrypt(encodeUtf8('x')))).rejects.toThrow(
      'Code: 502. Raw Message:\n\n* bad gateway',
    );
  });

  it('renews its token when two thirds of its life are over, through a short outage, and gives up when it cannot be', async () => {
    const other = new Other();
    other.lease = 300;
    await wrapper(other, false).connect();
    const renewals = (): number => other.asked.filter((asked) => asked.includes('renew-self')).length;
    expect(renewals()).toBe(1);
    await other.clock.advance(199 * SECOND);
    expect(renewals()).toBe(1);
    other.fails = new NetworkError('refused', 'dial tcp: connect: connection refused');
    await other.clock.advance(20 * SECOND);
    other.fails = undefined;
    await other.clock.advance(20 * SECOND);
    expect(renewals()).toBeGreaterThan(2);
    const before = renewals();
    other.lease = 0;
    await other.clock.advance(400 * SECOND);
    const last = renewals();
    expect(last).toBe(before + 1);
    await other.clock.advance(1_000 * SECOND);
    expect(renewals()).toBe(last);
    expect(other.logged).toEqual([]);
  });
});

describe('the health of a key service', () => {
  it('is looked at every ten minutes, every minute while it is bad, and shown by a gauge', async () => {
    const other = new Other();
    const scope = new Scope();
    const unreachable = (): number | undefined =>
      [...other.metrics.gauges()].find(({ name }) => name === 'vault.seal.unreachable.time')?.value;
    watchHealth(other.runtime, wrapper(other), scope);
    await other.clock.advance(10 * MINUTE);
    expect(other.asked.length).toBe(2);
    expect(unreachable()).toBe(0);
    other.fails = new NetworkError('refused', 'dial tcp kms:8200: connect: connection refused');
    await other.clock.advance(12 * MINUTE);
    expect(other.logged).toContain(
      'core.autoseal: failed to encrypt seal health test value, seal backend may be unreachable',
    );
    expect(unreachable()).toBeGreaterThan(10 * 60_000);
    other.fails = undefined;
    await other.clock.advance(2 * MINUTE);
    expect(other.logged.at(-1)).toBe('core.autoseal: seal backend is now healthy again');
    expect(unreachable()).toBe(0);
    scope.cancel();
    const { length } = other.asked;
    await other.clock.advance(30 * MINUTE);
    expect(other.asked.length).toBe(length);
  });
});
