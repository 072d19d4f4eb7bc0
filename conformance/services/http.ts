/** What answers for somebody else's API, as a listener of Node's servers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';

export type Asked = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;
export type Answering = (request: Asked) => HttpResponse;

export const listener = (answer: Answering) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
  const parts: Buffer[] = [];
  incoming.on('data', (part: Buffer) => parts.push(part));
  incoming.on('end', () => {
    const { method = '', url = '' } = incoming;
    const headers = new Map(Object.entries(incoming.headers).map(([key, value]) => [key, [value].flat() as string[]]));
    const { status, headers: lines, body } = answer({ method, url, headers, body: Buffer.concat(parts) });
    outgoing.writeHead(status, lines.flat());
    outgoing.end(body);
  });
};
