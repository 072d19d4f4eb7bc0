/** Making the code of now, and checking one. */
import { encodeUtf8 } from '../../codec/utf8.ts';
import { decodeBase32 } from '../../codec/base32.ts';
import { formatDuration } from '../../codec/duration.ts';
import { isPasscode, passcode } from '../../crypto/otp.ts';
import { refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { SECOND } from '../../runtime.ts';
import type { TotpStorage } from './totp.ts';
import type { TotpKey } from './key.ts';
import type { UsedCodes } from './used-codes.ts';

const secretOf = ({ secret }: TotpKey): Uint8Array => decodeBase32(secret.toUpperCase());

export const codePaths = paths<UsedCodes, TotpStorage>().path(
  'code/:name@',
  'The code of a key.',
  {
    name: field.string('Name of the key.', { required: true }),
    code: field.string('A code to check.', { always: true }),
    generated: field.int64('Not used.', { always: true }),
    expire_time: field.int64('Not used.', { always: true }),
    period: field.string('Not used.', { always: true }),
  },
  {
    read: {
      about: 'Make the code of now.',
      id: { verb: 'generate' },
      run: async ({ name }, { store, runtime }) => {
        const key = await store.keys.get(name);
        if (key === undefined) throw refuse(`unknown key: ${name}`);
        const seconds = Math.floor(runtime.clock.wall() / SECOND);
        const { period } = key.rule;
        const counter = Math.floor(seconds / period);
        return {
          code: passcode(secretOf(key), counter, key.rule, runtime.crypto),
          generated: seconds,
          expire_time: (counter + 1) * period,
          period: formatDuration(period * SECOND),
        };
      },
    },
    update: {
      about: 'Check a code. It is looked at once.',
      id: { verb: 'validate' },
      run: async ({ name, code }, { store, state, runtime }) => {
        const key = await store.keys.get(name);
        if (key === undefined) throw refuse(`unknown key: ${name}`);
        if (code === '') throw refuse('the code value is required');
        const { rule } = key;
        if (state.has(name, code)) throw refuse('code already used; wait until the next time period');
        if (encodeUtf8(code).length !== rule.digits) throw refuse('invalid number of digits for the code');
        const seconds = Math.floor(runtime.clock.wall() / SECOND);
        const valid = isPasscode(code, secretOf(key), seconds, rule, runtime.crypto);
        // Wrong ones, too: nobody gets a second answer for one guess. Each node remembers what it was asked.
        state.add(name, code, (2 + rule.skew) * rule.period * SECOND);
        return { valid };
      },
    },
  },
  { id: { prefix: 'totp', suffix: 'code' } },
);
