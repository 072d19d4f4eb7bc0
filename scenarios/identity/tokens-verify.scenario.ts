import { decodeBase64Url } from '../../core/codec/base64.ts';
import { parseObject } from '../../core/codec/json.ts';
import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const SECOND = 1_000_000;
/** Of a token; its key signs for a minute, and is shown for another. */
const LIFE = 40;
/** Introspection grants it, as Go's library does. */
const LEEWAY = 60 * SECOND;

interface Given {
  readonly token: string;
  readonly kid: string;
  readonly until: number;
}

/**
 * Keys of identity tokens rotate by themselves, by hand, and across leaders: whatever node signed it, a token that lives
 * is good on every node and its key is among those that they show; one that has ended is good nowhere.
 */
scenario(
  'an identity token is good everywhere while it lives, and its key is shown as long',
  { minimum: { faults: 2, elections: 2 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const dice = sim.world.random('tokens');
    await bao.request('POST', 'sys/auth/userpass', { type: 'userpass' });
    await bao.request('POST', 'auth/userpass/users/u', { password: 'p', token_policies: ['tokens'] });
    await bao.request('POST', 'sys/policies/acl/tokens', {
      policy: 'path "identity/oidc/token/*" { capabilities = ["read"] }',
    });
    // Otherwise each node would be an issuer by itself.
    await bao.request('POST', 'identity/oidc/config', { issuer: 'http://bao.example' });
    await bao.request('POST', 'identity/oidc/key/k', {
      algorithm: 'ES256',
      rotation_period: '1m',
      verification_ttl: '60s',
      allowed_client_ids: '*',
    });
    await bao.request('POST', 'identity/oidc/role/r', { key: 'k', ttl: `${LIFE}s` });
    const login = await bao.request('POST', 'auth/userpass/login/u', { password: 'p' });
    const caller = at(login, 'auth', 'client_token') as string;

    const given: Given[] = [];
    const kids = new Set<string>();
    const anyNode = (): string => bao.names[dice.below(bao.names.length)]!;
    const ask = async (): Promise<void> => {
      const began = sim.world.now;
      const { status, json } = await bao.ask('GET', 'identity/oidc/token/r', { node: anyNode(), token: caller });
      expect(status).toBe(200);
      const token = at(json, 'data', 'token') as string;
      const kid = keyId(token);
      kids.add(kid);
      given.push({ token, kid, until: began + LIFE * SECOND });
    };
    const judge = async (): Promise<void> => {
      const living = given.filter(({ until }) => sim.world.now < until - 2 * SECOND);
      for (const node of bao.names) {
        const shown = JSON.stringify((await bao.ask('GET', 'identity/oidc/.well-known/keys', { node })).json);
        for (const { kid } of living) expect(shown.includes(kid)).toBe(true);
      }
      for (const { token, until } of given) {
        const { json } = await bao.ask('POST', 'identity/oidc/introspect', { node: anyNode(), body: { token } });
        if (sim.world.now < until - SECOND) expect(json['active']).toBe(true);
        else if (sim.world.now > until + LEEWAY + SECOND) expect(json['active']).toBe(false);
      }
    };
    const live = async (seconds: number): Promise<void> => {
      for (const end = sim.world.now + seconds * SECOND; sim.world.now < end; await sim.run('6s')) {
        await ask();
        await judge();
        while (given.length > 0 && given[0]!.until < sim.world.now - LEEWAY - 10 * SECOND) given.shift();
      }
    };
    const succeed = async (): Promise<void> => {
      const dead = bao.leader;
      bao.kill(dead);
      await sim.run('5s');
      bao.restart(dead);
      await bao.ready();
    };

    await live(100);
    await succeed();
    await live(10);
    await bao.request('POST', 'identity/oidc/key/k/rotate', {});
    await succeed();
    await live(80);
    expect(kids.size).toBeAtLeast(3);
  },
);

function keyId(token: string): string {
  const kid = parseObject(decodeBase64Url(token.split('.')[0]!))['kid'];
  return kid as string;
}
