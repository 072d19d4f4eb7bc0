/** `unsafe_cross_namespace_identity`: groups with members from other namespaces, ours and the real server's side by side. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { asList, asObject, asString } from '../../core/codec/json-fields.ts';
import { type JsonValue, print } from '../../core/codec/json.ts';
import { type Asked, type BesideServer, plainServer, same } from './beside.ts';
import { at, objectOf } from './token-player.ts';

const WAIT = 240_000;
const places = ['', 'a/', 'b/', 'a/c/'];
const policies = ['own', 'group', 'outer'];

class Player {
  readonly rows: unknown[] = [];
  readonly #names = new Map<string, string>();
  readonly #server: BesideServer;

  constructor(server: BesideServer) {
    this.#server = server;
  }

  name(name: string, value: JsonValue | undefined): string {
    const text = asString(value) ?? '';
    if (text !== '') this.#names.set(text, name);
    return text;
  }

  /** Lists sorted, and nothing twice: they come in the order of ids that nobody chose, and so do doublets. */
  named(value: JsonValue | undefined): string {
    const sorted = (item: JsonValue): JsonValue => {
      if (Array.isArray(item)) {
        const items = new Map(item.map((one: JsonValue) => [print(sorted(one)), sorted(one)] as const));
        return [...items].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
      }
      const object = asObject(item);
      if (object === undefined) return typeof item === 'string' ? (this.#names.get(item) ?? item) : item;
      const rows = Object.entries(object).map(([key, one]) => [this.#names.get(key) ?? key, sorted(one)] as const);
      return Object.fromEntries(rows.sort(([one], [other]) => (one < other ? -1 : 1)));
    };
    let text = print(sorted(value ?? null)).replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, 'TIME');
    for (const [one, name] of this.#names) text = text.replaceAll(one, name);
    return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  }

  async ask(method: string, path: string, asked?: Asked): Promise<JsonValue | undefined> {
    const { text } = await this.#server.call(method, path, asked);
    return text === '' ? undefined : objectOf(text);
  }

  async row(what: string, method: string, path: string, asked?: Asked): Promise<JsonValue | undefined> {
    const { status, text } = await this.#server.call(method, path, asked);
    const answer = text.startsWith('{') ? objectOf(text) : undefined;
    this.rows.push([what, status, this.named(status < 300 ? facts(answer) : answer?.['errors'])]);
    return answer;
  }
}

const shown = [
  'policies',
  'identity_policies',
  'external_namespace_policies',
  'token_policies',
  'member_entity_ids',
  'member_group_ids',
  'parent_group_ids',
  'direct_group_ids',
  'inherited_group_ids',
  'group_ids',
  'namespace_id',
  'modify_index',
  'capabilities',
  'name',
  'x',
];

/** What of an answer does not change by itself. */
function facts(answer: JsonValue | undefined): JsonValue {
  const found = asObject(at(answer, 'data')) ?? asObject(at(answer, 'auth')) ?? {};
  return Object.fromEntries(shown.flatMap((key) => (found[key] === undefined ? [] : [[key, found[key]]])));
}

test.each([[true], [false]])(
  'unsafe_cross_namespace_identity = %s',
  async (crossing) => {
    const top = `unsafe_cross_namespace_identity = ${crossing}\nunsafe_allow_api_audit_creation = true\n`;
    const seen = await same(async (server) => {
      await server.configure(plainServer('', top));
      await server.start();
      await server.initialise();
      const player = new Player(server);
      for (const place of ['a', 'b', 'a/c']) {
        const made = await player.ask('PUT', place === 'a/c' ? 'a/sys/namespaces/c' : `sys/namespaces/${place}`);
        player.name(`NAMESPACE ${place}`, at(made, 'data', 'id'));
      }
      const file = { type: 'file', options: { file_path: `${server.folder}/audit.log` } };
      const accessors = new Map<string, string>();
      const entities = new Map<string, string>();
      for (const place of places) {
        await player.ask('PUT', `${place}sys/mounts/secret`, { body: { type: 'kv' } });
        await player.ask('PUT', `${place}sys/auth/userpass`, { body: { type: 'userpass' } });
        await player.ask('PUT', `${place}auth/userpass/users/u`, { body: { password: 'p' } });
        const mounts = await player.ask('GET', `${place}sys/auth`);
        accessors.set(place, player.name(`ACCESSOR ${place}`, at(mounts, 'data', 'userpass/', 'accessor')));
        for (const policy of policies) {
          const rules = ['', 'a/', 'b/'].map((path) => `path "${path}secret/${policy}" { capabilities = ["read"] }`);
          await player.ask('PUT', `${place}sys/policies/acl/${policy}`, { body: { policy: rules.join('\n') } });
          await player.ask('PUT', `${place}secret/${policy}`, { body: { x: place + policy } });
        }
        const made = await player.ask('POST', `${place}identity/entity`, { body: { name: 'e', policies: ['own'] } });
        const id = player.name(`ENTITY ${place}`, at(made, 'data', 'id'));
        entities.set(place, id);
        const body = { name: 'u', canonical_id: id, mount_accessor: accessors.get(place) };
        await player.ask('POST', `${place}identity/entity-alias`, { body });
      }
      const groups: (readonly [place: string, id: string])[] = [];
      for (const place of places) {
        for (const from of places) {
          const name = `g${from.replaceAll('/', '')}`;
          const body = { name, policies: ['group'], member_entity_ids: [entities.get(from)] };
          const made = await player.row(`${place} has members from ${from}`, 'POST', `${place}identity/group`, {
            body,
          });
          const id = player.name(`GROUP ${place} OF ${from}`, at(made, 'data', 'id'));
          if (id !== '') groups.push([place, id]);
        }
      }
      for (const place of places) {
        const body = {
          name: 'outer',
          policies: ['outer'],
          member_group_ids: groups
            .filter(([of]) => of !== place)
            .slice(0, crossing ? 3 : 1)
            .map(([, id]) => id),
        };
        const made = await player.row(`${place} has groups from elsewhere`, 'POST', `${place}identity/group`, { body });
        player.name(`OUTER ${place}`, at(made, 'data', 'id'));
        const nobody = { name: 'g', member_entity_ids: ['', entities.get(place) ?? ''], member_group_ids: '' };
        const alone = await player.row(`${place} has nobody`, 'POST', `${place}identity/group`, { body: nobody });
        player.name(`ALONE ${place}`, at(alone, 'data', 'id'));
        const cycle = { name: 'g', member_group_ids: [asString(at(made, 'data', 'id')) ?? ''] };
        await player.row(`${place} goes round`, 'POST', `${place}identity/group`, { body: cycle });
      }
      await player.ask('PUT', 'sys/audit/f', { body: file });
      for (const place of places) {
        await player.row(`entity of ${place}`, 'GET', `${place}identity/entity/id/${entities.get(place)}`);
        const login = await player.row(`login ${place}`, 'POST', `${place}auth/userpass/login/u`, {
          body: { password: 'p' },
          token: '',
        });
        const token = asString(at(login, 'auth', 'client_token')) ?? '';
        for (const other of places) {
          const pair = `${place} at ${other}`;
          await player.row(`itself: ${pair}`, 'GET', `${other}auth/token/lookup-self`, { token });
          for (const policy of policies)
            await player.row(`${policy}: ${pair}`, 'GET', `${other}secret/${policy}`, { token });
          const paths = policies.map((policy) => `secret/${policy}`);
          await player.row(`capabilities: ${pair}`, 'POST', `${other}sys/capabilities`, { body: { token, paths } });
          const id = entities.get(place);
          await player.row(`entity: ${pair}`, 'GET', `${other}identity/entity/id/${id}`);
          await player.row(`looked up: ${pair}`, 'POST', `${other}identity/lookup/entity`, { body: { id } });
          const alias = { alias_name: 'u', alias_mount_accessor: accessors.get(place) };
          await player.row(`by alias: ${pair}`, 'POST', `${other}identity/lookup/entity`, { body: alias });
          if (place === other) continue;
          for (const [what, body] of Object.entries({
            'alias of an entity': { name: 'x', canonical_id: id, mount_accessor: accessors.get(other) },
            'alias at a mount': { name: 'x', canonical_id: entities.get(other), mount_accessor: accessors.get(place) },
          })) {
            await player.row(`${what}: ${pair}`, 'POST', `${other}identity/entity-alias`, { body });
          }
          const merge = { from_entity_ids: ['nope'], to_entity_id: id };
          await player.row(`merge: ${pair}`, 'POST', `${other}identity/entity/merge`, { body: merge });
        }
        for (const [of, id] of groups) {
          await player.row(`group at ${place}`, 'GET', `${place}identity/group/id/${id}`);
          await player.row(`group looked up at ${place}`, 'POST', `${place}identity/lookup/group`, { body: { id } });
          if (of !== place)
            await player.row(`group renamed at ${place}`, 'POST', `${place}identity/group/id/${id}`, {
              body: { name: 'n' },
            });
          if (of !== place) await player.row(`group deleted at ${place}`, 'DELETE', `${place}identity/group/id/${id}`);
        }
      }
      const trail = (await readFile(`${server.folder}/audit.log`, 'utf8')).trim().split('\n').map(objectOf);
      for (const line of trail.filter((entry) => at(entry, 'request', 'path') === 'auth/token/lookup-self')) {
        player.rows.push(
          player.named([at(line, 'auth', 'policies') ?? null, at(line, 'auth', 'external_namespace_policies') ?? null]),
        );
      }
      // A policy and a membership that change are felt at once.
      const login = await player.ask('POST', 'auth/userpass/login/u', { body: { password: 'p' }, token: '' });
      const token = asString(at(login, 'auth', 'client_token')) ?? '';
      await player.ask('PUT', 'a/sys/policies/acl/group', {
        body: { policy: 'path "secret/own" { capabilities = ["read"] }' },
      });
      await player.row('by the new rules', 'GET', 'a/secret/own', { token });
      await player.row('by the old rules', 'GET', 'a/secret/group', { token });
      await player.ask('POST', 'a/identity/group/name/g', { body: { member_entity_ids: [] } });
      await player.row('no member any more', 'GET', 'a/secret/own', { token });
      await player.row('nor shown', 'GET', `identity/entity/id/${entities.get('')}`);
      for (const place of places) {
        const path = `${place}identity/entity/id/${entities.get(place)}`;
        const { text, status } = await server.call('DELETE', path);
        // The first by its id is named, and nobody chose the ids.
        player.rows.push([
          status,
          player
            .named(asList(objectOf(text || '{}')['errors'])?.[0])
            .replaceAll('\\', '')
            .replace(/id ".*?"/, 'id'),
        ]);
        await player.row('afterwards', 'GET', path);
      }
      return player.rows;
    });
    expect(seen.length).toBeGreaterThan(250);
  },
  WAIT,
);
