/** Requests that name an index, as each listener of a standby takes them: ours and the real server's side by side. */
import { expect, test } from 'vitest';
import { ALONE, BesideServer, raftServer, same, until } from './beside.ts';

const WAIT = 120_000;

test(
  'an index is waited for, and who names none is answered by the active node, as the listener says',
  async () => {
    const listeners = [
      'consistency_max_index_wait = "1s"',
      'consistency_max_index_wait = "1s"\nconsistency_fallback_behavior = "forward-active-node"',
      'consistency_fallback_behavior = "nothing known"',
      'consistency_missing_header_forward = true',
    ];
    const more = listeners
      .map((text, at) => `listener "tcp" {\n address = "127.0.0.1:@P${at + 2}"\n tls_disable = true\n ${text}\n}`)
      .join('\n');
    const wishes: (readonly string[])[] = [
      [],
      ['await-state'],
      ['fail'],
      ['forward-active-node'],
      ['await-state', 'fail'],
      ['await-state', 'forward-active-node'],
      ['await-state', 'nothing known'],
      ['fail', 'await-state'],
      ['await-state', 'fail', 'fail'],
      ['nothing known'],
    ];
    const seen = await same(async (first, kind) => {
      await first.configure(raftServer(more, 'first'));
      await first.start();
      await first.initialise();
      await first.call('PUT', 'sys/mounts/kv', { body: { type: 'kv' } });
      const second = await BesideServer.make(kind);
      try {
        await second.configure(raftServer(more, 'second'));
        await second.start();
        const body = { leader_api_addr: first.filled('http://127.0.0.1:@P0') };
        const sealed = await second.ask('PUT', 'sys/storage/raft/join', { body, port: 5, token: '' });
        const rows: unknown[][] = [['sealed', sealed]];
        await second.join(first);
        const written = await first.call('PUT', 'kv/a', { body: { a: 1 } });
        const reached = String(written.headers['x-vault-index']);
        const asked = { headers: { ...ALONE, 'X-Vault-Index': reached } };
        await until(async () => (await second.ask('GET', 'kv/a', asked))[0] === 200);
        const { cluster, value } = JSON.parse(Buffer.from(reached, 'base64').toString()) as Record<string, string>;
        const ahead = (by: number): string =>
          Buffer.from(JSON.stringify({ cluster, value: String(Number(value) + by) })).toString('base64');
        for (const [index, listener] of listeners.entries()) {
          for (const by of [undefined, 0, 100_000]) {
            for (const wish of wishes) {
              const headers = {
                ...ALONE,
                ...(by === undefined ? {} : { 'X-Vault-Index': ahead(by) }),
                ...(wish.length === 0 ? {} : { 'X-Vault-Inconsistent': wish }),
              };
              const { status, headers: said, text } = await second.call('GET', 'kv/a', { port: index + 2, headers });
              rows.push([listener, by, wish, status, status < 300 ? '' : text, said['retry-after']]);
            }
          }
        }
        const late = second.call('GET', 'kv/a', {
          port: 2,
          headers: { 'X-Vault-Index': ahead(3), 'X-Vault-Inconsistent': 'await-state' },
        });
        for (let count = 0; count < 4; count += 1) await first.call('PUT', 'kv/a', { body: { a: count } });
        rows.push(['reached while waiting', (await late).status]);
        return rows;
      } finally {
        await second.remove();
      }
    });
    expect(new Set(seen.map((row) => row[3]))).toEqual(new Set([200, 307, 400, 429, undefined]));
    expect(seen.at(-1)).toEqual(['reached while waiting', 200]);
  },
  WAIT,
);
