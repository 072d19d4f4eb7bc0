/** A dev server, from its start to its end. */
import type { Session } from '../session.ts';

export async function dev(session: Session): Promise<void> {
  const server = await session.server();
  await session.step('dev start', () =>
    server.start(['-dev', '-dev-root-token-id=root', '-log-level=trace', '-dev-listen-address=127.0.0.1:@P0']),
  );
  await session.step('dev stop', () => server.end());
}
