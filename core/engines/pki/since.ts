/** What a client has already: whoever says since when (`If-Modified-Since`) is told so instead of being sent it again. */
import { noBytes } from '../../codec/bytes.ts';
import { formatHttpDate, parseHttpDate } from '../../codec/http-date.ts';
import { failure } from '../../fault.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import type { Micros } from '../../runtime.ts';
import type { PkiCall } from './call.ts';

/** `modified`: when what is answered was last changed; 0: it was never made. Throws a Fault. */
export async function unlessKnown(
  { request }: PkiCall,
  modified: () => Micros | Promise<Micros>,
  answer: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const since = request.headers.get('if-modified-since')?.[0];
  if (since === undefined) return answer();
  const at = parseHttpDate(since);
  if (typeof at === 'string') throw failure(`failed to parse given value for 'If-Modified-Since' header: ${at}`);
  const last = await modified();
  if (last === 0 || at <= last) return answer();
  return reply({
    raw: { status: 304, contentType: '', body: noBytes },
    headers: { 'Last-Modified': [formatHttpDate(last)] },
  });
}
