/** The HTTP listener of a simulated node: what host/http is on the real network. */
import { formatHttpDate } from '../core/codec/http-date.ts';
import type { HttpHandler } from '../core/http/message.ts';
import type { Connection, Listener, Runtime } from '../core/runtime.ts';
import { splitAddress } from './host.ts';
import { decodeRequest, encodeResponse } from './http-wire.ts';

/** Answers requests on `address` in the order of their arrival on a connection. A handler that rejects is a bug and ends the node. */
export function serveHttp(runtime: Runtime, address: string, handler: HttpHandler): Listener {
  return runtime.network.listen(address, (connection) => {
    let last: Promise<void> = Promise.resolve();
    connection.onMessage((message) => {
      last = last.then(() => answer(runtime, address, handler, connection, message));
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
  connection: Connection,
  message: Uint8Array,
): Promise<void> {
  const { method, url, headers, body } = decodeRequest(message);
  const remote = splitAddress(connection.remote);
  const response = await handler({
    method,
    url,
    headers,
    body,
    host: headers.get('host')?.[0] ?? address,
    remote: { address: remote?.host ?? '', port: remote?.port ?? 0 },
  });
  if (response === undefined) connection.close();
  else connection.send(encodeResponse(response, formatHttpDate(runtime.clock.wall())));
}
