import { expect, test } from 'vitest';
import { json } from '../../http/reply.ts';
import { testServices } from '../services.fixture.ts';
import { auditedReply } from './key-holders.ts';
import type { AuditedResponse, AuditRecord } from './record.ts';

test('what key holders ask is audited without a token, and what they are told as it is', async () => {
  const requests: AuditRecord[] = [];
  const responses: AuditedResponse[] = [];
  const audit = {
    enabled: true,
    logRequest: async (record: AuditRecord) => void requests.push(record),
    logResponse: async (record: AuditedResponse) => void responses.push(record),
  };
  const request = testServices().request({ path: 'sys/rekey/init', data: { secret_shares: 1 } });
  const refusal = json(400, { errors: ['no'] });
  expect(await auditedReply(audit, request, () => Promise.resolve(refusal))).toBe(refusal);
  expect(await auditedReply(audit, request, () => Promise.resolve({ status: 204 }))).toEqual({ status: 204 });
  expect(requests.map(({ request: { clientToken, data }, auth, entry }) => [clientToken, data, auth, entry])).toEqual([
    ['', { secret_shares: 1 }, undefined, undefined],
    ['', { secret_shares: 1 }, undefined, undefined],
  ]);
  expect(responses.map(({ response }) => response)).toEqual([{ data: { errors: ['no'] } }, undefined]);
  expect(responses[0]?.headers).toEqual({ 'Cache-Control': ['no-store'], 'Content-Type': ['application/json'] });
});
