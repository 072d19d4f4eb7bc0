/** One message there and one back over a connection of its own: how simulated programs ask each other. */
import { type JsonObject, type JsonValue, parseObject, print } from '../../core/codec/json.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { Clock, Listener, Micros, Network } from '../../core/runtime.ts';
import { NetworkError } from '../../core/runtime.ts';

export interface Means {
  readonly network: Network;
  readonly clock: Clock;
}

interface Patience {
  /** From the first try to connect to the answer. */
  readonly timeout: Micros;
  /** What the error says when nothing comes in time. */
  readonly late: string;
}

/** Rejects NetworkError. */
export async function exchangeBytes(
  { network, clock }: Means,
  address: string,
  message: Uint8Array,
  { timeout, late }: Patience,
): Promise<Uint8Array> {
  const end = clock.monotonic() + timeout;
  const connection = await network.dial(address, timeout);
  return new Promise((resolve, reject) => {
    const timer = clock.after(Math.max(0, end - clock.monotonic()), () => {
      connection.close();
      reject(new NetworkError('timeout', late));
    });
    connection.onMessage((answer) => {
      timer.cancel();
      connection.close();
      resolve(answer);
    });
    connection.onClose((reason) => {
      timer.cancel();
      reject(reason === 'eof' ? new NetworkError('reset', 'EOF') : reason);
    });
    connection.send(message);
  });
}

/** The same with JSON. */
export const exchange = async (
  means: Means,
  address: string,
  question: JsonValue,
  patience: Patience,
): Promise<JsonObject> => parseObject(await exchangeBytes(means, address, encodeUtf8(print(question)), patience));

/** Answers such questions; undefined hangs up. */
export const answerAt = (
  { network }: Pick<Means, 'network'>,
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
