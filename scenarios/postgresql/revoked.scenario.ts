import { MILLISECOND } from '../../core/runtime.ts';
import { at } from '../../sim/client.ts';
import { expect, scenario, uniform } from '../../sim/story.ts';

/** Each standby has used the token and remembers it; its database may still have it for a while. */
scenario('a token that was revoked is good for nothing at standbys over PostgreSQL', {}, async (sim) => {
  const lag = uniform(5 * MILLISECOND, 200 * MILLISECOND);
  const bao = await sim.cluster({ nodes: 3, storage: 'postgresql', replica: { nodes: ['n3'], lag } });
  await sim.eventually('10s', 'all serve reads', () => bao.readers.length === 2);
  let early = 0;
  for (let round = 1; round <= 15; round++) {
    const made = await bao.ask('POST', 'auth/token/create', { body: { policies: ['default'] } });
    const token = at(made.json, 'auth', 'client_token');
    if (typeof token !== 'string') throw new Error('no token');
    const look = (node: string, index: string) =>
      bao.ask('GET', 'auth/token/lookup-self', { node, token, headers: [['X-Vault-Index', index]] });
    for (const node of bao.names)
      await sim.eventually('5s', `${node} knows the token`, async () => {
        return (await look(node, made.header('x-vault-index')!)).status === 200;
      });
    const revoked = await bao.ask('POST', 'auth/token/revoke', { body: { token } });
    expect(revoked.status).toBe(204);
    for (const node of bao.names) {
      const { status } = await look(node, revoked.header('x-vault-index')!);
      expect([403, 429]).toContain(status);
      if (status === 429) early++;
      await sim.eventually('5s', `${node} refuses the token`, async () => {
        return (await bao.ask('GET', 'auth/token/lookup-self', { node, token })).status === 403;
      });
    }
  }
  expect(early).toBeAtLeast(1);
});
