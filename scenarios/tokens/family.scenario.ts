import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** A revocation takes the children along, orphans excepted, and a crash in its middle is finished by the next leader. */
scenario(
  'with a token go its descendants, even if the leader dies over it',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const make = async (token: string, more: object = {}): Promise<string> => {
      const body = { policies: ['default', 'maker'], ttl: '1h', ...more };
      const made = await bao.ask('POST', 'auth/token/create', { token, body });
      return at(made.json, 'auth', 'client_token') as string;
    };
    const policy = 'path "auth/token/create" { capabilities = ["update", "sudo"] }';
    await bao.request('PUT', 'sys/policies/acl/maker', { policy });
    const statuses = async (tokens: readonly string[]): Promise<Set<number>> => {
      const seen = new Set<number>();
      for (const token of tokens)
        for (const node of [bao.leader, ...bao.followers])
          seen.add((await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status);
      return seen;
    };
    const { rootToken } = bao.keys;
    const parent = await make(rootToken);
    const children = [await make(parent), await make(parent), await make(parent)];
    const family = [...children];
    for (const child of children) family.push(await make(child), await make(child));
    const orphan = await make(parent, { no_parent: true });
    await sim.run('1s');
    expect((await statuses([parent, ...family, orphan])).size).toBe(1);

    const { leader } = bao;
    sim.at('3ms', 'kill the leader', () => bao.kill(leader));
    await bao.ask('POST', 'auth/token/revoke', { body: { token: parent } });
    await sim.run('30s');
    // Whoever got no answer asks again.
    await bao.request('POST', 'auth/token/revoke', { token: parent });
    await sim.run('1s');
    const dead = await statuses([parent, ...family]);
    expect([...dead].join()).toBe('403');
    expect([...(await statuses([orphan]))].join()).toBe('200');

    // The other way: the children of who goes alone stay behind without a parent.
    const alone = await make(orphan);
    const left = [await make(alone), await make(alone)];
    await bao.request('POST', 'auth/token/revoke-orphan', { token: alone });
    bao.restart(leader);
    await bao.ready();
    await sim.run('10s');
    expect([...(await statuses([alone]))].join()).toBe('403');
    expect([...(await statuses([orphan, ...left]))].join()).toBe('200');
  },
);
