/** Our server with some answers changed on the way: what a wrong server would say, or one that dies. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './client.ts';
import { Client } from './client.ts';
import { oursInProcess } from './targets/ours.ts';
import type { Running, Target } from './targets/target.ts';

/** Undefined: the server is gone from now on. */
export type Change = (
  request: { readonly method: string; readonly path: string },
  answer: Answer,
  count: number,
) => Answer | undefined;

/** Of all answers whose path begins so: the body edited. */
export const edit =
  (path: string, from: string | RegExp, to: string): Change =>
  (request, answer) =>
    request.path.startsWith(path) ? { ...answer, body: answer.body.replace(from, to) } : answer;

export const changed = (name: string, change: Change): Target => ({
  name,
  kinds: ['dev'],
  start: () => through(change),
  close: () => Promise.resolve(),
});

async function through(change: Change): Promise<Running> {
  const inner = await oursInProcess().start('dev');
  const client = new Client(inner.addresses[0]!);
  let count = 0;
  const proxy = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { url: path = '', method = 'GET' } = incoming;
      const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !['host', 'content-length', 'connection'].includes(name)
          ? [[name, value] as const]
          : [],
      );
      const body = chunks.length === 0 ? undefined : Buffer.concat(chunks).toString();
      void client.send({ method, path, headers, body }).then((answer) => {
        const wrong = change({ method, path }, answer, ++count);
        if (wrong === undefined) {
          proxy.close();
          proxy.closeAllConnections();
          return;
        }
        const lines = wrong.headers.filter(
          ([name]) => !/^(?:content-length|connection|transfer-encoding)$/i.test(name),
        );
        outgoing.writeHead(wrong.status, lines.flat());
        outgoing.end(wrong.body);
      });
    });
  });
  // Node's parser knows no LIST and no SCAN; the client's own requests say the same with a query.
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    ...inner,
    addresses: [`http://127.0.0.1:${port}`],
    stop: async () => {
      client.close();
      proxy.closeAllConnections();
      proxy.close();
      await inner.stop();
    },
  };
}
