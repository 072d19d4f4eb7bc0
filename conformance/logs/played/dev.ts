/** A dev server, from its start to its end. */
import { type Make } from '../common.ts';
import { Session } from '../session.ts';

export async function dev(make: Make): Promise<Session> {
  const server = await make();
  const session = new Session(server);
  await session.step('dev start', () =>
    server.start(['-dev', '-dev-root-token-id=root', '-log-level=trace', '-dev-listen-address=127.0.0.1:@P0']),
  );
  await session.step('dev stop', () => server.end());
  return session;
}
