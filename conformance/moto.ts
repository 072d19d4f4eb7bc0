/** AWS as moto plays it: its server, installed by package name into the project's cache. */
import { pipInstalled } from './cached.ts';
import { freePort, type Server, startProgram } from './program.ts';

const VERSION = '5.2.5';

/** Throws Missing with one line saying what to install. */
export async function startMoto(): Promise<Server> {
  const folder = await pipInstalled(`moto-${VERSION}`, [`moto[server]==${VERSION}`]);
  const port = await freePort();
  const words = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  return startProgram('python3', words, port, { PYTHONPATH: folder });
}
