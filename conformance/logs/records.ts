/** The records of a server's log, made comparable: what no two runs share is named by its kind. */

/** A record, its time left out: level, logger, message and pairs as they were printed. */
export type LogLine = string;

const RECORD = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (\[[A-Z]+\] .*)$/;

/** Everything that was logged, in order; lines below a record that belong to it are joined to it. */
export function logLines(printed: string): LogLine[] {
  const found: LogLine[] = [];
  let open = false;
  for (const line of printed.split('\n')) {
    const record = RECORD.exec(line)?.[1];
    if (record !== undefined) found.push(record);
    else if (open && /^ {2}[|\S]/.test(line)) found[found.length - 1] += `\n${line}`;
    open = record !== undefined || (open && /^ {2}/.test(line));
  }
  return found.map(comparable);
}

/** What differs from run to run, and what stands for it. The first that fit are replaced first. */
const POINTERS =
  / NotifyCh:\(chan<- bool\)\(0x[0-9a-f]+\), LogOutput:io\.Writer\(nil\),| Logger:\(\*hclog\.interceptLogger\)\(0x[0-9a-f]+\),/g;

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [POINTERS, ''],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} UTC( m=[+-][\d.]+)?/g, 'TIME'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, 'TIME'],
  [/(?<!00000000-0000-0000-0000-)\b(?!0{8}-)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
  [/_[0-9a-f]{8}\b/g, '_ACCESSOR'],
  [/ID: (?!root\b)[0-9A-Za-z]{6}\./g, 'ID: NAMESPACE.'],
  [/vault-cluster-[0-9a-f]{8}/g, 'vault-cluster-NAME'],
  [/127\.0\.0\.1:\d+/g, 'ADDRESS'],
  [/(auth\/[^ ]+\/)h[0-9a-f]{64}/g, '$1HASH'],
  [/(lease_id=[^ ]*\/|failed to revoke \\"[^ ]*\/)[A-Za-z0-9]{24}(\.[A-Za-z0-9]{6})?/g, '$1ID'],
  [/\b([0-9a-f]{2}[:-]){15,19}[0-9a-f]{2}\b/g, 'SERIAL'],
  [/"?\b[0-9]+(\.[0-9]+)?(µs|ms|s)\b"?/g, 'SPAN'],
  [/\bindex=[0-9A-F]+\/[0-9A-F]+/g, 'index=LSN'],
  [/\b((?:\S+-)?index|next|seconds|nanos)([=:])\d+/g, '$1$2N'],
  [/\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{16,}\b/g, 'HEX'],
];

function comparable(line: string): LogLine {
  return VOLATILE.reduce((text, [pattern, kind]) => text.replaceAll(pattern, kind), line);
}
