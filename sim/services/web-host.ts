/** A web server by its name, where proofs of ACME's http-01 lie; remembers who asked for which. */
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';

const PLACE = '/.well-known/acme-challenge/';

export class WebHost extends HttpService {
  /** By token. */
  readonly proofs = new Map<string, string>();
  /** Tokens whose proof was given out. */
  readonly shown = new Set<string>();

  constructor(simulation: Simulation, name: string) {
    super(simulation, { name, port: 80, title: 'web host' });
  }

  protected respond({ url }: HttpRequest): HttpResponse {
    const token = url.startsWith(PLACE) ? url.slice(PLACE.length) : '';
    const proof = this.proofs.get(token);
    if (proof === undefined) return { status: 404, headers: [], body: encodeUtf8('not found') };
    this.shown.add(token);
    return { status: 200, headers: [['Content-Type', 'text/plain']], body: encodeUtf8(proof) };
  }
}
