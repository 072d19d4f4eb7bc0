import { gunzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { decodeEntry, encodeEntry } from './entry-codec.ts';

// Read from a real 2.7.2 server through sys/raw.
const rows = [
  '{"table":"mounts","path":"full/","type":"kv","description":"d","uuid":"3b550ca2-761d-8980-34ad-cbfaf8c76f0c","backend_aware_uuid":"96a605e8-9911-e6cc-382d-2b25b9ff901a","accessor":"kv_af5b5fae","config":{"default_lease_ttl":3600000000000,"max_lease_ttl":7200000000000,"force_no_cache":true,"audit_non_hmac_request_keys":["a"],"audit_non_hmac_response_keys":["b"],"listing_visibility":"unauth","passthrough_request_headers":["x"],"allowed_response_headers":["y"]},"options":{"version":"1"},"local":false,"seal_wrap":true,"namespace_id":"root"}\n',
  '{"table":"auth","path":"up/","type":"userpass","description":"","uuid":"f9920f0a-9006-3716-d75d-72446d6a0e79","backend_aware_uuid":"788c92f2-eb9f-50ff-379b-c126abf19024","accessor":"auth_userpass_4ee04bd5","config":{"token_type":2,"user_lockout_config":{"lockout_threshold":7,"lockout_duration":600000000000}},"options":{},"local":false,"seal_wrap":false,"namespace_id":"root"}\n',
  '{"table":"mounts","path":"cubbyhole/","type":"cubbyhole","description":"per-token private secret storage","uuid":"2a362916-a7b0-3cd4-fbcf-23fff96ac5c5","backend_aware_uuid":"5b20521c-1d0b-6468-0fd8-744c411a1b05","accessor":"cubbyhole_d6f0e561","config":{},"options":null,"local":true,"seal_wrap":false,"namespace_id":"root"}\n',
];

test.each(rows)('a row of the real server comes back byte for byte: %s', (row) => {
  const stored = encodeEntry(decodeEntry(encodeUtf8(row)));
  expect(stored[0]).toBe(0x47);
  expect(decodeUtf8(gunzipSync(stored.subarray(1)))).toBe(row);
  expect(decodeEntry(stored)).toEqual(decodeEntry(encodeUtf8(row)));
});
