/**
 * Takes out of the `bao` program's output what must differ between two servers, by shape and consistently: the third
 * accessor to appear is `<accessor-3>` wherever it appears again, so an id that changes where it should not is seen.
 */
const SHAPES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['jwt', /eyJ[\w-]+\.[\w-]+\.[\w-]+/g],
  ['uuid', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ['namespace', /(?<=^id {2,}|"id": ")[A-Za-z0-9]{6}(?="|$)|(?<=\b[A-Za-z0-9]{24}\.)[A-Za-z0-9]{6}\b/gm],
  ['batch', /\bb\.[\w-]{60,}/g],
  ['token', /\bs\.[A-Za-z0-9]{24}\b/g],
  ['mount', /\b(?:auth_|audit_)?[a-z]+_[0-9a-f]{8}\b/g],
  ['time', /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g],
  ['time', /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC(?: m=\S+)?/g],
  ['hmac', /\bhmac-sha256:[0-9a-f]{64}\b/g],
  ['share', /(?<=Unseal Key \d: |Recovery Key \d: )\S+/g],
  ['share', /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43,44}=*(?=["\s]|$)/g],
  ['hex', /\b[0-9a-f]{64,66}\b/g],
  ['accessor', /\b(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])[A-Za-z0-9]{24}\b/g],
  ['cluster', /\bvault-cluster-[0-9a-f]{8}\b/g],
  ['port', /(?<=127\.0\.0\.1:)\d{4,5}\b/g],
];

export class Normaliser {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  text(output: string): string {
    let text = output;
    for (const [name, pattern] of SHAPES) text = text.replace(pattern, (found) => this.#name(name, found));
    return (
      text
        .replace(/\/tmp\/steamer-\w+/g, '<folder>')
        .replace(/\b\d{10}\b/g, '<unix>')
        .replace(/\b\d\d \w{3} \d\d \d\d:\d\d UTC\b/g, '<time>')
        .replace(/\b767h59m5\ds\b/g, '768h')
        .replace(/"ttl": 29\d\b/g, '"ttl": 300')
        .replace(/\b27647[5-9]\d\b/g, '2764800')
        .replace(/\b(\d+)m[3-5]\ds\b/g, (_, minutes: string) => `${Number(minutes) + 1}m`)
        .replace(/\b0h59m5\ds\b|\b59m5\ds\b|\b60m\b/g, '1h')
        // How long a remount takes is the machine's affair.
        .replace(/^Waiting for terminal status.*\n/gm, '')
        .replace(/(Raft \w+ Index +)\d+/g, '$1<index>')
        // Headers come in the order of a Go map.
        .replace(/(-H "X-Vault-Token: [^"]*") (-H "X-Vault-Request: true")/g, '$2 $1')
        .replace(/[ \t]+$/gm, '')
        .replace(/-{4,}/g, '----')
        .replace(/={2,}/g, '==')
        .replace(/ {2,}/g, '  ')
    );
  }

  #name(shape: string, found: string): string {
    if (shape === 'time' || shape === 'hmac' || shape === 'port') return `<${shape}>`;
    const key = `${shape}/${found}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const count = (this.#counts.get(shape) ?? 0) + 1;
      this.#counts.set(shape, count);
      this.#names.set(key, (name = `<${shape}-${count}>`));
    }
    return name;
  }
}
