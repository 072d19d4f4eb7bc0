/** The HTTP listener of a simulated node: what host/http is on the real network. */
import { formatHttpDate } from '../../core/codec/http-date.ts';
import type { HttpHandler, HttpRequest } from '../../core/http/message.ts';
import type { Connection, Listener, Runtime } from '../../core/runtime.ts';
import { splitAddress } from './host.ts';
import { decodeRequest, encodeResponse } from './http-wire.ts';
import { decodeHello } from './tls-hello.ts';

/** Answers requests on `address` in the order of their arrival on a connection. A handler that rejects is a bug and ends the node. */
export function serveHttp(
  runtime: Runtime,
  address: string,
  handler: HttpHandler,
  sealed: () => boolean = () => false,
): Listener {
  let requests = 0;
  return runtime.network.listen(address, (connection) => {
    let last: Promise<void> = Promise.resolve();
    let tls: HttpRequest['tls'];
    connection.onMessage((message) => {
      const clientCertificates = decodeHello(message);
      if (clientCertificates !== undefined) {
        tls = { clientCertificates };
        return;
      }
      last = last.then(() => answer(runtime, address, handler, { connection, tls }, message, ++requests, sealed));
      last.catch((error: unknown) => {
        runtime.clock.after(0, () => {
          throw error;
        });
      });
    });
  });
}

async function answer(
  runtime: Runtime,
  address: string,
  handler: HttpHandler,
  { connection, tls }: { readonly connection: Connection; readonly tls: HttpRequest['tls'] },
  message: Uint8Array,
  id: number,
  sealed: () => boolean,
): Promise<void> {
  const { method, url, headers, body } = decodeRequest(message);
  const sealedBefore = sealed();
  runtime.trace({ kind: 'http.request', id, method, path: url });
  const remote = splitAddress(connection.remote);
  const response = await handler({
    method,
    url,
    headers,
    body,
    host: headers.get('host')?.[0] ?? address,
    remote: { address: remote?.host ?? '', port: remote?.port ?? 0 },
    ...(tls && { tls }),
  });
  const status = response?.status ?? 0;
  runtime.trace({ kind: 'http.response', id, status, sealed: sealedBefore && sealed() });
  if (response === undefined) connection.close();
  else connection.send(encodeResponse(response, formatHttpDate(runtime.clock.wall())));
}
