/** Other people's HTTP servers as machines on the simulated network; `https` is as `http`, but another port. */
import { noBytes } from '../../core/codec/bytes.ts';
import type { Clock, Network, OutgoingRequest, OutgoingResponse, Web } from '../../core/runtime.ts';
import { NetworkError } from '../../core/runtime.ts';
import { decodeResponse, encodeRequest } from './http-wire.ts';

export class ProcessWeb implements Web {
  readonly #network: Network;
  readonly #clock: Clock;

  constructor(network: Network, clock: Clock) {
    this.#network = network;
    this.#clock = clock;
  }

  async request({ method, url, headers, body, timeout }: OutgoingRequest): Promise<OutgoingResponse> {
    const { host, address, target } = split(url);
    const end = this.#clock.monotonic() + timeout;
    const connection = await this.#network.dial(address, timeout);
    const message = encodeRequest({
      method,
      url: target,
      host,
      headers: Object.entries(headers),
      body: body ?? noBytes,
    });
    return new Promise((resolve, reject) => {
      const left = end - this.#clock.monotonic();
      const timer = this.#clock.after(left > 0 ? left : 0, () => {
        connection.close();
        const text = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
        reject(new NetworkError('timeout', text));
      });
      connection.onMessage((answer) => {
        timer.cancel();
        connection.close();
        resolve(decodeResponse(answer));
      });
      connection.onClose((reason) => {
        timer.cancel();
        reject(reason === 'eof' ? new NetworkError('reset', 'EOF') : reason);
      });
      connection.send(message);
    });
  }
}

function split(url: string): { readonly host: string; readonly address: string; readonly target: string } {
  const parts = /^(https?):\/\/([^/?]+)(.*)$/.exec(url);
  if (parts === null) throw new NetworkError('refused', `unsupported protocol scheme in "${url}"`);
  const [, scheme, host, target] = parts;
  const address = /:\d+$/.test(host!) ? host! : `${host}:${scheme === 'https' ? 443 : 80}`;
  return { host: host!, address, target: target!.startsWith('/') ? target! : `/${target}` };
}
