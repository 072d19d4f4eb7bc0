/** `config`: the server that is asked, and the settings of the tokens. */
import { assert } from '../../assert.ts';
import { asNumber, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import type { Call } from '../../framework/call.ts';
import { collection } from '../../framework/collection.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { TokenParams } from '../../framework/token-params.ts';
import { applyTokenInput, decodeTokenParams, encodeTokenParams, noTokenParams } from '../../framework/token-params.ts';
import { shownTokenParams, tokenFields } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';
import { SECOND, wholeSeconds } from '../../runtime.ts';
import type { users } from './users.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly dialTimeout: Micros;
  readonly readTimeout: Micros;
  readonly nasPort: number;
  readonly nasIdentifier: string;
}

export interface Config {
  readonly token: TokenParams;
  readonly server: Server;
  /** As they were sent, cut at the commas. */
  readonly unregisteredPolicies: readonly string[];
}

export const configs = collection<Config>('', {
  encode: ({ token, server, unregisteredPolicies }) =>
    new Map<string, JsonValue>([
      ...encodeTokenParams(token),
      ['host', server.host],
      ['port', server.port],
      ['secret', server.secret],
      ['unregistered_user_policies', unregisteredPolicies],
      ['dial_timeout', wholeSeconds(server.dialTimeout)],
      ['read_timeout', wholeSeconds(server.readTimeout)],
      ['nas_port', server.nasPort],
      ['nas_identifier', server.nasIdentifier],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored configuration is an object');
    const seconds = (name: string): Micros => (asNumber(stored[name]) ?? 0) * SECOND;
    return {
      token: decodeTokenParams(stored),
      server: {
        host: asString(stored['host']) ?? '',
        port: asNumber(stored['port']) ?? 0,
        secret: asString(stored['secret']) ?? '',
        dialTimeout: seconds('dial_timeout'),
        readTimeout: seconds('read_timeout'),
        nasPort: asNumber(stored['nas_port']) ?? 0,
        nasIdentifier: asString(stored['nas_identifier']) ?? '',
      },
      unregisteredPolicies: asStrings(stored['unregistered_user_policies']) ?? [],
    };
  },
});

export const storage = { configs };
export type RadiusStorage = typeof storage & { users: typeof users };
export type RadiusCall = Call<undefined, RadiusStorage, BackendContext>;

const PORT = 1812;
const PATIENCE = 10;
const PLUG = 10;

const fresh: Config = {
  token: noTokenParams(),
  server: {
    host: '',
    port: PORT,
    secret: '',
    dialTimeout: PATIENCE * SECOND,
    readTimeout: PATIENCE * SECOND,
    nasPort: PLUG,
    nasIdentifier: '',
  },
  unregisteredPolicies: [],
};

/** Undefined: nothing is configured. */
export const readConfig = ({ store }: Pick<RadiusCall, 'store'>): Promise<Config | undefined> =>
  store.configs.get('config');

const UNREGISTERED = 'Policies of who logs in without being filed under "users".';

const fields = {
  host: field.string('Where the server is.', { display: { name: 'Host' } }),
  port: field.int('The port of the server.', { documented: PORT, display: { value: PORT } }),
  secret: field.string('What this server and the other one share.'),
  unregistered_user_policies: field.string(UNREGISTERED, {
    documented: '',
    display: { name: 'Policies for unregistered users', description: UNREGISTERED },
  }),
  dial_timeout: field.duration('How long to wait for a way to the server.', {
    documented: PATIENCE,
    display: { value: PATIENCE },
  }),
  read_timeout: field.duration('How long to wait for its answer.', {
    documented: PATIENCE,
    display: { value: PATIENCE },
  }),
  nas_port: field.int('The port that it is told people come by.', {
    documented: PLUG,
    display: { name: 'NAS Port', value: PLUG },
  }),
  nas_identifier: field.string('The name that it is told this server has.', {
    documented: '',
    display: { name: 'NAS Identifier' },
  }),
};

const listed = (text: string): readonly string[] => (text.trim() === '' ? [] : text.split(','));

export const configPath = paths<undefined, RadiusStorage>().path(
  'config',
  'The server that is asked, and the settings of the tokens.',
  { ...fields, ...tokenFields },
  {
    read: {
      id: { verb: 'read', suffix: 'configuration' },
      run: async (_, call) => {
        const config = await readConfig(call);
        if (config === undefined) return undefined;
        const { server, token, unregisteredPolicies } = config;
        return {
          host: server.host,
          port: server.port,
          unregistered_user_policies: unregisteredPolicies,
          dial_timeout: wholeSeconds(server.dialTimeout),
          read_timeout: wholeSeconds(server.readTimeout),
          nas_port: server.nasPort,
          nas_identifier: server.nasIdentifier,
          ...shownTokenParams(token),
        };
      },
    },
    write: {
      id: { verb: 'configure' },
      run: async (input, call) => {
        const before = (await readConfig(call)) ?? fresh;
        const token = { ...before.token };
        applyTokenInput(token, input);
        const host = (input.host ?? before.server.host).toLowerCase();
        if (host === '') throw refuse('config parameter `host` cannot be empty');
        const secret = input.secret ?? before.server.secret;
        if (secret === '') throw refuse('config parameter `secret` cannot be empty');
        const sent = input.unregistered_user_policies;
        const unregisteredPolicies = sent === undefined ? before.unregisteredPolicies : listed(sent);
        if (unregisteredPolicies.includes('root')) throw refuse('root policy cannot be granted by an auth method');
        await call.store.configs.put('config', {
          token,
          server: {
            host,
            port: input.port ?? before.server.port,
            secret,
            dialTimeout: input.dial_timeout ?? before.server.dialTimeout,
            readTimeout: input.read_timeout ?? before.server.readTimeout,
            nasPort: input.nas_port ?? before.server.nasPort,
            nasIdentifier: input.nas_identifier ?? before.server.nasIdentifier,
          },
          unregisteredPolicies,
        });
      },
    },
  },
  {
    exists: async (_, call) => (await readConfig(call)) !== undefined,
    help: 'What is not sent stays as it was. The secret is never shown again.',
    display: { action: 'Configure' },
  },
);
