import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const PLACES = ['', 'a/', 'a/c/', 'b/'] as const;
const LOOK = 250_000;
const PATIENCE = 8_000_000;

/**
 * With `unsafe_cross_namespace_identity` groups have members, and groups in them, from anywhere. What a group gives
 * counts in its own namespace, and only for who is from there or from above.
 */
scenario(
  'a group of another namespace gives its members what lies in or below their own, on whichever node',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const dice = sim.world.random('story');
    const bao = await sim.cluster({
      nodes: 3,
      multiplier: 1,
      settings: { unsafe_cross_namespace_identity: true },
    });
    for (const place of PLACES.slice(1)) {
      const [, above = '', name = ''] = /^(.*\/)?([^/]+)\/$/.exec(place) ?? [];
      await bao.request('POST', `${above}sys/namespaces/${name}`);
    }
    const tokens = new Map<string, string>();
    const entities = new Map<string, string>();
    const groups = new Map<string, string>();
    for (const place of PLACES) {
      await bao.request('POST', `${place}sys/mounts/kv`, { type: 'kv' });
      for (const kind of ['inner', 'outer']) {
        await bao.request('POST', `${place}kv/${kind}`, { value: 'canary-across' });
        const policy = `path "kv/${kind}" { capabilities = ["read"] }`;
        await bao.request('POST', `${place}sys/policies/acl/${kind}`, { policy });
        const group = await bao.request('POST', `${place}identity/group`, { name: kind, policies: [kind] });
        groups.set(place + kind, at(group, 'data', 'id') as string);
      }
      await bao.request('POST', `${place}auth/token/roles/person`, { allowed_entity_aliases: ['*'], orphan: true });
      const made = await bao.request('POST', `${place}auth/token/create/person`, {
        entity_alias: 'person',
        policies: ['default'],
      });
      tokens.set(place, at(made, 'auth', 'client_token') as string);
      entities.set(place, at(made, 'auth', 'entity_id') as string);
    }

    /** From where the members of a namespace's inner group are, and from where the groups in its outer one. */
    const members = new Map<string, readonly string[]>();
    const inside = new Map<string, readonly string[]>();
    const seen = { allowed: 0, refused: 0 };
    const look = async (node: string, from: string, place: string, kind: string): Promise<void> => {
      const inners = kind === 'inner' ? [place] : (inside.get(place) ?? []);
      const may = place.startsWith(from) && inners.some((inner) => members.get(inner)?.includes(from) === true);
      const token = tokens.get(from)!;
      const holds = async (): Promise<boolean> =>
        (await bao.ask('GET', `${place}kv/${kind}`, { node, token })).status === (may ? 200 : 403);
      const what = `somebody of ${from} ${may ? 'reads' : 'does not read'} ${place}kv/${kind} on ${node}`;
      if (node === bao.leader) expect(`${what}: ${await holds()}`).toBe(`${what}: true`);
      else await sim.until(what, holds, LOOK, PATIENCE);
      seen[may ? 'allowed' : 'refused']++;
    };
    const round = async (): Promise<void> => {
      for (let change = 0; change < 3; change++) {
        const place = dice.pick(PLACES);
        const chosen = dice.shuffle(PLACES).slice(0, dice.below(PLACES.length + 1));
        const inner = dice.below(2) === 0;
        await bao.request('POST', `${place}identity/group/id/${groups.get(place + (inner ? 'inner' : 'outer'))}`, {
          [inner ? 'member_entity_ids' : 'member_group_ids']: chosen.map((from) =>
            inner ? entities.get(from)! : groups.get(`${from}inner`)!,
          ),
        });
        (inner ? members : inside).set(place, chosen);
        await look(bao.leader, dice.pick(PLACES), place, inner ? 'inner' : 'outer');
      }
      for (const from of PLACES) {
        const below = PLACES.filter((place) => place.startsWith(from));
        for (const place of [...below, dice.pick(PLACES)])
          for (const node of bao.names) await look(node, from, place, dice.pick(['inner', 'outer']));
      }
    };

    await sim.run('2s');
    for (let turn = 0; turn < 6; turn++) await round();
    const first = bao.leader;
    bao.kill(first);
    await sim.run('15s');
    bao.restart(first);
    await bao.ready();
    await sim.run('2s');
    for (let turn = 0; turn < 6; turn++) await round();
    await bao.stepDown();
    await sim.run('15s');
    await bao.ready();
    for (let turn = 0; turn < 3; turn++) await round();
    expect(seen.allowed).toBeAtLeast(40);
    expect(seen.refused).toBeAtLeast(40);
  },
);
