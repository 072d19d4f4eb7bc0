import { jwsSign } from '../../core/crypto/jws/sign.ts';
import { noBytes } from '../../core/codec/bytes.ts';
import { parseObject } from '../../core/codec/json.ts';
import { SECOND } from '../../core/runtime.ts';
import { type Answered, at } from '../../sim/client.ts';
import { EPOCH } from '../../sim/clock.ts';
import { OpenIdService } from '../../sim/services/openid-service.ts';
import { expect, scenario } from '../../sim/story.ts';

const REDIRECT = 'http://app/oidc/callback';
const ROUNDS = 3;

interface Begun {
  /** Where the browser is sent. */
  readonly url: string;
  readonly state: string;
}

/**
 * A login by a browser is good once, for whoever began it and with what the provider said to that one; what the role
 * asks of the claims holds, also of tokens that come without a browser, and what it says now holds when they are renewed.
 */
scenario(
  'who a provider vouches for gets in as the role says, once for each login that was begun',
  { minimum: { elections: 1 } },
  async (sim) => {
    const provider = new OpenIdService(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    const { id, secret } = provider.api.client;
    await bao.request('POST', 'sys/auth/oidc', { type: 'oidc' });
    const config = {
      oidc_discovery_url: provider.address,
      oidc_client_id: id,
      oidc_client_secret: secret,
      jwt_supported_algs: ['EdDSA'],
    };
    await bao.request('POST', 'auth/oidc/config', config);
    const claims = { user_claim: 'sub', groups_claim: 'groups', bound_claims: { groups: ['ops', 'audit'] } };
    const browser = { ...claims, role_type: 'oidc', allowed_redirect_uris: [REDIRECT], token_policies: ['browser'] };
    await bao.request('POST', 'auth/oidc/role/browser', browser);
    await bao.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    await bao.request('POST', 'auth/jwt/config', { oidc_discovery_url: provider.address });
    const direct = { ...claims, role_type: 'jwt', bound_audiences: id };
    await bao.request('POST', 'auth/jwt/role/direct', { ...direct, token_ttl: '60s' });

    const begin = async (client_nonce: string): Promise<Begun> => {
      const body = { role: 'browser', redirect_uri: REDIRECT, client_nonce };
      const url = at(await bao.request('POST', 'auth/oidc/oidc/auth_url', body), 'data', 'auth_url') as string;
      return { url, state: /[?&]state=([^&]+)/.exec(url)![1]! };
    };
    /** The user agrees; '' does not. */
    const agreed = (url: string, user: string): string => {
      const path = `${url.replace(provider.address, '')}&user=${user}`;
      const page = provider.api.answer({ method: 'GET', url: path, headers: new Map(), body: noBytes });
      return (at(parseObject(page.body), 'code') as string | undefined) ?? '';
    };
    const comeBack = ({ state }: Begun, code: string, nonce: string): Promise<Answered> =>
      bao.ask('GET', `auth/oidc/oidc/callback?state=${state}&code=${code}&client_nonce=${nonce}`, { token: '' });
    const logIn = (jwt: string): Promise<Answered> =>
      bao.ask('POST', 'auth/jwt/login', { token: '', body: { role: 'direct', jwt } });
    await sim.run('1s');
    for (let round = 1; round <= ROUNDS; round++) {
      const first = await begin('n1');
      const [other, third, lost] = [await begin('n2'), await begin('n3'), await begin('n4')];
      const code = agreed(first.url, 'alice');
      const { status, json } = await comeBack(first, code, 'n1');
      expect(status).toBe(200);
      expect((at(json, 'auth', 'policies') as readonly string[]).join()).toBe('browser,default');
      // Neither the same way back again, nor with another's code, nor by somebody else.
      expect((await comeBack(first, code, 'n1')).status).toBe(400);
      expect((await comeBack(first, agreed(first.url, 'alice'), 'n1')).status).toBe(400);
      expect((await comeBack(other, agreed(third.url, 'alice'), 'n2')).status).toBe(400);
      expect((await comeBack(third, agreed(third.url, 'alice'), 'n2')).status).toBe(400);
      // The role asks for a group that bob is not in.
      const bobs = await begin('n5');
      expect((await comeBack(bobs, agreed(bobs.url, 'bob'), 'n5')).status).toBe(400);

      const now = Math.floor((EPOCH + sim.world.now) / SECOND);
      const standard = { iss: provider.address, aud: id, iat: now, exp: now + 3_600, sub: 'alice' };
      const token = (groups: readonly string[]): string => provider.api.token({ aud: id, sub: 'alice', groups });
      expect((await logIn(token(['devs']))).status).toBe(400);
      const born = await logIn(token(['devs', 'ops']));
      expect(born.status).toBe(200);
      // Who does not know what a token calls critical does not take it.
      const header = { alg: 'EdDSA', kid: `key-${provider.api.key}`, crit: ['x'], x: 1 };
      const seed = new Uint8Array(32).fill(provider.api.key);
      const critical = jwsSign(sim.crypto, { kind: 'ed25519', seed }, header, { ...standard, groups: ['ops'] });
      expect((await logIn(critical)).status).toBe(400);
      const ttl = 100 * round;
      await bao.request('POST', 'auth/jwt/role/direct', { ...direct, token_ttl: ttl });
      const renewed = await bao.ask('POST', 'auth/token/renew-self', {
        token: at(born.json, 'auth', 'client_token') as string,
      });
      expect(at(renewed.json, 'auth', 'lease_duration')).toBe(ttl);
      if (round === ROUNDS) break;
      await bao.stepDown();
      await sim.run('12s');
      await bao.ready();
      expect((await comeBack(lost, agreed(lost.url, 'alice'), 'n4')).status).toBe(400);
    }
  },
);
