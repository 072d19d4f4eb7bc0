import { at } from '../../sim/client.ts';
import { SqlServer } from '../../sim/services/sql-server.ts';
import { expect, scenario } from '../../sim/story.ts';

/** What was lent is taken back first, what was stored is deleted, and what was said about it counts no more. */
scenario(
  'with a secret, a mount or a namespace goes all that it stored, lent and was told',
  { minimum: { elections: 1 } },
  async (sim) => {
    const db = new SqlServer(sim);
    const bao = await sim.cluster({ nodes: 3, multiplier: 1, settings: { raw_storage_endpoint: true } });
    await bao.request('POST', 'sys/namespaces/a');
    const furnish = async (place: string): Promise<string> => {
      await bao.request('POST', `${place}sys/mounts/database`, { type: 'database' });
      await bao.request('POST', `${place}database/config/db`, db.config);
      await bao.request('POST', `${place}database/roles/app`, {
        db_name: 'db',
        creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}'`],
        default_ttl: '12h',
      });
      await bao.request('POST', `${place}sys/mounts/kv`, { type: 'kv' });
      await bao.request('POST', `${place}kv/deep/er/a`, { value: 'canary-gone' });
      const lent = await bao.ask('GET', `${place}database/creds/app`);
      return at(lent.json, 'data', 'username') as string;
    };
    const [user, inner] = [await furnish(''), await furnish('a/')];
    await bao.request('POST', 'sys/quotas/rate-limit/few', { path: 'kv/', rate: 1, interval: '1h' });

    await bao.mount('versioned', 'kv-v2');
    const { uuid } = (await bao.request('GET', 'sys/mounts/versioned'))['data'] as { uuid: string };
    /** How many versions of secrets are stored there. */
    const stored = async (): Promise<number> => {
      const below = async (folder: string): Promise<number> => {
        const { json } = await bao.ask('GET', `sys/raw/${folder}?list=true`);
        let count = 0;
        for (const name of (at(json, 'data', 'keys') ?? []) as readonly string[])
          count += name.endsWith('/') ? await below(folder + name) : Number(folder.includes('/versions/'));
        return count;
      };
      return below(`logical/${uuid}/`);
    };
    for (let version = 0; version < 3; version++)
      await bao.request('POST', 'versioned/data/a', { data: { value: 'canary-version' } });
    expect(await stored()).toBe(3);
    await bao.request('DELETE', 'versioned/metadata/a');
    expect(await stored()).toBe(0);

    await bao.stepDown();
    await sim.run('5s');
    await bao.ready();
    expect([user, inner].filter((name) => db.users.has(name)).length).toBe(2);
    for (const name of ['database', 'kv', 'versioned']) await bao.request('DELETE', `sys/mounts/${name}`);
    expect(db.users.has(user)).toBe(false);
    expect(db.users.has(inner)).toBe(true);
    expect((await bao.ask('GET', 'sys/quotas/rate-limit/few')).status).toBe(404);
    // Whoever is next at the same place begins with nothing.
    await bao.request('POST', 'sys/mounts/kv', { type: 'kv' });
    expect((await bao.ask('LIST', 'kv/')).status).toBe(404);

    await bao.request('DELETE', 'sys/namespaces/a');
    const isGone = async (): Promise<boolean> => (await bao.ask('GET', 'sys/namespaces/a')).status === 404;
    await sim.eventually('30s', 'the namespace is gone', isGone);
    expect(db.users.has(inner)).toBe(false);
  },
);
