/** Somebody else's service that a case needs: a stand-in on a port of this machine, fresh for every play. */
import { createServer } from 'node:http';
import { listening } from '../fixtures/listening.ts';
import { startDirectory } from './directory.ts';
import { type Answering, listener } from './http.ts';
import { startKerberos } from './kerberos.ts';
import { startNames } from './names.ts';
import { startRadius } from './radius.ts';
import { askedText, isStandIn, STAND_INS, type StandInName } from './stand-ins.ts';

/** Those that do not speak HTTP alone. */
const OTHERS = { directory: startDirectory, kerberos: startKerberos, names: startNames, radius: startRadius } as const;

export type ServiceName = StandInName | keyof typeof OTHERS;
export const isService = (name: string): name is ServiceName => Object.hasOwn(OTHERS, name) || isStandIn(name);

export interface RunningService {
  readonly address: string;
  /** `METHOD url body`, in order. */
  readonly asked: readonly string[];
  /** What else a case may put in: by name. */
  readonly known?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const unixSeconds = (): number => Math.floor(Date.now() / 1_000);

export async function startService(name: ServiceName): Promise<RunningService> {
  if (!isStandIn(name)) return OTHERS[name]();
  let answer: Answering | undefined;
  const asked: string[] = [];
  const noted: Answering = (request) => {
    asked.push(askedText(request));
    return answer!(request);
  };
  const { port, end } = await listening(createServer(listener(noted)));
  const address = `http://127.0.0.1:${port}`;
  answer = STAND_INS[name](address, unixSeconds);
  return { address, asked, stop: end };
}
