/** Entities, groups and aliases, by name and by id; what their policies give to tokens. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { json, policy } from './vocabulary.ts';

const entity = fc.constantFrom('e0', 'e1');
const group = fc.constantFrom('g0', 'g1');
const metadata = fc.constantFrom<unknown>({ team: 'red' }, {}, null, { team: 1 }, 'x');
const policies = fc.uniqueArray(policy, { maxLength: 2 });
const keep = (name: string): Step['captures'] => [{ name, at: ['data', 'id'] }];
const kept = fc.constantFrom('$eid', '$gid', 'none');

export const identity: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(entity, fc.record({ policies, metadata, disabled: fc.boolean() }, { requiredKeys: [] }))
      .map(([name, body]) => step('POST', 'identity/entity', { body: json({ name, ...body }), captures: keep('eid') })),
  },
  fc
    .tuple(entity, metadata)
    .map(([name, meta]) => step('POST', `identity/entity/name/${name}`, { body: json({ metadata: meta }) })),
  fc
    .tuple(fc.constantFrom('GET', 'GET', 'DELETE'), entity)
    .map(([method, name]) => step(method, `identity/entity/name/${name}`)),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), kept).map(([method, id]) => step(method, `identity/entity/id/${id}`)),
  fc.tuple(kept, entity).map(([id, name]) => step('POST', `identity/entity/id/${id}`, { body: json({ name }) })),
  fc
    .tuple(
      group,
      fc.record(
        {
          policies,
          metadata,
          type: fc.constantFrom('internal', 'external', 'odd'),
          member_entity_ids: fc.constantFrom<unknown>(['$eid'], [], ['none']),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([name, body]) => step('POST', 'identity/group', { body: json({ name, ...body }), captures: keep('gid') })),
  fc
    .tuple(fc.constantFrom('GET', 'DELETE'), group)
    .map(([method, name]) => step(method, `identity/group/name/${name}`)),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), kept).map(([method, id]) => step(method, `identity/group/id/${id}`)),
  fc
    .constantFrom({ name: 'e0' }, { id: '$eid' }, { id: 'none' }, {}, { alias_id: 'none' })
    .map((body) => step('POST', 'identity/lookup/entity', { body: json(body) })),
  fc
    .constantFrom({ name: 'g0' }, { id: '$gid' }, { alias_name: 'none' }, {})
    .map((body) => step('POST', 'identity/lookup/group', { body: json(body) })),
  // The alias of a login that has or has not been yet.
  fc.constantFrom('$rmount', 'none', '').map((accessor) =>
    step('POST', 'identity/entity-alias', {
      body: json({ name: 'ann', canonical_id: '$eid', mount_accessor: accessor }),
      captures: keep('aid'),
    }),
  ),
  fc.constant(step('GET', 'sys/auth/u', { captures: [{ name: 'rmount', at: ['data', 'accessor'] }] })),
  fc.constantFrom('GET', 'DELETE').map((method) => step(method, 'identity/entity-alias/id/$aid')),
);
