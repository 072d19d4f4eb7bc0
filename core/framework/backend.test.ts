import { describe, expect, test } from 'vitest';
import { print } from '../codec/json.ts';
import { refuse } from '../fault.ts';
import { collection } from './collection.ts';
import { engine } from './engine.ts';
import { field } from './field.ts';
import { reply } from './reply.ts';
import { mountForTest } from './testing.ts';

const keys = engine({
  type: 'keys',
  about: 'Named keys.',
  storage: { keys: collection<{ period: number; issuer: string }>('key/') },
  secrets: { lease: { revoke: () => undefined } },
})
  .path(
    'keys',
    'Names of the stored keys.',
    {},
    {
      list: { about: 'List the keys.', run: (_, { store }) => store.keys.list() },
    },
  )
  .path(
    'keys/:name',
    'A named key.',
    {
      name: field.string('Its name.'),
      issuer: field.string('', { required: true }),
      period: field.seconds('', { default: 30 }),
    },
    {
      write: { run: ({ name, issuer, period }, { store }) => store.keys.put(name, { period, issuer }) },
      read: { about: 'Read a key.', run: async ({ name }, { store }) => store.keys.get(name) },
      delete: { run: () => reply({ warnings: ['gone'] }) },
      patch: {
        forward: true,
        run: () => {
          throw refuse('no');
        },
      },
    },
    { exists: async ({ name }, { store }) => (await store.keys.get(name)) !== undefined, help: 'Long.' },
  );

describe('a declared engine', () => {
  test('stores, reads and lists as Go prints it', async () => {
    const mount = mountForTest(keys);
    expect(await mount.list('keys')).toMatchObject({ status: 404 });
    expect(await mount.write('keys/a', { period: '1h' })).toMatchObject({ status: 204 });
    expect(await mount.read('keys/a')).toMatchObject({ status: 200, data: { issuer: '', period: 3600 } });
    expect(await mount.list('keys')).toMatchObject({ status: 200, data: { keys: ['a'] } });
    const stored = await mount.context.storage.get('key/a');
    expect(String.fromCharCode(...stored!)).toBe('{"issuer":"","period":3600}\n');
    expect(await mount.read('keys/b')).toMatchObject({ status: 404 });
  });

  test('names what it ignored and what the path replaced, sorted', async () => {
    const { warnings } = await mountForTest(keys).send('delete', 'keys/a', { zz: 1, aa: 2, name: 'x' });
    expect(warnings).toEqual([
      'gone',
      'Endpoint ignored these unrecognized parameters: [aa zz]',
      "Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [name]",
    ]);
  });

  test('refuses what does not fit with upstream’s texts', async () => {
    const mount = mountForTest(keys);
    expect(await mount.read('nope')).toEqual({ status: 404, errors: ['unsupported path'] });
    expect(await mount.read('keys')).toEqual({ status: 405, errors: ['unsupported operation'] });
    const period = 'error converting input for field "period": time: invalid duration "x"';
    expect(await mount.read('keys/a', { period: 'x' })).toEqual({
      status: 400,
      errors: [`Field validation failed: ${period}`],
    });
    expect(await mount.write('keys/a', { period: 'x' })).toEqual({ status: 400, errors: [period] });
    expect(await mount.patch('keys/a')).toEqual({ status: 400, errors: ['no'] });
    mount.standby = true;
    await expect(mount.patch('keys/a')).rejects.toThrow('cannot write to readonly storage');
  });

  test('gives leases back to their kind of secret', async () => {
    const { backend, request } = ((mount) => ({ backend: mount.backend, request: mount.request.bind(mount) }))(
      mountForTest(keys),
    );
    const secret = { ttl: 1, maxTtl: 0, renewable: false, internal: { secret_type: 'lease' } };
    expect(await backend.handle(request('revoke', '', {}, { secret }))).toBeUndefined();
    await expect(backend.handle(request('renew', '', {}, { secret }))).rejects.toThrow('unsupported operation');
    await expect(backend.handle(request('renew', ''))).rejects.toThrow('request has no secret');
    const strange = { ...secret, internal: { secret_type: 'constructor' } };
    await expect(backend.handle(request('revoke', '', {}, { secret: strange }))).rejects.toThrow(
      'secret is unsupported by this backend',
    );
  });

  test('several spellings are taken for one, unless something in them is wrong', () => {
    const spelled = engine({ type: 'spelled', about: '' }).path(
      'keys/:name/?',
      '',
      { name: field.string('', { required: true }), size: field.int('') },
      {},
      { resolve: ({ name }) => `keys/${name.toLowerCase()}` },
    );
    const mount = mountForTest(spelled);
    const resolved = (path: string, data = {}) => mount.backend.resolve!(path, data);
    expect(['keys/A', 'keys/A/', 'keys/a', 'other/A'].map((path) => resolved(path))).toEqual([
      'keys/a',
      'keys/a/',
      'keys/a',
      undefined,
    ]);
    expect(resolved('keys/A', { size: 'x' })).toBeUndefined();
  });

  test('helps in upstream’s frame', async () => {
    const mount = mountForTest(keys);
    const help = async (path: string): Promise<unknown> => (await mount.send('help', path)).data?.['help'];
    expect(await help('keys/a')).toBe(
      [
        'Request:        keys/a',
        String.raw`Matching Route: ^keys/(?P<name>\w(([\w-.]+)?\w)?)$`,
        '\nA named key.\n\n## PARAMETERS\n',
        '    issuer (string)\n\n        <no description>\n',
        '    name (string)\n\n        Its name.\n',
        '    period (duration (sec))\n\n        <no description>\n',
        '## DESCRIPTION\n\nLong.',
      ].join('\n'),
    );
    expect(await help('keys')).toBe(
      'Request:        keys\nMatching Route: ^keys/?$\n\nNames of the stored keys.\n\n\n## DESCRIPTION\n\n<no description>',
    );
    expect(await help('')).toMatch(
      /^## DESCRIPTION\n\nNamed keys\.\n\n## PATHS\n\nThe following(.|\n)*\n {4}\^keys\/\?\$\n {8}Names of the stored keys\.$/,
    );
    const { schemas } = mount.backend.openapi!();
    expect(print(schemas['WriteKeysNameRequest']!)).toMatch(/^\{"type":"object",.*"required":\["issuer"\]\}$/);
  });
});
