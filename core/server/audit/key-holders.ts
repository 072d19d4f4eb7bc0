/** What those do who hold shares and no token is audited by what goes in and out; nobody looks at a token or a mount. */
import { parseObject } from '../../codec/json.ts';
import type { Request } from '../../framework/logical.ts';
import type { Reply } from '../../http/reply.ts';
import { recordWithoutCaller, type Audit } from './record.ts';

/** Those that each of these answers has. */
const headers = { 'Cache-Control': ['no-store'], 'Content-Type': ['application/json'] };

/** Rejects when there are devices and none could log. */
export async function auditedReply(audit: Audit, request: Request, answer: () => Promise<Reply>): Promise<Reply> {
  if (!audit.enabled) return answer();
  const record = recordWithoutCaller({ ...request, clientToken: '' });
  await audit.logRequest(record);
  const reply = await answer();
  const response = reply.body === undefined ? undefined : { data: parseObject(reply.body) };
  await audit.logResponse({ ...record, response, headers });
  return reply;
}
