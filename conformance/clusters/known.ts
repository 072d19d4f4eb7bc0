/** Where a simulated cluster answers other than a real one, and why; `conformance/differences.md` tells more. */
export interface Known {
  /** Scripts by name. */
  readonly scripts: RegExp;
  /** Matches the request's line. */
  readonly ask: RegExp;
  readonly why: string;
}

export const known: readonly Known[] = [
  {
    scripts: /^(reads|index)/,
    ask: /sys\/metrics|sys\/pprof|identity\/oidc|sys\/namespaces|sys\/internal\/inspect/,
    why: 'not built yet, or of the machine',
  },
  {
    scripts: /^reads-plain$/,
    ask: /sys\/(generate-root\/attempt|rekey\/init)/,
    why: "a forwarded request passes by the listener that switches these paths off: upstream's slip",
  },
  { scripts: /^reads/, ask: /sys\/mounts HELP|HELP sys\/mounts|help=1/, why: 'help prose is our own' },
  { scripts: /^reads-plain$/, ask: /sys\/key-status/, why: 'how many encryptions there were depends on timing' },
  {
    scripts: /^invalidation$/,
    ask: /(s1 GET (sys\/mounts\/k2|k2\/none|k1\/none|sys\/config\/cors))/,
    why: "upstream's standbys do not hear of a remount or of CORS settings until their reads are set up again",
  },
  {
    scripts: /^snapshot$/,
    ask: /^s1 GET (k2\/a|sys\/mounts\/k2|k1\/a as \$late)/,
    why: "after a restore upstream's standbys keep the old mount table, and the connection they forward over stays closed",
  },
  {
    scripts: /^in-memory$/,
    ask: /^s1 PUT sys\/wrapping\/wrap/,
    why: "upstream's standbys answer 500 'internal error': they handle it by themselves, and cannot make the wrapping token",
  },
  {
    scripts: /^members$/,
    ask: /^active GET (sys\/leader|k1\/a)/,
    why: 'a leader that removed itself never lets go of its state lock: everything but health hangs on the real one',
  },
];

export const isKnown = (script: string, ask: string): boolean =>
  known.some((entry) => entry.scripts.test(script) && entry.ask.test(ask));
