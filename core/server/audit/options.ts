/** What upstream refuses about a new audit device. */
import { quote } from '../../codec/go-quote.ts';
import { refuse } from '../../fault.ts';
import { parseBool } from '../../http/logical-request.ts';

const types: ReadonlySet<string> = new Set(['file', 'socket', 'syslog', 'http']);

export function checkOptions(type: string, options: Readonly<Record<string, string>>, prefixing: boolean): void {
  if (!types.has(type)) throw refuse(`unknown backend type: ${quote(type)}`);
  if (type === 'socket' && (options['address'] ?? '') === '') throw refuse('address is required');
  if (type === 'http' && (options['uri'] ?? '') === '') throw refuse('uri is required');
  if (options['prefix'] !== undefined && options['prefix'] !== '' && !prefixing) {
    throw refuse('audit log prefixing is not allowed');
  }
  if (type === 'file' && (options['file_path'] ?? options['path'] ?? '') === '') throw refuse('file_path is required');
  const format = options['format'] ?? 'json';
  if (format === 'jsonx') {
    throw refuse(
      'jsonx formatting has been removed, consider switching to json by omitting "format" or setting it to "json"',
    );
  }
  if (format !== 'json') throw refuse(`unknown format type ${quote(format)}`);
  for (const name of ['hmac_accessor', 'log_raw', 'elide_list_responses']) {
    const flag = options[name];
    if (flag !== undefined && parseBool(flag) === undefined) {
      throw refuse(`strconv.ParseBool: parsing ${quote(flag)}: invalid syntax`);
    }
  }
  const mode = options['mode'];
  if (mode !== undefined) checkMode(mode);
}

/** strconv.ParseUint, octal, in 32 bits. */
function checkMode(mode: string): void {
  const failed = (why: string): Error => refuse(`strconv.ParseUint: parsing ${quote(mode)}: ${why}`);
  if (!/^[0-7]+$/.test(mode)) throw failed('invalid syntax');
  if (BigInt(`0o${mode}`) >= 1n << 32n) throw failed('value out of range');
}
