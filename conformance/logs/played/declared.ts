/** What is declared in the configuration: audit devices, its own initialisation; and recovery mode. */
import { raftServer, until } from '../../configurations/beside.ts';
import { NO_READS, STATIC_SEAL, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function declared(session: Session): Promise<void> {
  const server = await session.server();
  const configure = (more: string) => server.configure(raftServer(`${TRACE}${NO_READS}${STATIC_SEAL}${more}`));
  const audit = (name: string) => `audit "file" "${name}" {\n  options {\n    file_path = "@DIR/${name}.log"\n  }\n}\n`;
  const initialise = `initialize "first" {
request "mount" {
  operation = "update"
  path = "sys/mounts/kv"
  data = { type = "kv" }
}
request "write" {
  operation = "update"
  path = "kv/a"
  data = { a = "b" }
}
}
`;
  await configure(audit('one') + initialise);
  await session.step('initialises itself', async () => {
    await server.start();
    await until(async () => (await server.ask('GET', 'sys/health'))[0] === 200);
  });
  await session.step('two devices', async () => {
    await configure(audit('one') + audit('two'));
    server.signal('SIGHUP');
  });
  await session.step('another device', async () => {
    await configure(audit('two'));
    server.signal('SIGHUP');
  });
  await session.step('changed device', async () => {
    await configure(audit('two').replace('two.log', 'three.log'));
    server.signal('SIGHUP');
  });
  await session.step('stop', () => server.end());
  await configure(audit('two'));
  await session.step('recovery', async () => {
    await server.start(['-recovery']);
  });
  await session.step('recovery stop', () => server.end());
}
