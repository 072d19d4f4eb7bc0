/** Audit devices whose lines leave the machine: socket, syslog and http. */
import { quote } from '../../codec/go-quote.ts';
import { urlFault } from '../../codec/go-url-fault.ts';
import { asList, asObject } from '../../codec/json-fields.ts';
import { JsonError, type JsonValue, kindOf, parse } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { type Fault, refuse } from '../../fault.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND } from '../../runtime.ts';
import { multierror } from '../../codec/multierror.ts';
import type { AuditDevice } from './device.ts';
import type { Outlet, Outlets } from './outlets.ts';

type Options = Readonly<Record<string, string>>;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Connects when there is something to write; a line that fails is tried once more over a new connection. */
export class SocketDevice implements AuditDevice {
  readonly #outlets: Outlets;
  readonly #network: string;
  readonly #address: string;
  readonly #timeout: Micros;
  #outlet: Outlet | undefined;
  #last: Promise<void> = Promise.resolve();

  /** Throws what upstream refuses about the options. */
  constructor(options: Options, outlets: Outlets) {
    this.#outlets = outlets;
    this.#address = options['address'] ?? '';
    if (this.#address === '') throw refuse('address is required');
    this.#network = options['socket_type'] ?? 'tcp';
    this.#timeout = parseSeconds(options['write_timeout'] ?? '2s');
  }

  write(line: string): Promise<void> {
    const bytes = encodeUtf8(line);
    const done = this.#last.then(async () => {
      try {
        await this.#send(bytes);
      } catch (first) {
        this.#drop();
        try {
          await this.#send(bytes);
        } catch (second) {
          throw new Error(multierror(textOf(first), textOf(second)), { cause: second });
        }
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  reopen(): Promise<void> {
    this.#drop();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.reopen();
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#outlet ??= await this.#outlets.socket(this.#network, this.#address, this.#timeout);
    await this.#outlet.write(bytes, this.#timeout);
  }

  #drop(): void {
    this.#outlet?.close();
    this.#outlet = undefined;
  }
}

function parseSeconds(text: string): Micros {
  try {
    return toMicros(text);
  } catch (error) {
    throw error instanceof CoercionError ? refuse(error.message) : error;
  }
}

const facilities: ReadonlySet<string> = new Set(
  'KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7'.split(
    ' ',
  ),
);

export class SyslogDevice implements AuditDevice {
  readonly #outlets: Outlets;
  readonly #facility: string;
  readonly #tag: string;
  #outlet: Outlet | undefined;

  constructor(options: Options, outlets: Outlets) {
    this.#outlets = outlets;
    this.#facility = (options['facility'] ?? 'AUTH').toUpperCase();
    this.#tag = options['tag'] ?? 'vault';
    if (!facilities.has(this.#facility)) throw refuse(`invalid syslog facility: ${this.#facility}`);
  }

  async prepare(): Promise<void> {
    try {
      await this.#connected();
    } catch (error) {
      throw refuse(textOf(error));
    }
  }

  async write(line: string): Promise<void> {
    try {
      await (await this.#connected()).write(encodeUtf8(line), 2 * SECOND);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  reopen(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#outlet?.close();
    this.#outlet = undefined;
    return Promise.resolve();
  }

  async #connected(): Promise<Outlet> {
    return (this.#outlet ??= await this.#outlets.syslog(this.#facility, this.#tag));
  }
}

/** One POST a line. */
export class HttpDevice implements AuditDevice {
  readonly #outlets: Outlets;
  readonly #uri: string;
  readonly #headers: Readonly<Record<string, readonly string[]>>;

  constructor(options: Options, outlets: Outlets) {
    this.#outlets = outlets;
    this.#uri = options['uri'] ?? '';
    if (this.#uri === '') throw refuse('uri is required');
    asUrl(this.#uri, 'failed to resolve uri');
    this.#headers = headersOf(options['headers']);
  }

  async write(line: string): Promise<void> {
    let status: number;
    try {
      status = await this.#outlets.http(this.#uri, this.#headers, encodeUtf8(line));
    } catch (error) {
      throw new Error(`failed to perform request: ${textOf(error)}`, { cause: error });
    }
    if (status < 200 || status > 299) throw new Error(`failed to perform request: status code not 2xx: ${status}`);
  }

  reopen(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Upstream takes texts from files and the environment by their URL, so that it has to be one. */
function asUrl(text: string, wrong: string): string {
  const fault = urlFault(text);
  if (fault !== undefined) throw refuse(`${wrong}: error parsing url (${quote(fault)}): not a url`);
  return text;
}

function headersOf(text: string | undefined): Record<string, readonly string[]> {
  if (text === undefined || text === '') return {};
  const wrong = (value: JsonValue, what: string): Fault =>
    refuse(`failed to parse headers: json: cannot unmarshal ${kindOf(value)} into ${what}`);
  let parsed: JsonValue;
  try {
    parsed = parse(encodeUtf8(text));
  } catch (error) {
    throw error instanceof JsonError ? refuse(`failed to parse headers: ${error.message}`) : error;
  }
  if (parsed === null) return {};
  const given = asObject(parsed);
  if (given === undefined) throw wrong(parsed, 'Go value of type map[string][]string');
  const headers: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    const values = value === null ? [] : asList(value);
    if (values === undefined) throw wrong(value, `Go struct field .${name} of type []string`);
    headers[name] = values.map((one, index) => {
      if (one !== null && typeof one !== 'string') throw wrong(one, `.${name}.${index} of type string`);
      return asUrl(one ?? '', `failed to parse header ${name}`);
    });
  }
  return headers;
}
