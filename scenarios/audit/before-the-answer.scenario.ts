import { isObject, type JsonObject, type JsonValue, parseObject } from '../../core/codec/json.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import { at } from '../../sim/client.ts';
import { expect, scenario } from '../../sim/story.ts';

const HIDDEN = /^(hmac-sha256:|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/;

function* texts(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) yield* texts(item);
  else if (isObject(value as JsonValue)) for (const item of Object.values(value as JsonObject)) yield* texts(item);
}

/**
 * No answer leaves a node before what was asked and what is answered stand in the files of all audit devices that there
 * are, those that came later too, nor in another order; and no text of it can be read there (facts §7).
 */
scenario(
  'what a client knows, the audit log knows, whichever node answered',
  { minimum: { faults: 1, elections: 1 } },
  async (sim) => {
    const settings = { audit: true, unsafe_allow_api_audit_creation: true };
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings });
    await bao.mount('secret', 'kv-v2');
    const made = await bao.request('POST', 'auth/token/create', { policies: ['default'], ttl: '1h' });
    const barred = at(made, 'auth', 'client_token') as string;
    const files = ['audit.log'];
    const lines = (file: string): string[] =>
      bao.names.flatMap((node) => decodeUtf8(bao.disk(node).read(file)).split('\n'));
    const told = (path: string, file: string, type: 'request' | 'response'): string[] =>
      lines(file).filter((line) => line.includes(`"path":"${path}"`) && line.includes(`"type":"${type}"`));
    let answered = 0;
    const ask = async (method: string, path: string, node: string, token?: string): Promise<void> => {
      const value = `canary-${path}`;
      const body = method === 'POST' ? { body: { data: { value, list: [value], pin: 'x7' } } } : {};
      const { status } = await bao.ask(method, path, { node, ...body, ...(token !== undefined && { token }) });
      if (status === 0 || status >= 500) return;
      answered++;
      for (const file of files) {
        expect(told(path, file, 'request').length).toBeAtLeast(1);
        expect(told(path, file, 'response').length).toBeAtLeast(1);
      }
    };
    const round = async (name: string, nodes: readonly string[]): Promise<void> => {
      for (const [turn, node] of nodes.entries()) {
        await ask('POST', `secret/data/${name}-${turn}`, node);
        await ask('GET', `secret/data/${name}-${turn}`, node);
        await ask('GET', `secret/data/absent-${name}-${turn}`, node);
        await ask('GET', `secret/data/forbidden-${name}-${turn}`, node, barred);
        await ask('GET', `nowhere/${name}-${turn}`, node);
      }
    };
    // Nor can be read what came in a header, or the token that came of a request.
    await bao.request('POST', 'sys/config/auditing/request-headers/x-told', { hmac: true });
    const tokens = ['canary-token'];
    await bao.request('POST', 'auth/token/create', { id: 'canary-token', policies: ['default'], ttl: '1h' });
    const headers = [
      ['X-Told', 'canary-header'],
      ['X-Vault-Wrap-TTL', '1h'],
    ] as const;
    const wrapped = await bao.ask('POST', 'sys/wrapping/wrap', { headers, body: { value: 'canary-wrapped' } });
    tokens.push(at(wrapped.json, 'wrap_info', 'token') as string);
    await round('before', bao.names);
    await bao.request('POST', 'sys/audit/second', { type: 'file', options: { file_path: 'second.log' } });
    await sim.run('5s');
    files.push('second.log');
    const again = async (name: string): Promise<void> => {
      await round(name, [bao.leader, ...bao.followers]);
      for (const turn of [0, 1, 2]) {
        const path = `secret/data/${name}-${turn}`;
        const { json } = await bao.ask('POST', 'sys/audit-hash/second', { body: { input: `canary-${path}` } });
        // Whoever logged it, it can be found.
        const logged = [...told(path, 'second.log', 'request'), ...told(path, 'second.log', 'response')];
        const showing = logged.filter((line) => line.includes('"value"'));
        expect(showing.length).toBeAtLeast(2);
        expect(showing.filter((line) => !line.includes(at(json, 'data', 'hash') as string)).join('\n')).toBe('');
      }
    };
    await again('later');
    const { leader, followers } = bao;
    bao.kill(leader);
    await round('during', followers);
    await sim.run('30s');
    bao.restart(leader);
    await bao.ready();
    await again('after');
    await bao.request('DELETE', 'sys/audit/second');
    // What the configuration declares only the configuration takes away.
    const declared = Object.keys(at(await bao.request('GET', 'sys/audit'), 'data') as JsonObject);
    expect(declared.length).toBe(1);
    expect((await bao.ask('DELETE', `sys/audit/${declared[0]!.replace('/', '')}`)).status).toBe(400);
    await sim.run('5s');
    const length = lines('second.log').length;
    files.pop();
    await round('last', bao.names);
    expect(lines('second.log').length).toBe(length);
    expect(answered).toBeAtLeast(60);

    const whole = lines('audit.log').join('\n');
    expect(whole).toContain('"x-told"');
    for (const token of tokens) expect(whole.includes(token)).toBe(false);
    for (const file of ['audit.log', 'second.log']) {
      const asked = new Set<string>();
      for (const line of lines(file)) {
        if (line === '') continue;
        const entry = parseObject(line);
        const id = at(entry, 'request', 'id') as string;
        // Of the request that brought the device only the answer is told.
        if (at(entry, 'request', 'path') === 'sys/audit/second') continue;
        if (entry['type'] === 'request') asked.add(id);
        else if (!asked.has(id)) expect(line).toBe('told after what was asked');
        const clear = [...texts([at(entry, 'request', 'data'), at(entry, 'response', 'data')])];
        expect(clear.filter((text) => !HIDDEN.test(text)).join()).toBe('');
      }
    }

    // But for what a mount names: what it names for requests is told of those, and what for answers of these.
    await bao.mount('shown', 'kv');
    const keys = { audit_non_hmac_request_keys: ['asked'], audit_non_hmac_response_keys: ['answered'] };
    await bao.request('POST', 'sys/mounts/shown/tune', keys);
    await bao.request('POST', 'shown/a', { asked: 'clear-asked', answered: 'clear-answered' });
    await bao.request('GET', 'shown/a');
    const written = told('shown/a', 'audit.log', 'request')
      .filter((line) => line.includes('"asked"'))
      .join('\n');
    expect(written).toContain('clear-asked');
    expect(written.includes('clear-answered')).toBe(false);
    const read = told('shown/a', 'audit.log', 'response')
      .filter((line) => line.includes('"operation":"read"'))
      .join('\n');
    expect(read).toContain('clear-answered');
    expect(read.includes('clear-asked')).toBe(false);
  },
);
