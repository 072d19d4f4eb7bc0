import { beforeEach, describe, expect, test } from 'vitest';
import { parse, print, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { FakeClock, fakeRuntime } from '../../framework/testing.ts';
import { MINUTE, NetworkError, SECOND, type OutgoingRequest, type OutgoingResponse } from '../../runtime.ts';
import { ConfigurationError } from '../configuration/values.ts';
import { configuredRegistration } from './configured.ts';
import type { Registration } from './registration.ts';
import { AUTHORITY } from './authority.fixture.ts';

const START = 1_790_000_000_000_000;

/** The API's one pod: what it is asked and when, and what it answers. */
class FakePod {
  readonly asked: { readonly at: number; readonly request: OutgoingRequest }[] = [];
  readonly clock = new FakeClock(START);
  readonly variables: Record<string, string> = {
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    BAO_K8S_NAMESPACE: 'apps',
    BAO_K8S_POD_NAME: 'bao-0',
  };
  readonly files: Record<string, string> = { token: 'first', 'ca.crt': AUTHORITY };
  labels: JsonValue = { app: 'bao' };
  /** Undefined: there is nobody. */
  status: number | undefined = 200;
  readonly log: string[] = [];

  readonly web = {
    request: (request: OutgoingRequest): Promise<OutgoingResponse> => {
      this.asked.push({ at: (this.clock.monotonic() - START) / SECOND, request });
      const { status } = this;
      if (status === undefined) return Promise.reject(new NetworkError('refused', 'connection refused'));
      const body = encodeUtf8(print({ metadata: { name: 'bao-0', labels: this.labels } }));
      return Promise.resolve({ status, headers: new Map(), body });
    },
  };

  registration(settings: Record<string, string> = {}, version = '2.7.2'): Promise<Registration> {
    const { clock, web } = this;
    const runtime = fakeRuntime(clock);
    const readFile = (path: string): Promise<Uint8Array | undefined> => {
      const text = this.files[path.replace('var/run/secrets/kubernetes.io/serviceaccount/', '')];
      return Promise.resolve(text === undefined ? undefined : encodeUtf8(text));
    };
    const around = {
      ...runtime,
      web,
      disk: { ...runtime.disk, readFile },
      environment: (name: string) => this.variables[name],
      log: { write: (_: string, name: string, message: string) => void this.log.push(`${name}: ${message}`) },
    };
    return configuredRegistration(around, { type: 'kubernetes', settings }, version);
  }

  /** `METHOD body` of what was asked since the last look. */
  told(): string[] {
    return this.asked
      .splice(0)
      .map(({ request: { method, body } }) => `${method} ${body === undefined ? '' : short(parse(body))}`.trim());
  }
}

/** `label=value` of each patch. */
const short = (patches: JsonValue): string =>
  (patches as readonly JsonObject[])
    .map(({ op, path, value }) => {
      const name = (path as string).replace('/metadata/labels', '').replace('/openbao-', '');
      return op === 'add' ? `add ${print(value!)}` : `${name}=${value as string}`;
    })
    .join(' ');

async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

const FIRST = 'PATCH version=2.7.2 active=false sealed=true perf-standby=false initialized=false';

let pod: FakePod;
beforeEach(() => {
  pod = new FakePod();
});

describe('on the pod', () => {
  test('the first state is written over what is there, and what comes after it one by one', async () => {
    const registration = await pod.registration();
    await registration.start();
    await Promise.all([registration.sealed(false), registration.initialised(), registration.active(true)]);
    expect(pod.asked[0]!.request.url).toBe('https://10.0.0.1:443/api/v1/namespaces/apps/pods/bao-0');
    expect(pod.asked[0]!.request.headers['Authorization']).toBe('Bearer first');
    expect(pod.asked[1]!.request.headers['Content-Type']).toBe('application/json-patch+json');
    expect(pod.asked[0]!.request.tls).toEqual({ ca: AUTHORITY });
    expect(pod.told()).toEqual(['GET', FIRST, 'PATCH sealed=false', 'PATCH initialized=true', 'PATCH active=true']);
  });

  test('a pod without labels gets them all at once, and of a version what a label can hold', async () => {
    pod.labels = null;
    await (await pod.registration({}, '2.7.2+build 1')).start();
    const labels = {
      'openbao-active': 'false',
      'openbao-initialized': 'false',
      'openbao-perf-standby': 'false',
      'openbao-sealed': 'true',
      'openbao-version': '2.7.2-build-1',
    };
    expect(pod.told()).toEqual(['GET', `PATCH add ${print(labels)}`]);
  });

  test('nothing is said before the first state, and then what was missed of it', async () => {
    pod.status = 404;
    const registration = await pod.registration();
    await registration.start();
    await registration.sealed(false);
    await registration.active(true);
    await registration.active(false);
    // At once again, and then every five seconds.
    await settle();
    expect(pod.told()).toEqual(['GET', 'GET']);
    pod.status = 200;
    pod.clock.advance(5 * SECOND);
    await settle();
    expect(pod.told()).toEqual(['GET', FIRST, 'PATCH sealed=false active=false']);
    pod.clock.advance(5 * SECOND);
    await settle();
    expect(pod.told()).toEqual([]);
    expect(pod.log).toContain('service_registration.kubernetes: unable to set initial state due; will retry');
  });

  test('what could not be said is said later, even over what is newer', async () => {
    const registration = await pod.registration();
    await registration.start();
    await settle();
    pod.told();
    pod.status = 403;
    await registration.active(true);
    pod.status = 200;
    await registration.active(false);
    pod.clock.advance(5 * SECOND);
    await settle();
    expect(pod.told()).toEqual(['PATCH active=true', 'PATCH active=false', 'PATCH active=true']);
  });

  test.each([
    ['answers with an error that may pass', 503],
    ['is not there', undefined],
  ])('an API that %s is asked eleven times with growing pauses', async (_, status) => {
    const registration = await pod.registration();
    await registration.start();
    await settle();
    pod.asked.splice(0);
    pod.status = status;
    const said = registration.sealed(false);
    for (let step = 0; step < 310; step++) {
      await settle();
      pod.clock.advance(SECOND / 2);
    }
    await said;
    const gaps = pod.asked.map(({ at }, index, all) => (index === 0 ? 0 : at - all[index - 1]!.at));
    expect(gaps.slice(0, 11)).toEqual([0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30]);
    expect(pod.log.filter((line) => line.includes('will retry')).length).toBe(1);
  });

  test('a token that has been renewed is shown from the next request on, and the refused one is tried again', async () => {
    const registration = await pod.registration();
    await registration.start();
    await settle();
    pod.asked.splice(0);
    pod.status = 401;
    pod.files['token'] = 'second';
    void registration.sealed(false);
    await settle();
    pod.status = 200;
    pod.clock.advance(SECOND);
    await settle();
    await registration.initialised();
    const bearers = pod.asked.map(({ request }) => request.headers['Authorization']);
    expect(bearers).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  test('an end is an end: nobody catches up any more', async () => {
    pod.status = 404;
    const registration = await pod.registration();
    await registration.start();
    await settle();
    pod.told();
    registration.stop();
    pod.clock.advance(MINUTE);
    await settle();
    expect(pod.told()).toEqual([]);
  });
});

describe('what is configured', () => {
  const place = async (settings: Record<string, string> = {}): Promise<string> => {
    await (await pod.registration(settings)).start();
    return pod.asked[0]!.request.url.replace(/^.*\/namespaces\//, '');
  };

  test('comes from variables, of either name, before the configuration', async () => {
    expect(await place({ namespace: 'n', pod_name: 'p' })).toBe('apps/pods/bao-0');
    pod = new FakePod();
    delete pod.variables['BAO_K8S_NAMESPACE'];
    pod.variables['VAULT_K8S_NAMESPACE'] = 'old';
    pod.variables['BAO_K8S_POD_NAME'] = '';
    pod.variables['VAULT_K8S_POD_NAME'] = 'hidden';
    expect(await place({ namespace: 'n', pod_name: 'p' })).toBe('old/pods/p');
  });

  test.each([
    [
      'no pod',
      'pod_name must be provided via "BAO_K8S_POD_NAME" or the "pod_name" config parameter',
      (it: FakePod) => delete it.variables['BAO_K8S_POD_NAME'],
    ],
    [
      'no cluster',
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
      (it: FakePod) => delete it.variables['KUBERNETES_SERVICE_PORT'],
    ],
    [
      'no token',
      'open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory',
      (it: FakePod) => delete it.files['token'],
    ],
    [
      'no authority',
      'error reading certs: data does not contain any valid RSA or ECDSA certificates',
      (it: FakePod) => (it.files['ca.crt'] = 'x'),
    ],
  ])('%s is said at the start', async (_, why, spoil) => {
    spoil(pod);
    const whole = `Error initializing service_registration of type kubernetes: ${why}`;
    await expect(pod.registration()).rejects.toThrow(new ConfigurationError(whole));
  });
});
