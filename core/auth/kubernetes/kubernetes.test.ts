import { describe, expect, test } from 'vitest';
import { encodeBase64RawUrl } from '../../codec/base64.ts';
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { parseObject, print } from '../../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { fakeRuntime, TestMount } from '../../framework/testing.ts';
import type { OutgoingRequest, OutgoingResponse } from '../../runtime.ts';
import { MINUTE } from '../../runtime.ts';
import { createKubernetesAuth } from './kubernetes.ts';

const part = (value: JsonObject): string => encodeBase64RawUrl(encodeUtf8(print(value)));
const account = { namespace: 'default', serviceaccount: { name: 'app', uid: 'u' } };
const TOKEN = `${part({ alg: 'RS256' })}.${part({ 'kubernetes.io': account })}.AAAA`;

/** An API that vouches for the one account, when it is let. */
class FakeApi {
  readonly requests: OutgoingRequest[] = [];
  /** Answers wait for it. */
  open: Promise<void> = Promise.resolve();

  readonly request = async (request: OutgoingRequest): Promise<OutgoingResponse> => {
    this.requests.push(request);
    await this.open;
    const user = { username: 'system:serviceaccount:default:app', uid: 'u' };
    const body = encodeUtf8(print({ status: { authenticated: true, user } }));
    return { status: 201, headers: new Map(), body };
  };

  get bearers(): (string | undefined)[] {
    return this.requests.map(({ headers }) => headers['Authorization']);
  }
}

/** With the files of a pod, or of none. */
function mounted(pod: Record<string, string> = {}) {
  const api = new FakeApi();
  const runtime = fakeRuntime();
  const readFile = (path: string): Promise<Uint8Array | undefined> => {
    const text = pod[path.replace('var/run/secrets/kubernetes.io/serviceaccount/', '')];
    return Promise.resolve(text === undefined ? undefined : encodeUtf8(text));
  };
  const around = { ...runtime, web: api, disk: { ...runtime.disk, readFile } };
  const mount = new TestMount(createKubernetesAuth, { runtime: around, mount: { class: 'auth', type: 'kubernetes' } });
  return { api, mount };
}

const role = { bound_service_account_names: '*', bound_service_account_namespaces: '*' };
const logIn = (mount: TestMount) => mount.send('update', 'login', { role: 'r', jwt: TOKEN });

describe('in a pod', () => {
  test('authority and token are those of the pod, and looked at again when they may have changed', async () => {
    const pod = { 'ca.crt': 'authority', token: 'first' };
    const { api, mount } = mounted(pod);
    await mount.send('update', 'config', { kubernetes_host: 'https://api' });
    await mount.send('create', 'role/r', role);
    await logIn(mount);
    expect(api.requests[0]!.tls).toEqual({ ca: 'authority' });
    pod.token = 'second';
    await logIn(mount);
    mount.clock.advance(2 * MINUTE);
    await logIn(mount);
    expect(api.bearers).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  test('what is configured comes before what the pod has, and may be all there is', async () => {
    const { api, mount } = mounted({ 'ca.crt': 'authority', token: 'of the pod' });
    const config = { kubernetes_host: 'https://api', kubernetes_ca_cert: 'mine', token_reviewer_jwt: 'given' };
    await mount.send('update', 'config', config);
    await mount.send('create', 'role/r', role);
    await logIn(mount);
    await mount.send('update', 'config', {
      kubernetes_host: 'https://api',
      kubernetes_ca_cert: 'mine',
      disable_local_ca_jwt: true,
    });
    await logIn(mount);
    expect(api.bearers).toEqual(['Bearer given', `Bearer ${TOKEN}`]);
    expect(api.requests[0]!.tls).toEqual({ ca: 'mine' });
  });
});

test('a review asks for the token with its audiences, in the order of Kubernetes own client', async () => {
  const { api, mount } = mounted();
  await mount.send('update', 'config', { kubernetes_host: 'https://api/', kubernetes_ca_cert: 'x' });
  await mount.send('create', 'role/r', role);
  expect((await logIn(mount)).status).toBe(200);
  const { url, method, body } = api.requests[0]!;
  expect(`${method} ${url}`).toBe('POST https://api/apis/authentication.k8s.io/v1/tokenreviews');
  expect(decodeUtf8(body!)).toBe(`{"metadata":{},"spec":{"token":"${TOKEN}"},"status":{"user":{}}}`);
  expect(asString((parseObject(decodeUtf8(body!))['spec'] as JsonObject)['token'])).toBe(TOKEN);
});

test('who changes a role waits for the logins under way, and new logins wait for the change', async () => {
  const { api, mount } = mounted();
  await mount.send('update', 'config', { kubernetes_host: 'https://api', kubernetes_ca_cert: 'x' });
  await mount.send('create', 'role/r', role);
  let answer = (): void => {};
  api.open = new Promise((resolve) => (answer = resolve));
  const order: string[] = [];
  const noted = async (name: string, work: Promise<unknown>): Promise<void> => {
    await work;
    order.push(name);
  };
  const all = [
    noted('first login', logIn(mount)),
    noted('change', mount.send('update', 'role/r', { audience: '' })),
    noted('second login', logIn(mount)),
  ];
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  expect(order).toEqual([]);
  expect(api.requests.length).toBe(1);
  answer();
  await Promise.all(all);
  expect(order).toEqual(['first login', 'change', 'second login']);
});
