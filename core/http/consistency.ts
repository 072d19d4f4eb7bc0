/** Read-your-writes: X-Vault-Index on the way in and out (facts §3.7). */
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { isObject, parse, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { ApiNode } from './api.ts';
import type { HttpRequest } from './message.ts';
import type { Header, Reply } from './reply.ts';
import { errors, json } from './reply.ts';
import { structReader } from './struct-body.ts';

const undecodable = (): Reply => errors(400, 'failed to decode "X-Vault-Index"');

/** 'go on', 'forward' to the active node, or the answer. Comes before everything else. */
export function checkIndex(request: HttpRequest, node: ApiNode): 'go on' | 'forward' | Reply {
  if (!node.options.indexHeaders) return 'go on';
  const header = request.headers.get('x-vault-index')?.[0] ?? '';
  const named = header === '' ? { cluster: '', value: '' } : decodeIndex(header);
  if (named === undefined) return undecodable();
  const inconsistent = request.headers.get('x-vault-inconsistent')?.[0];
  if (inconsistent !== undefined && inconsistent !== 'fail' && inconsistent !== 'forward-active-node') {
    return errors(400, 'unknown value for "X-Vault-Inconsistent" header');
  }
  const own = node.index();
  if (own === undefined || named.cluster !== own.clusterId || !own.behind(named.value)) return 'go on';
  if (inconsistent === 'forward-active-node') return 'forward';
  return { ...json(429, { errors: [] }), headers: [['Retry-After', '1']] };
}

interface NamedIndex {
  readonly cluster: string;
  readonly value: string;
}

/** As Go decodes the struct: null and missing fields are empty, names go without regard to case. */
function decodeIndex(header: string): NamedIndex | undefined {
  try {
    const decoded = parse(decodeBase64(header));
    if (decoded === null) return { cluster: '', value: '' };
    if (!isObject(decoded)) return undefined;
    const fields = structReader(decoded, 'Index');
    return { cluster: fields.string('cluster'), value: fields.string('value') };
  } catch {
    return undefined;
  }
}

/** The header of a successful answer. */
export function indexHeader(node: ApiNode): Header | undefined {
  const own = node.options.indexHeaders ? node.index() : undefined;
  if (own === undefined) return undefined;
  return ['X-Vault-Index', encodeBase64(encodeUtf8(print({ cluster: own.clusterId, value: own.value })))];
}
