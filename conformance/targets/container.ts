/** The real server in a container. */
import type { ServerKind } from '../case.ts';
import { inmemConfig, raftConfig } from './config.ts';
import { containerEngine } from './podman.ts';
import type { Running, Target } from './target.ts';
import { TargetError } from './target.ts';

const PORT = 8200;

export async function container(version: string): Promise<Target> {
  const engine = await containerEngine(version);
  return {
    name: `container:${version}`,
    kinds: ['dev', 'bare', 'raft', 'shares', 'auto'],
    start: (kind) => start(engine.image, version, kind),
    close: () => engine.close(),
  };
}

async function start(image: string, version: string, kind: ServerKind): Promise<Running> {
  if (kind === 'cluster') throw new TargetError('a cluster runs as programs, not as a container');
  // Loaded here, because it takes a second and needs an engine.
  const { GenericContainer, Wait } = await import('testcontainers');
  const dev = [
    'server',
    '-dev',
    '-dev-root-token-id=root',
    `-dev-listen-address=0.0.0.0:${PORT}`,
    '-dev-no-store-token',
  ];
  const config = (kind === 'raft' ? raftConfig('/tmp', PORT, PORT + 1) : inmemConfig(kind, PORT)).replace(
    '127.0.0.1',
    '0.0.0.0',
  );
  const made = new GenericContainer(image)
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/v1/sys/seal-status', PORT).forStatusCodeMatching((code) => code > 0))
    .withCommand(kind === 'dev' ? dev : ['server', '-config=/etc/config.hcl'])
    .withCopyContentToContainer(kind === 'dev' ? [] : [{ content: config, target: '/etc/config.hcl' }]);
  try {
    const started = await made.start();
    return {
      advertised: [`http://127.0.0.1:${PORT}`],
      addresses: [`http://${started.getHost()}:${started.getMappedPort(PORT)}`],
      token: kind === 'dev' ? 'root' : '',
      version,
      alive: () => true,
      stop: async () => {
        await started.stop({ timeout: 0 });
      },
    };
  } catch (error) {
    throw new TargetError(`${image} did not start: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
}
