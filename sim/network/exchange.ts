/** One message there and one back over a connection of its own: how simulated programs ask each other. */
import { type JsonObject, type JsonValue, parseObject, print } from '../../core/codec/json.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Clock, Listener, Micros, Network } from '../../core/runtime.ts';
import { NetworkError } from '../../core/runtime.ts';

/** Rejects NetworkError; `late` is what it says when nothing comes in time. */
export async function exchange(
  { network, clock }: { readonly network: Network; readonly clock: Clock },
  address: string,
  question: JsonValue,
  { timeout, late }: { readonly timeout: Micros; readonly late: string },
): Promise<JsonObject> {
  const connection = await network.dial(address, timeout);
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeout, () => {
      connection.close();
      reject(new NetworkError('timeout', late));
    });
    connection.onMessage((message) => {
      timer.cancel();
      connection.close();
      resolve(parseObject(message));
    });
    connection.onClose((reason) => {
      timer.cancel();
      reject(reason === 'eof' ? new NetworkError('reset', 'EOF') : reason);
    });
    connection.send(encodeUtf8(print(question)));
  });
}

/** Answers such questions; undefined hangs up. */
export const answerAt = (
  { network }: { readonly network: Network },
  address: string,
  answer: (question: JsonObject) => JsonObject | undefined,
): Listener =>
  network.listen(address, (connection) => {
    connection.onMessage((message) => {
      const found = answer(parseObject(message));
      if (found === undefined) connection.close();
      else connection.send(encodeUtf8(print(found)));
    });
  });
