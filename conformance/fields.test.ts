/** Where a written case succeeds, its request is sent again with every documented field. */
import { expect, test } from 'vitest';
import { loadCases, step } from './case.ts';
import { fieldCases, variantsOf } from './fields.ts';
import type { Operation } from './operations.ts';
import { loadOperations } from './recording.ts';

const write: Operation = {
  id: 'POST /kv-v2/config',
  method: 'POST',
  path: '/kv-v2/config',
  area: 'kv',
  fields: { max_versions: 'integer', connection_url: 'string', qr_size: 'integer' },
};
const read: Operation = { id: 'GET /kv-v2/config', method: 'GET', path: '/kv-v2/config', area: 'kv', fields: {} };

test('each value of each field is sent with the rest of the body, and what it left is read', () => {
  const steps = variantsOf(step('POST', 'm/config', { body: '{"cas_required":true}' }), write, [write, read]);
  const sent = steps.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body!) as object);
  expect(sent).toContainEqual({ cas_required: true, max_versions: '1h' });
  expect(sent).toContainEqual({ cas_required: true, connection_url: '' });
  // The real server ends the connection.
  expect(sent).not.toContainEqual({ cas_required: true, connection_url: 7_200 });
  expect(sent).toContainEqual({ cas_required: true, qr_size: 3600 });
  expect(sent).not.toContainEqual({ cas_required: true, qr_size: '7200' });
  expect(steps.filter(({ method }) => method === 'GET')).toHaveLength(sent.length);
});

test('no operation of the cases is asked at two places', () => {
  const operations = loadOperations('2.7.2');
  const places = fieldCases(loadCases(), operations).flatMap(({ name, steps }) => [
    ...new Set(steps.flatMap(({ probe }) => (probe === undefined ? [] : [`${name} ${probe.operation}`]))),
  ]);
  const asked = places.map((place) => place.slice(place.indexOf(' ')));
  expect(asked.length).toBeGreaterThan(200);
  expect(new Set(asked).size).toBe(asked.length);
});

test('at more places than one an operation is asked with other fields', () => {
  const asked = (places: number): boolean =>
    fieldCases(loadCases('totp'), loadOperations('2.7.2'), places)
      .flatMap(({ steps }) => steps)
      .some(({ body }) => body === '{"generate":true,"issuer":"I","account_name":"acc","exported":false,"key":""}');
  expect([1, 2].map(asked)).toEqual([false, true]);
});
