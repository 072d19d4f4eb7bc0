import type { Bug } from './bug.ts';

export const revocationLostWithDatabase: Bug = {
  name: 'revocation-lost-with-database',
  breaks: 'A user of a database is removed when its lease ends, however long the database was away.',
  source: 'Clean-up that takes an error for "nothing there to clean up": users that pile up in databases for months.',
  edits: [
    {
      file: 'core/engines/database/creds-paths.ts',
      find: `  const plugin = await pluginOf(running, connection);
  await plugin.deleteUser(username, statements);`,
      replace: `  await pluginOf(running, connection)
    .then((plugin) => plugin.deleteUser(username, statements))
    .catch(() => undefined);`,
    },
  ],
  stories: ['scenarios/database/credentials-end.scenario.ts'],
  seed: 1,
};
