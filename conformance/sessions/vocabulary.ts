/**
 * The words of generated sessions: few names, so that they meet; tokens are kept in slots, and a slot that nothing was
 * put into is just a wrong token.
 */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';

export const slot = fc.constantFrom('t0', 't1', 't2');
export const who = fc.oneof(
  { weight: 6, arbitrary: fc.constant('root') },
  { weight: 4, arbitrary: slot.map((name) => `$${name}`) },
  { weight: 1, arbitrary: fc.constantFrom('none', 'nobody') },
);
export const mount = fc.constantFrom('m0', 'm1');
export const key = fc.constantFrom('a', 'b', 'dir/a', 'dir/sub/c', 'dir', 'A%20b');
export const policy = fc.constantFrom('p0', 'p1', 'p2');
export const ttl = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<unknown>('1h', '30m', 0, '', 7200, '1d') },
  { weight: 1, arbitrary: fc.constantFrom<unknown>('90000h', -1, 'x') },
);
/** None that is wrong in itself: of several wrong fields the real server names the one that chance has it meet first. */
export const life = fc.constantFrom<unknown>('1h', '30m', 0, '', 7200, '1d');
export const json = (value: unknown): string => JSON.stringify(value);

export const value = fc.oneof(
  fc.constantFrom<unknown>(1, 'x', '', null, true, [1, { a: null }], {}, 1.5, '<&>', 'ü😀'),
  fc.integer({ min: -5, max: 1_000_000 }),
);
export const data = fc.dictionary(fc.constantFrom('x', 'y', 'ttl', 'lease'), value, { maxKeys: 3 });

export const made = (name: string): Step['captures'] => [
  { name, at: ['auth', 'client_token'] },
  { name: `${name}acc`, at: ['auth', 'accessor'] },
];

/** By whom, and now and then in a namespace below. */
export const by = (made: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.tuple(made, who, below).map(([one, as, headers]) => ({ ...one, as, headers: [...one.headers, ...headers] }));

const below = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Step['headers']>([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step['headers']>([['X-Vault-Namespace', 'n0']], [['X-Vault-Namespace', 'none']]),
  },
);

export const post = (path: string, body: unknown, rest: Partial<Step> = {}): Step =>
  step('POST', path, { body: json(body), ...rest });

/** `'GET a/b'` as a request. */
export const plain = (text: string): Step => {
  const [method = '', path = ''] = text.split(' ');
  return step(method, path);
};

export const keep = (name: string, ...at: string[]): Step['captures'] => [{ name, at }];
