/** `user_lockout "userpass" { … }`: after how many failed logins users have to wait, and how long. */
import { quote } from '../../codec/go-quote.ts';
import type { HclItem } from '../../codec/hcl.ts';
import type { Micros } from '../../runtime.ts';
import { Block, ConfigurationError, type Wording } from './values.ts';

export interface LockoutStanza {
  /** 'all', or a method. */
  readonly type: string;
  readonly threshold?: number;
  readonly duration?: Micros;
  readonly counterReset?: Micros;
  readonly disable?: boolean;
}

const types: ReadonlySet<string> = new Set(['all', 'userpass', 'approle', 'ldap']);

export function parseLockout(item: HclItem, index: number): LockoutStanza {
  const where = `error parsing 'user_lockout': user_lockouts.${index}`;
  const type = (item.keys[1]?.text ?? '').toLowerCase();
  if (!types.has(type)) throw new ConfigurationError(`${where}: unsupported auth type ${quote(type)}`);
  if (item.value.kind !== 'object') throw new ConfigurationError(`${where}: not an object`);
  const wording: Wording = { place: `${where}: `, wrong: (name) => `${where} error parsing ${name}: `, json: false };
  const block = new Block(item.value, wording);
  const threshold = block.integer('lockout_threshold', 0, 'ParseUint');
  const duration = block.duration('lockout_duration', 0);
  const counterReset = block.duration('lockout_counter_reset', 0);
  return {
    type,
    ...(threshold === 0 ? {} : { threshold }),
    ...(duration === 0 ? {} : { duration }),
    ...(counterReset === 0 ? {} : { counterReset }),
    ...(block.boolean('disable_lockout') ? { disable: true } : {}),
  };
}
