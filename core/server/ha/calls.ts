/** The messages between a standby and the active node: calls and answers, and their bytes. */
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { WireReader, WireWriter } from '../../raft/wire.ts';
import type { Echo } from '../../storage/raft/followers.ts';

export interface EchoCall extends Echo {
  readonly clusterAddress: string;
  readonly apiAddress: string;
  readonly hostname: string;
}

export type Message =
  | { readonly kind: 'request'; readonly call: number; readonly request: HttpRequest }
  | { readonly kind: 'response'; readonly call: number; readonly response: HttpResponse | undefined }
  | { readonly kind: 'echo'; readonly call: number; readonly echo: EchoCall }
  | { readonly kind: 'pong'; readonly call: number; readonly performanceMode: string }
  /** Namespaces whose keys a standby has. */
  | { readonly kind: 'offer'; readonly call: number; readonly held: readonly string[] }
  /** Keys that the other side has not, and what is asked of it in turn. */
  | { readonly kind: 'keys'; readonly call: number; readonly keys: NamespaceKeys; readonly wanted: readonly string[] }
  /** From a standby: it wants to be told all changes from now on; or how far everything is. */
  | { readonly kind: 'follow' | 'mark'; readonly call: number }
  /** To it, again and again: what has changed, and an index by which it had; then that there will be no more. */
  | { readonly kind: 'changes'; readonly call: number; readonly keys: readonly string[]; readonly index: string }
  | { readonly kind: 'ended'; readonly call: number }
  | { readonly kind: 'ping' | 'ack'; readonly call: number };

/** Root keys by the namespace's uuid. */
export type NamespaceKeys = ReadonlyMap<string, Uint8Array>;

const kinds = [
  'request',
  'response',
  'echo',
  'pong',
  'ping',
  'ack',
  'offer',
  'keys',
  'follow',
  'mark',
  'changes',
  'ended',
] as const;

export function encodeMessage(message: Message): Uint8Array {
  const writer = new WireWriter();
  writer.byte(kinds.indexOf(message.kind));
  writer.number(message.call);
  if (message.kind === 'request') writeRequest(writer, message.request);
  else if (message.kind === 'response') writeResponse(writer, message.response);
  else if (message.kind === 'echo') writeEcho(writer, message.echo);
  else if (message.kind === 'pong') writer.text(message.performanceMode);
  else if (message.kind === 'offer') writeTexts(writer, message.held);
  else if (message.kind === 'keys') writeKeys(writer, message.keys, message.wanted);
  else if (message.kind === 'changes') {
    writeTexts(writer, message.keys);
    writer.text(message.index);
  }
  return writer.take();
}

/** Throws WireError. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new WireReader(bytes);
  const kind = kinds[reader.byte()];
  const call = reader.number();
  switch (kind) {
    case 'request':
      return { kind, call, request: readRequest(reader) };
    case 'response':
      return { kind, call, response: readResponse(reader) };
    case 'echo':
      return { kind, call, echo: readEcho(reader) };
    case 'pong':
      return { kind, call, performanceMode: reader.text() };
    case 'ping':
    case 'ack':
    case 'follow':
    case 'mark':
    case 'ended':
      return { kind, call };
    case 'changes':
      return { kind, call, keys: readTexts(reader), index: reader.text() };
    case 'offer':
      return { kind, call, held: readTexts(reader) };
    case 'keys':
      return { kind, call, ...readKeys(reader) };
    default:
      throw new Error('an unknown kind of message');
  }
}

function writeTexts(writer: WireWriter, texts: readonly string[]): void {
  writer.number(texts.length);
  for (const text of texts) writer.text(text);
}

function readTexts(reader: WireReader): string[] {
  const texts: string[] = [];
  for (let count = reader.number(); count > 0; count--) texts.push(reader.text());
  return texts;
}

function writeKeys(writer: WireWriter, keys: NamespaceKeys, wanted: readonly string[]): void {
  writer.number(keys.size);
  for (const [uuid, key] of keys) {
    writer.text(uuid);
    writer.bytes(key);
  }
  writeTexts(writer, wanted);
}

function readKeys(reader: WireReader): { keys: NamespaceKeys; wanted: string[] } {
  const keys = new Map<string, Uint8Array>();
  for (let count = reader.number(); count > 0; count--) keys.set(reader.text(), reader.bytes());
  return { keys, wanted: readTexts(reader) };
}

function writeRequest(writer: WireWriter, request: HttpRequest): void {
  writer.text(request.method);
  writer.text(request.url);
  writer.text(request.host);
  writer.text(request.remote.address);
  writer.number(request.remote.port);
  writer.number(request.headers.size);
  for (const [name, values] of request.headers) {
    writer.text(name);
    writer.number(values.length);
    for (const value of values) writer.text(value);
  }
  writer.bytes(request.body);
  const certificates = request.tls?.clientCertificates ?? [];
  writer.byte(request.tls === undefined ? 0 : 1);
  writer.number(certificates.length);
  for (const certificate of certificates) writer.bytes(certificate);
}

function readRequest(reader: WireReader): HttpRequest {
  const method = reader.text();
  const url = reader.text();
  const host = reader.text();
  const remote = { address: reader.text(), port: reader.number() };
  const headers = new Map<string, string[]>();
  for (let count = reader.number(); count > 0; count--) {
    const name = reader.text();
    const values: string[] = [];
    for (let left = reader.number(); left > 0; left--) values.push(reader.text());
    headers.set(name, values);
  }
  const body = reader.bytes();
  const tls = reader.byte() === 1;
  const clientCertificates: Uint8Array[] = [];
  for (let count = reader.number(); count > 0; count--) clientCertificates.push(reader.bytes());
  return { method, url, host, remote, headers, body, ...(tls ? { tls: { clientCertificates } } : {}) };
}

function writeResponse(writer: WireWriter, response: HttpResponse | undefined): void {
  writer.number(response?.status ?? 0);
  if (response === undefined) return;
  writer.number(response.headers.length);
  for (const [name, value] of response.headers) {
    writer.text(name);
    writer.text(value);
  }
  writer.bytes(response.body);
}

function readResponse(reader: WireReader): HttpResponse | undefined {
  const status = reader.number();
  if (status === 0) return undefined;
  const headers: [string, string][] = [];
  for (let count = reader.number(); count > 0; count--) headers.push([reader.text(), reader.text()]);
  return { status, headers, body: reader.bytes() };
}

function writeEcho(writer: WireWriter, echo: EchoCall): void {
  writer.text(echo.clusterAddress);
  writer.text(echo.apiAddress);
  writer.text(echo.hostname);
  writer.text(echo.nodeId);
  writer.number(echo.appliedIndex);
  writer.number(echo.term);
  writer.text(echo.desiredSuffrage);
  writer.text(echo.version);
  writer.text(echo.upgradeVersion);
}

function readEcho(reader: WireReader): EchoCall {
  return {
    clusterAddress: reader.text(),
    apiAddress: reader.text(),
    hostname: reader.text(),
    nodeId: reader.text(),
    appliedIndex: reader.number(),
    term: reader.number(),
    desiredSuffrage: reader.text(),
    version: reader.text(),
    upgradeVersion: reader.text(),
  };
}
