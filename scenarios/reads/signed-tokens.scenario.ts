import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

/** Where the signature is in its text. */
const FORGED = 20;

/** With `disable_ssct_tokens = false` a token says how far a node has to be: a standby behind that asks nobody. */
scenario('a standby refuses a signed token till it has come that far', { minimum: { faults: 1 } }, async (sim) => {
  const settings = { disable_ssct_tokens: false };
  const bao = await sim.cluster({ nodes: 3, storage: 'raft', settings });
  const standby = bao.followers[0]!;
  sim.network.clog(bao.leader, standby, '20ms', '200ms');
  let early = 0;
  for (let i = 1; i <= 20; i++) {
    const made = await bao.ask('POST', 'auth/token/create', { body: { policies: ['default'] } });
    const token = at(made.json, 'auth', 'client_token');
    const index = made.header('x-vault-index');
    if (typeof token !== 'string' || index === undefined) throw new Error('no token, or no index');
    expect(token.startsWith('hvs.CAES')).toBe(true);

    const atOnce = await bao.ask('GET', 'auth/token/lookup-self', { node: standby, token });
    expect([200, 403]).toContain(atOnce.status);
    if (atOnce.status === 403) early++;

    // Who knows better asks by the index of the answer.
    const headers = [
      ['X-Vault-Index', index],
      ['X-Vault-Inconsistent', 'forward-active-node'],
    ] as const;
    const careful = await bao.ask('GET', 'auth/token/lookup-self', { node: standby, token, headers });
    expect(careful.status).toBe(200);
    expect(at(careful.json, 'data', 'id')).toBe(token);

    // Nobody says by himself how far a node has to be.
    const forged = token.slice(0, FORGED) + (token[FORGED] === 'A' ? 'B' : 'A') + token.slice(FORGED + 1);
    expect((await bao.ask('GET', 'auth/token/lookup-self', { token: forged })).status).toBe(403);

    await sim.eventually('5s', 'the standby knows the token', async () => {
      const later = await bao.ask('GET', 'auth/token/lookup-self', { node: standby, token });
      return later.status === 200;
    });
  }
  expect(early).toBeAtLeast(1);

  // The next leader goes on with the same key.
  const made = await bao.ask('POST', 'auth/token/create', { body: { policies: ['default'] } });
  const token = at(made.json, 'auth', 'client_token');
  if (typeof token !== 'string') throw new Error('no token');
  const killed = bao.leader;
  bao.kill(killed);
  await sim.run('40s');
  bao.restart(killed);
  await bao.ready();
  const kept = await bao.ask('GET', 'auth/token/lookup-self', { token });
  expect(kept.status).toBe(200);
});
