/** `max_request_duration`: how long clients of a listener wait at most. */
import { print } from '../core/codec/json.ts';
import { encodeUtf8 } from '../core/codec/utf8.ts';
import type { HttpHandler, HttpResponse } from '../core/http/message.ts';

/** `duration` in milliseconds. Whoever waits longer is told so; what was begun goes on, as nothing can take it back. */
export function withDeadline(handler: HttpHandler, duration: number): HttpHandler {
  return (request) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<HttpResponse>((resolve) => {
      timer = setTimeout(() => resolve(tooLate()), duration);
    });
    return Promise.race([handler(request), late]).finally(() => clearTimeout(timer));
  };
}

function tooLate(): HttpResponse {
  const body = encodeUtf8(`${print({ errors: ['context canceled'] })}\n`);
  return {
    status: 500,
    headers: [
      ['Cache-Control', 'no-store'],
      ['Content-Type', 'application/json'],
      ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
    ],
    body,
  };
}
