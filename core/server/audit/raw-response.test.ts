import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../codec/utf8.ts';
import type { Request, Response } from '../../framework/logical.ts';
import { testServices } from '../services.fixture.ts';
import { rawFields, unwrapped } from './raw-response.ts';

const asked = (path: string): Request => testServices().request({ path });

test('an answer of its own form is logged by its status, type and body', () => {
  const raw = { status: 200, contentType: 'text/plain', body: encodeUtf8('a') };
  const response: Response = { raw, headers: { 'Cache-Control': ['max-age=1'] } };
  const fields = { http_status_code: 200, http_content_type: 'text/plain', http_raw_cache_control: 'max-age=1' };
  expect(rawFields(asked('pki/ca'), response, true)).toEqual({ ...fields, http_raw_body: 'YQ==' });
  expect(rawFields(asked('pki/ca'), response, false)).toEqual({ ...fields, http_raw_body: 'a' });
  expect(rawFields(asked('sys/pprof/cmdline'), response, true)).toEqual({});
  expect(rawFields(asked('kv/a'), { data: { a: 1 } }, true)).toBeUndefined();
  expect(rawFields(asked('kv/a'), { data: { a: 1 }, status: 404 }, true)).toEqual({
    http_status_code: 404,
    http_content_type: 'application/json',
    http_raw_body:
      '{"request_id":"request","lease_id":"","renewable":false,"lease_duration":0,"data":{"a":1},"wrap_info":null,"warnings":null,"auth":null}',
  });
});

test('what was wrapped is logged as what it is, the token of a login too', () => {
  const text =
    '{"lease_id":"x/y","data":{"a":1},"auth":{"client_token":"s.1","accessor":"A","policies":["p"],"token_policies":["p"],"metadata":{"m":"n"},"entity_id":"e","lease_duration":60,"token_type":"service","num_uses":2}}';
  const response: Response = { raw: { status: 200, contentType: 'application/json', body: encodeUtf8(text) } };
  expect(unwrapped(asked('sys/wrapping/unwrap'), response)).toMatchObject({
    data: { a: 1 },
    secret: { leaseId: 'x/y' },
    auth: { clientToken: 's.1', accessor: 'A', metadata: { m: 'n' }, ttl: 60_000_000, numUses: 2 },
  });
  expect(unwrapped(asked('kv/a'), response)).toBe(response);
});
