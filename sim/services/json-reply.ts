import { print, type JsonValue } from '../../core/codec/json.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpResponse } from '../../core/http/message.ts';

/** What services with JSON say. */
export const reply = (status: number, body: JsonValue): HttpResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: encodeUtf8(print(body)),
});
