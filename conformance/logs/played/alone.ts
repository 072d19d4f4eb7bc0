/** A node that serves no reads before it is active. */
import { raftServer, until } from '../../configurations/beside.ts';
import { initialised, STATIC_SEAL, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function alone(session: Session): Promise<void> {
  const server = await session.server();
  await server.configure(raftServer(`${TRACE}disable_standby_reads = true\n${STATIC_SEAL}`));
  await session.step('start', () => server.start());
  await session.step('init', () => initialised(server));
  await session.step('step down', async () => {
    await server.ask('PUT', 'sys/step-down', { body: {} });
    await until(() => server.lines(/acquired lock/).length > 0);
    await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
  });
  await session.step('stop', () => server.end());
}
