import { decodeBase32 } from '../../core/codec/base32.ts';
import { passcode } from '../../core/crypto/otp.ts';
import { SECOND } from '../../core/runtime.ts';
import { type Answered, at } from '../../sim/client.ts';
import { EPOCH } from '../../sim/clock.ts';
import { expect, scenario } from '../../sim/story.ts';

const RULE = { algorithm: 'SHA1', digits: 6, period: 20, skew: 0 } as const;
const ROUNDS = 3;

/** A login gives a token to whoever confirms it in time, once, with a code of now that nobody has used. */
scenario(
  'a login that has to be confirmed gives one token, in time, for a fresh code',
  { minimum: { elections: 1 } },
  async (sim) => {
    const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
    await bao.request('POST', 'sys/auth/userpass', { type: 'userpass' });
    await bao.request('POST', 'auth/userpass/users/u', { password: 'p' });
    const first = await bao.request('POST', 'auth/userpass/login/u', { password: 'p' });
    const entity_id = at(first, 'auth', 'entity_id') as string;
    const made = await bao.request('POST', 'identity/mfa/method/totp', { issuer: 'bao', ...RULE });
    const method_id = at(made, 'data', 'method_id') as string;
    const key = await bao.request('POST', 'identity/mfa/method/totp/admin-generate', { method_id, entity_id });
    const secret = /secret=([A-Z2-7]+)/.exec(at(key, 'data', 'url') as string)?.[1] ?? '';
    await bao.request('POST', 'identity/mfa/login-enforcement/all', {
      mfa_method_ids: [method_id],
      auth_method_types: ['userpass'],
    });
    const code = (ahead = 0): string => {
      const seconds = Math.floor((EPOCH + sim.world.now) / SECOND) + ahead;
      return passcode(decodeBase32(secret), Math.floor(seconds / RULE.period), RULE, sim.crypto);
    };
    /** Not so near to the end of a period that the next one may begin meanwhile. */
    const inPeriod = async (): Promise<void> => {
      const left = RULE.period * SECOND - ((EPOCH + sim.world.now) % (RULE.period * SECOND));
      await sim.sleep(left + SECOND);
    };
    const login = async (): Promise<string> => {
      const { json } = await bao.ask('POST', 'auth/userpass/login/u', { token: '', body: { password: 'p' } });
      expect(at(json, 'auth', 'client_token')).toBe('');
      return at(json, 'auth', 'mfa_requirement', 'mfa_request_id') as string;
    };
    const confirm = (mfa_request_id: string, given: string): Promise<Answered> =>
      bao.ask('POST', 'sys/mfa/validate', {
        token: '',
        body: { mfa_request_id, mfa_payload: { [method_id]: [given] } },
      });
    await sim.run('1s');
    for (let round = 1; round <= ROUNDS; round++) {
      const late = await login();
      await inPeriod();
      const [request, other] = [await login(), await login()];
      expect((await confirm(request, code(10 * RULE.period))).status).toBe(403);
      // Each with a code of its own period, which would do for any.
      const used = code();
      expect((await confirm(request, used)).status).toBe(200);
      expect((await confirm(other, used)).status).toBe(403);
      await inPeriod();
      expect((await confirm(request, code())).status).toBe(400);
      await inPeriod();
      expect((await confirm(other, code())).status).toBe(200);
      // Who brings a code along is let in at once, or not at all.
      await inPeriod();
      for (const brought of [code(10 * RULE.period), code()]) {
        const headers = [['X-Vault-MFA', `${method_id}:${brought}`]] as const;
        const { status } = await bao.ask('POST', 'auth/userpass/login/u', {
          token: '',
          headers,
          body: { password: 'p' },
        });
        expect(status).toBe(brought === code() ? 200 : 403);
      }
      await sim.run('5m');
      await inPeriod();
      expect((await confirm(late, code())).status).toBe(400);
      if (round === ROUNDS) break;
      const lost = await login();
      await bao.stepDown();
      await sim.run('12s');
      await bao.ready();
      await inPeriod();
      expect((await confirm(lost, code())).status).toBe(400);
    }
  },
);
