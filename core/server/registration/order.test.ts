import { expect, test } from 'vitest';
import { SECOND } from '../../runtime.ts';
import { InmemStorage } from '../../storage/inmem.ts';
import { ClusterListener } from '../ha/cluster-listener.ts';
import { HighAvailability } from '../ha/ha.ts';
import { InmemLocks } from '../ha/inmem-locks.ts';
import { testNode, type Client } from '../node.fixture.ts';
import type { Registration } from './registration.ts';

/** Notes what it is told, and what the node is at that moment; what it is told with a gate shut waits. */
class Notes implements Registration {
  readonly heard: string[] = [];
  gate: Promise<void> = Promise.resolve();
  state: () => string = () => '';

  readonly start = (): Promise<void> => Promise.resolve();
  readonly stop = (): void => {};
  readonly initialised = (): Promise<void> => this.#note('initialised');
  readonly sealed = (sealed: boolean): Promise<void> => this.#note(`sealed=${sealed}`);
  readonly active = (active: boolean): Promise<void> => this.#note(`active=${active}`);

  #note(what: string): Promise<void> {
    this.heard.push(`${what} (${this.state()})`);
    return this.gate;
  }
}

/** With high availability among nobody else. */
function watched(): { readonly client: Client; readonly notes: Notes } {
  const notes = new Notes();
  const locks = new InmemLocks();
  const client: Client = testNode({
    registration: notes,
    apiAddr: 'http://test:8200',
    physical: {
      type: 'inmem_ha',
      storage: new InmemStorage(),
      ha: (node) =>
        new HighAvailability(node, {
          listener: new ClusterListener(node.runtime, []),
          lockWith: (key, value) => locks.lockWith(key, value),
          hostname: 'test',
          standbyReads: false,
          echo: () => ({ nodeId: '', appliedIndex: 0, term: 0, desiredSuffrage: '' }),
          heard: () => undefined,
          activeDuty: () => Promise.resolve(),
          indexes: () => undefined,
        }),
    },
  });
  notes.state = () => client.node.states.state;
  return { client, notes };
}

/** Until it is so: what goes on by itself takes no time by this clock. */
async function until(so: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !so(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(so()).toBe(true);
}

async function initialised(client: Client): Promise<string> {
  await client.node.start();
  const { body } = await client.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  client.token = body['root_token'] as string;
  return (body['keys'] as string[])[0]!;
}

test('what a node becomes is said before it is the active one, and before it takes anything down', async () => {
  const { client, notes } = watched();
  const key = await initialised(client);
  await client.call('PUT', 'sys/unseal', { key });
  await until(() => client.node.states.state === 'active');
  const sealing = client.call('PUT', 'sys/seal');
  await client.clock.advance(10 * SECOND);
  await sealing;
  expect(notes.heard).toEqual([
    'initialised (sealed)',
    'sealed=false (standby)',
    'initialised (standby)',
    'active=true (standby)',
    'active=false (standby)',
    'sealed=true (sealed)',
  ]);
});

test('whoever unseals waits till it has been said, and so does whoever asks for anything', async () => {
  const { client, notes } = watched();
  const key = await initialised(client);
  let open = (): void => {};
  notes.gate = new Promise((resolve) => (open = resolve));
  const answered: string[] = [];
  const noted = async (name: string, work: Promise<unknown>): Promise<void> => {
    await work;
    answered.push(name);
  };
  const unsealing = noted('unseal', client.call('PUT', 'sys/unseal', { key }));
  await until(() => notes.heard.length === 3);
  const asking = noted('mounts', client.call('GET', 'sys/mounts'));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toEqual([]);
  expect(client.node.states.state).toBe('standby');
  open();
  await Promise.all([unsealing, asking]);
  await until(() => client.node.states.state === 'active');
});
