/** `user_lockout "userpass" { … }`: after how many failed logins users have to wait, and how long. */
import { quote } from '../../codec/go-quote.ts';
import type { HclItem } from '../../codec/hcl.ts';
import type { Micros } from '../../runtime.ts';
import { Block, ConfigurationError, type Wording, blockOf } from './values.ts';

export interface LockoutStanza {
  /** 'all', or a method. */
  readonly type: string;
  readonly threshold?: number;
  readonly duration?: Micros;
  readonly counterReset?: Micros;
  readonly disable?: boolean;
}

const types: ReadonlySet<string> = new Set(['all', 'userpass', 'approle', 'ldap']);

export function parseLockout(item: HclItem, index: number, json: boolean): LockoutStanza {
  const where = `error parsing 'user_lockout': user_lockouts.${index}`;
  const place = `error parsing 'user_lockout': userLockouts.${index}`;
  const object = blockOf(item, place, json);
  const type = (item.keys[1]?.text ?? '').toLowerCase();
  if (type === '') {
    const every = 'if it applies to all auth methods specify "all" ';
    throw new ConfigurationError(`${where}: auth type for user lockout must be specified, ${every}`);
  }
  if (!types.has(type)) throw new ConfigurationError(`${where}: unsupported auth type ${quote(type)}`);
  const wording: Wording = {
    place: `${place}: `,
    wrong: (name, kind) => `${where} ${kind === 'boolean' ? 'invalid value for' : 'error parsing'} ${name}: `,
    json,
  };
  const block = new Block(object, wording);
  const notBefore = (name: string): Micros => {
    const time = block.duration(name, 0);
    if (time < 0) throw new ConfigurationError(`${where} ${name} cannot be negative`);
    return time;
  };
  const threshold = block.integerText('lockout_threshold', 0, 'ParseUint');
  const duration = notBefore('lockout_duration');
  const counterReset = notBefore('lockout_counter_reset');
  return {
    type,
    ...(threshold === 0 ? {} : { threshold }),
    ...(duration === 0 ? {} : { duration }),
    ...(counterReset === 0 ? {} : { counterReset }),
    ...(block.boolean('disable_lockout') ? { disable: true } : {}),
  };
}
