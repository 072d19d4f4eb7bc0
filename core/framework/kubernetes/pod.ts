/** What a pod of Kubernetes finds in its own file system. */
import { decodeUtf8 } from '../../codec/utf8.ts';
import type { Micros, Runtime } from '../../runtime.ts';

const FOLDER = 'var/run/secrets/kubernetes.io/serviceaccount';

/** Undefined outside of a pod. */
export async function readPod({ disk }: Pick<Runtime, 'disk'>, name: 'token' | 'ca.crt'): Promise<string | undefined> {
  const bytes = await disk.readFile(`${FOLDER}/${name}`);
  return bytes && decodeUtf8(bytes);
}

/** As Go says that it is not there. */
export const notInPod = (name: 'token' | 'ca.crt'): string => `open /${FOLDER}/${name}: no such file or directory`;

/** A file of the pod, which Kubernetes renews, read again when what was read is so old. */
export class PodFile {
  readonly #runtime: Pick<Runtime, 'disk' | 'clock'>;
  readonly #name: 'token' | 'ca.crt';
  readonly #life: Micros;
  #text = '';
  #until: Micros | undefined;

  constructor(runtime: Pick<Runtime, 'disk' | 'clock'>, name: 'token' | 'ca.crt', life: Micros) {
    this.#runtime = runtime;
    this.#name = name;
    this.#life = life;
  }

  /** Undefined where it is not, and is looked for again the next time. */
  async read(): Promise<string | undefined> {
    const { clock } = this.#runtime;
    if (this.#until !== undefined && clock.monotonic() <= this.#until) return this.#text;
    const text = await readPod(this.#runtime, this.#name);
    if (text !== undefined) [this.#text, this.#until] = [text, clock.monotonic() + this.#life];
    return text;
  }
}
