/** Other people's HTTP servers as machines on the simulated network; `https` is as `http`, but another port. */
import { noBytes } from '../../core/codec/bytes.ts';
import type { OutgoingRequest, OutgoingResponse, Web } from '../../core/runtime.ts';
import { NetworkError } from '../../core/runtime.ts';
import { exchangeBytes, type Means } from './exchange.ts';
import { decodeResponse, encodeRequest } from './http-wire.ts';

export class ProcessWeb implements Web {
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  async request({ method, url, headers, body, timeout }: OutgoingRequest): Promise<OutgoingResponse> {
    const { host, address, target } = split(url);
    const message = encodeRequest({
      method,
      url: target,
      host,
      headers: Object.entries(headers),
      body: body ?? noBytes,
    });
    const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
    return decodeResponse(await exchangeBytes(this.#means, address, message, { timeout, late }));
  }
}

function split(url: string): { readonly host: string; readonly address: string; readonly target: string } {
  const parts = /^(https?):\/\/([^/?]+)(.*)$/.exec(url);
  if (parts === null) throw new NetworkError('refused', `unsupported protocol scheme in "${url}"`);
  const [, scheme, host, target] = parts;
  const address = /:\d+$/.test(host!) ? host! : `${host}:${scheme === 'https' ? 443 : 80}`;
  return { host: host!, address, target: target!.startsWith('/') ? target! : `/${target}` };
}
