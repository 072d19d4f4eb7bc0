import { expect, test } from 'vitest';
import { changesOf } from './changes.ts';
import { compareDocuments } from './documents.ts';
import type { Operation } from './operations.ts';

const at = (step: number, request: string) => ({ step, request });

test('the same change to many answers is told once, a status with the text that came with it', () => {
  const moved = { kind: 'header', at: 'header X-Vault-Index', expected: 'absent', actual: '<index>' } as const;
  const changes = changesOf([
    {
      name: 'a/one',
      differences: [
        { ...at(0, 'GET a'), ...moved },
        { ...at(1, 'GET b'), ...moved },
      ],
    },
    {
      name: 'a/two',
      differences: [
        { ...at(0, 'POST c'), kind: 'status', at: 'status', expected: '204', actual: '404' },
        { ...at(0, 'POST c'), kind: 'extra', at: 'body', expected: 'empty', actual: '{"errors":["no\\n"]}' },
        { ...at(1, 'GET d'), kind: 'value', at: '.data.keys[3].x', expected: '1', actual: '2' },
        { ...at(2, 'GET e'), kind: 'value', at: '.data.keys[5].x', expected: '1', actual: '2' },
      ],
    },
  ]);
  expect(changes).toEqual([
    { kind: 'status', at: 'status', from: '204', to: '404 no', seen: ['a/two: POST c'] },
    { kind: 'header', at: moved.at, from: 'absent', to: '<index>', seen: ['a/one: GET a', 'a/one: GET b'] },
    { kind: 'value', at: '.data.keys[].x', from: '1', to: '2', seen: ['a/two: GET d', 'a/two: GET e'] },
  ]);
});

test('what two servers document differently is told operation by operation and field by field', () => {
  const operation = (id: string, fields: Operation['fields'], list?: 'may'): Operation => {
    const [method, path = ''] = id.split(' ');
    return { id, method: method as 'GET', path, area: 'sys', fields, ...(list === undefined ? {} : { list }) };
  };
  const before = [
    operation('GET /a', {}, 'may'),
    operation('POST /b', { x: 'string', y: 'string' }),
    operation('GET /c', {}),
  ];
  const after = [
    operation('GET /a', {}),
    operation('POST /b', { x: 'integer', z: 'boolean' }),
    operation('GET /d', {}),
  ];
  expect(compareDocuments(before, after)).toEqual({
    added: ['GET /d'],
    gone: ['GET /c'],
    fields: [
      { operation: 'GET /a', added: [], gone: [], changed: ['listing: may → no'] },
      { operation: 'POST /b', added: ['z'], gone: ['y'], changed: ['x: string → integer'] },
    ],
  });
});
