import { expect, test } from 'vitest';
import type { Case } from './case.ts';
import { playFresh } from './play.ts';
import type { ServiceName } from './services/service.ts';
import type { Running, Target } from './targets/target.ts';

test('a server is stopped when the service that its case needs does not start', async () => {
  let stopped = 0;
  const running: Running = {
    addresses: ['http://127.0.0.1:1'],
    token: '',
    version: '2.7.2',
    alive: () => stopped === 0,
    stop: async () => void stopped++,
  };
  const target: Target = {
    name: 'a server',
    kinds: ['dev'],
    start: async () => running,
    close: async () => {},
  };
  const service = 'no such service' as ServiceName;
  const played: Case = { name: 'a case', server: 'dev', steps: [], service } as unknown as Case;
  await expect(playFresh(target, played)).rejects.toThrow();
  expect(stopped).toBe(1);
});
