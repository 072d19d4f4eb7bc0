/** A request with one value of its body replaced: what every field may be sent by somebody who did not read about it. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { crashes, fieldsOf } from '../fields.ts';
import { json } from './vocabulary.ts';

const odd = fc.constantFrom<unknown>(null, null, null, '', [], {}, -1, 0, true, 'x', ['', 'x'], { x: null });

/** What generators send as wrong already: of two wrong fields the real server names either. */
const WRONG: ReadonlySet<unknown> = new Set(['x', -1, '{', '90000h', 'perhaps']);

export const bent = (made: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.tuple(made, fc.nat({ max: 20 }), odd).map(([one, which, value]) => {
    const body = fieldsOf(one.body) ?? {};
    const names = Object.keys(body).filter((name) => !crashes(name, value));
    if (names.length === 0 || Object.values(body).some((given) => WRONG.has(given))) return one;
    return { ...one, body: json({ ...body, [names[which % names.length]!]: value }) };
  });
