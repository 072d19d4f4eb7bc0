import { decodeBase64 } from '../../core/codec/base64.ts';
import { encodeHex } from '../../core/codec/hex.ts';
import type { JsonObject, JsonValue } from '../../core/codec/json.ts';
import { at } from '../../sim/client.ts';
import { expect, kv, scenario } from '../../sim/story.ts';

const SHARES = 4;
const THRESHOLD = 2;

/**
 * Other shares take over when they have been given back for verification. Until then the old ones open, and an attempt
 * ends with its leader, together with the shares that it was given and those that it gave out.
 */
scenario(
  'new shares open once they have proven themselves, and from then on the old ones do not',
  { minimum: { acknowledged: 100, faults: 6, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, seal: 'shamir' });
    await bao.mount('secret', 'kv-v2');
    const history = bao.workload(kv.putAndGet({ clients: 3, keys: 10, every: '100ms', timeout: '2s' }));
    const ask = (step: string, body: JsonObject) => bao.ask('POST', `sys/rotate/root/${step}`, { body });
    const begin = async (): Promise<JsonValue> => {
      const split = { secret_shares: SHARES, secret_threshold: THRESHOLD, require_verification: true };
      return at((await ask('init', split)).json, 'data', 'nonce') ?? '';
    };
    const give = async (step: string, nonce: JsonValue, shares: readonly string[]): Promise<JsonObject> => {
      let data: JsonObject = {};
      // Half of the people type what is in base64 as hex.
      for (const [number, share] of shares.entries()) {
        const key = number % 2 === 0 ? share : encodeHex(decodeBase64(share));
        const { status, json } = await ask(step, { key, nonce });
        expect(status).toBe(200);
        data = json['data'] as JsonObject;
      }
      return data;
    };
    const started = async (): Promise<unknown> =>
      at((await bao.ask('GET', 'sys/rotate/root/init', { node: bao.leader })).json, 'data', 'started');
    const waits = async (name: string): Promise<boolean> => (await bao.operator.health(bao.address(name))) === 503;
    const restart = async (...names: readonly string[]): Promise<void> => {
      for (const name of names) bao.kill(name);
      await sim.run('5s');
      for (const name of names) bao.restart(name);
      for (const name of names) await sim.until(`${name} waits for shares`, () => waits(name), 100_000, 10_000_000);
    };
    const unsealed = async (): Promise<void> => {
      await bao.unsealAll();
      await bao.ready();
      // A leader waits longer and longer before it tries a node again that it did not reach.
      await sim.run('5s');
    };

    const old = bao.keys.shares;
    for (const given of [2, 3]) {
      const nonce = await begin();
      const last = await give('update', nonce, old.slice(0, given));
      const verification = last['verification_nonce'] ?? '';
      expect(verification !== '').toBe(given === 3);
      await restart(bao.leader);
      await unsealed();
      expect(await started()).toBe(false);
      expect((await ask('update', { key: old[2]!, nonce })).status).toBe(400);
      expect((await ask('verify', { key: old[2]!, nonce: verification === '' ? nonce : verification })).status).toBe(
        400,
      );
    }

    const nonce = await begin();
    expect((await ask('update', { key: old[0]!, nonce: 'another' })).status).toBe(400);
    const made = await give('update', nonce, old.slice(0, 3));
    const shares = made['keys_base64'] as readonly string[];
    expect(shares.length).toBe(SHARES);
    await restart(bao.followers[0]!);
    await unsealed();
    const verified = await give('verify', made['verification_nonce'] ?? '', shares.slice(0, THRESHOLD));
    expect(verified['complete']).toBe(true);
    bao.rekeyed(shares);

    // Whoever has not heard of it by then opens with the old ones.
    await sim.run('2s');
    await restart(...bao.names);
    const [node] = bao.names;
    const statuses: number[] = [];
    for (const key of old.slice(0, THRESHOLD))
      statuses.push((await bao.ask('PUT', 'sys/unseal', { node: node!, body: { key } })).status);
    expect(statuses.join(' ')).toBe('200 400');
    await unsealed();
    // The next root key has to be behind the new shares as well.
    expect((await bao.ask('POST', 'sys/rotate/root')).status).toBe(204);
    await sim.run('2s');
    await restart(...bao.names);
    await unsealed();
    await sim.eventually('10s', 'the replicas agree', () => bao.digests().size === 1);
    expect(history).toBeLinearizable();
  },
);
