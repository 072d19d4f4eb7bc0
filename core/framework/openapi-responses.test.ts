import { expect, test } from 'vitest';
import { print } from '../codec/json.ts';
import { describeResponses } from './openapi-responses.ts';

/** As it is printed, since that has an order. */
const described = (declared: Record<number, string>) => {
  const schemas = {};
  const responses = describeResponses(declared, 'ReadRole', schemas);
  return JSON.parse(print({ responses, schemas })) as { responses: unknown; schemas: unknown };
};

test('without fields there is a text and no body', () => {
  expect(described({ 200: '', 204: '"gone"', 304: '' })).toEqual({
    responses: { 200: { description: 'OK' }, 204: { description: 'gone' }, 304: { description: 'Not Modified' } },
    schemas: {},
  });
});

test('a body is a schema of the operation, or one with a name of its own', () => {
  const content = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });
  expect(described({ 200: '{ a: string }', 202: 'Later { }' })).toEqual({
    responses: {
      200: { description: 'OK', content: content('ReadRoleResponse') },
      202: { description: 'Accepted', content: content('Later') },
    },
    schemas: {
      ReadRoleResponse: { type: 'object', properties: { a: { type: 'string' } } },
      Later: { type: 'object', properties: {} },
    },
  });
});

test('a type has items, a format, what it may be and what it is otherwise', () => {
  const { schemas } = described({
    200: '{ list: string[]; ttl: integer(seconds) deprecated; kind: string in ["a","b;c"] = "a"; on: boolean = true }',
  });
  expect(schemas).toEqual({
    ReadRoleResponse: {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'string' } },
        ttl: { type: 'integer', format: 'seconds', deprecated: true },
        kind: { type: 'string', enum: ['a', 'b;c'], default: 'a' },
        on: { type: 'boolean', default: true },
      },
    },
  });
});

test('keys come in the order of upstream’s structs', () => {
  const schemas = {};
  describeResponses({ 200: 'Later { a: string deprecated in ["b"] = "b" }' }, 'ReadRole', schemas);
  expect(print(schemas)).toBe(
    '{"Later":{"type":"object","properties":{"a":{"type":"string","enum":["b"],"default":"b","deprecated":true}}}}',
  );
});

test('what is not in the form is an error of whoever declares it', () => {
  expect(() => described({ 200: 'string; what' })).toThrow('written in the form');
  expect(() => described({ 200: '{ a: String? }' })).toThrow('the type of a');
});
