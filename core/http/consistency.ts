/** Read-your-writes: X-Vault-Index on the way in and out (facts §3.7). */
import { decodeStruct } from '../codec/go-struct.ts';
import { decodeBase64, encodeBase64 } from '../codec/base64.ts';
import { isObject, parse, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { MILLISECOND } from '../runtime.ts';
import type { ApiNode, IndexState, MaybeLater } from './api.ts';
import type { HttpRequest } from './message.ts';
import type { Header, Reply } from './reply.ts';
import { errors, json } from './reply.ts';

const undecodable = (): Reply => errors(400, 'failed to decode "X-Vault-Index"');

/** Between two looks at how far this node has come. */
const LOOK = 10 * MILLISECOND;

/** At once where the value is there. */
const soon = <T, R>(value: MaybeLater<T>, next: (value: T) => MaybeLater<R>): MaybeLater<R> =>
  value instanceof Promise ? value.then(next) : next(value);

type Verdict = 'go on' | 'forward' | Reply;

/** 'go on', 'forward' to the active node, or the answer. Comes before everything else. */
export function checkIndex(request: HttpRequest, node: ApiNode): Verdict | Promise<Verdict> {
  const { indexHeaders, forwardsWithoutIndex } = node.options;
  if (!indexHeaders) return 'go on';
  const header = request.headers.get('x-vault-index')?.[0] ?? '';
  const wishes = request.headers.get('x-vault-inconsistent') ?? [];
  if (forwardsWithoutIndex === true && header === '' && wishes.length === 0) return onActive(node);
  const named = header === '' ? { cluster: '', value: '' } : decodeIndex(header);
  if (named === undefined) return undecodable();
  const wish = wishOf(wishes, node.options.indexFallback);
  if (typeof wish === 'string') return errors(400, wish);
  const isLate = (own: IndexState | undefined): MaybeLater<boolean> =>
    own !== undefined && named.cluster === own.clusterId && own.behind(named.value);
  // Who names no index is asked nothing of.
  const late = (): MaybeLater<boolean> => (header === '' ? false : soon(node.index(), isLate));
  const otherwise = wish.forward ? 'forward' : { ...json(429, { errors: [] }), headers: RETRY };
  return soon(late(), (isLateNow) => {
    if (!isLateNow) return 'go on';
    return wish.wait ? awaited(late, otherwise, node) : told(node, otherwise);
  });
}

const RETRY: readonly Header[] = [['Retry-After', '1']];

/** The active node sees to it itself; who is sealed cannot ask it. */
async function onActive(node: ApiNode): Promise<Verdict> {
  const { sealed, standby } = await node.health();
  if (sealed) return errors(503, 'Vault is sealed');
  return standby ? 'forward' : 'go on';
}

interface Wish {
  readonly wait: boolean;
  /** To the active node, when the index is not there. */
  readonly forward: boolean;
}

/** A text is what is wrong with the values. */
function wishOf([first, second, ...more]: readonly string[], usual = ''): Wish | string {
  if (more.length > 0) return 'expected at most two values for "X-Vault-Inconsistent"';
  switch (first) {
    case undefined:
      return { wait: false, forward: false };
    case 'fail':
    case 'forward-active-node':
      if (second !== undefined) return `X-Vault-Inconsistent=${first} cannot be used with more than one value`;
      return { wait: false, forward: first !== 'fail' };
    case 'await-state': {
      const fallback = second ?? (usual || 'fail');
      if (fallback === 'fail' || fallback === 'forward-active-node')
        return { wait: true, forward: fallback !== 'fail' };
      return 'unknown second value for "X-Vault-Inconsistent": must either be "fail" or "forward-active-node"';
    }
    default:
      return 'unknown value for "X-Vault-Inconsistent" header';
  }
}

async function awaited(late: () => MaybeLater<boolean>, otherwise: Verdict, node: ApiNode): Promise<Verdict> {
  const { clock } = node.runtime;
  const end = clock.monotonic() + (node.options.maxIndexWait ?? 0);
  while (clock.monotonic() < end) {
    await clock.sleep(LOOK);
    if (!(await late())) return told(node, 'go on');
  }
  return told(node, otherwise);
}

function told({ runtime }: ApiNode, verdict: Verdict): Verdict {
  const outcome = verdict === 'go on' ? 'reached' : verdict === 'forward' ? 'forwarded' : 'refused';
  runtime.trace({ kind: 'http.index', outcome });
  return verdict;
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
    return decodeStruct(decoded, { cluster: 'string', value: 'string' }, 'Index');
  } catch {
    return undefined;
  }
}

/** The header of a successful answer. */
export function indexHeader(node: ApiNode): MaybeLater<Header | undefined> {
  return node.options.indexHeaders ? soon(node.index(), headerOf) : undefined;
}

function headerOf(own: IndexState | undefined): Header | undefined {
  if (own?.value === undefined) return undefined;
  return ['X-Vault-Index', encodeBase64(encodeUtf8(print({ cluster: own.clusterId, value: own.value })))];
}
