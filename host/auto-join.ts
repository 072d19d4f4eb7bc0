/** `auto_join` of `retry_join`: words for go-discover, which asks clouds and Kubernetes for addresses. Nobody is asked here. */

/** What 2.7.2 knows. */
const PROVIDERS: ReadonlySet<string> = new Set([
  'aliyun',
  'aws',
  'azure',
  'digitalocean',
  'gce',
  'k8s',
  'linode',
  'mdns',
  'os',
  'packet',
  'scaleway',
  'softlayer',
  'srv',
  'tencentcloud',
  'triton',
  'vsphere',
]);

/** Why it leads to no address; in upstream's words, where upstream would find none either. */
export function undiscovered(text: string): string {
  try {
    const provider = readWords(text).get('provider');
    if (provider === undefined) return 'discover: no provider';
    if (!PROVIDERS.has(provider)) return `discover: unknown provider ${provider}`;
    return `discover: provider ${provider} is not asked here: give a leader_api_addr`;
  } catch (error) {
    if (error instanceof BrokenWords) return `discover: ${error.message}`;
    throw error;
  }
}

class BrokenWords extends Error {}

/** `key=value key="value of words"`; a backslash takes the next letter as it is. Throws BrokenWords. */
export function readWords(text: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  let rest = text.trimStart();
  while (rest !== '') {
    const [whole, key = '', equals] = /^([^\s=]*)\s*(=*)\s*/.exec(rest)!;
    if (equals === '') throw new BrokenWords(`${key}: missing '='`);
    rest = rest.slice(whole.length);
    if (rest === '') throw new BrokenWords(`${key}: missing value`);
    const value = valueOf(key, rest);
    rest = rest.slice(value.length).trimStart();
    if (words.has(key)) throw new BrokenWords(`${key}: duplicate key`);
    words.set(key, value.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1'));
  }
  return words;
}

/** As written, with its quotes. */
function valueOf(key: string, text: string): string {
  if (text.startsWith('"')) {
    const [quoted] = /^"(?:[^"\\]|\\.)*"/s.exec(text) ?? [];
    if (quoted === undefined) throw new BrokenWords(`${key}: unbalanced quotes`);
    return quoted;
  }
  const [plain] = /^(?:[^\s\\]|\\.)+/s.exec(text) ?? [text];
  if (key !== '' && !plain.includes('=')) return plain;
  const hint = `enclosing double-quote needed ${key}="value-with-=-symbol"`;
  throw new BrokenWords(`${key}: - equals in key's value, ${hint}`);
}
