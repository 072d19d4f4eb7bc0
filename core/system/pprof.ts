/**
 * sys/pprof: what the process does and holds. Forms and headers are those of Go's profiles, what is in them is the
 * runtime's own (on the host: V8's).
 */
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Call } from '../framework/call.ts';
import { paths as declare } from '../framework/engine.ts';
import { field } from '../framework/field.ts';
import type { BackendContext } from '../framework/logical.ts';
import type { Reply } from '../framework/reply.ts';
import { reply } from '../framework/reply.ts';

/** What a process can tell of itself. Seconds: how long it is watched. */
export interface Profiler {
  readonly commandLine: readonly string[];
  /** 'heap', 'allocs', 'goroutine', 'block', 'mutex', 'threadcreate', 'profile', 'trace'; as text when asked for. */
  profile(kind: string, seconds: number, text: boolean): Promise<Uint8Array>;
}

/** Where there is no process: a simulated node. */
export const noProfiler: Profiler = {
  commandLine: [],
  profile: (kind) => Promise.resolve(encodeUtf8(`${kind} profile: total 0\n`)),
};

export interface PprofContext extends BackendContext {
  readonly node: { readonly profiler: Profiler };
}

type PprofCall = Call<undefined, object, PprofContext>;

const NOSNIFF = { 'X-Content-Type-Options': ['nosniff'] };
const TEXT = 'text/plain; charset=utf-8';

const plain = (text: string, status = 200, headers: Readonly<Record<string, readonly string[]>> = {}): Reply =>
  reply({ raw: { status, contentType: TEXT, body: encodeUtf8(text) }, headers: { ...NOSNIFF, ...headers } });

const attachment = (name: string, body: Uint8Array): Reply =>
  reply({
    raw: { status: 200, contentType: 'application/octet-stream', body },
    headers: { ...NOSNIFF, 'Content-Disposition': [`attachment; filename="${name}"`] },
  });

async function snapshot(kind: string, { request, context }: PprofCall): Promise<Reply> {
  const { debug, seconds } = request.data;
  if (seconds !== undefined && !(typeof seconds === 'string' && /^[1-9]\d*$/.test(seconds))) {
    return plain('invalid value for "seconds" - must be a positive integer\n', 400, { 'X-Go-Pprof': ['1'] });
  }
  const text = typeof debug === 'string' && /^[1-9]\d*$/.test(debug);
  const body = await context.node.profiler.profile(kind, Number(seconds ?? 0), text);
  const headers = { ...NOSNIFF };
  if (text) return reply({ raw: { status: 200, contentType: TEXT, body }, headers });
  return attachment(seconds === undefined ? kind : `${kind}-delta`, body);
}

const SNAPSHOTS = ['allocs', 'block', 'goroutine', 'heap', 'mutex', 'threadcreate'] as const;

const page = `<html>
<head><title>/debug/pprof/</title></head>
<body>
${['cmdline', ...SNAPSHOTS, 'profile', 'symbol', 'trace'].map((name) => `<p><a href="${name}">${name}</a></p>`).join('\n')}
</body>
</html>
`;

const DEFAULT_SECONDS = 30;
const seconds = (fallback: number) => ({
  seconds: field.int('How long the process is watched.', { default: fallback, unlisted: true }),
});

const watched = async (kind: string, given: number, { context }: PprofCall): Promise<Reply> => {
  const usual = kind === 'profile' ? DEFAULT_SECONDS : 1;
  return attachment(kind, await context.node.profiler.profile(kind, given > 0 ? given : usual, false));
};

const paths = declare<undefined, object, PprofContext>()
  .path(
    'pprof/?',
    'The profiles.',
    {},
    {
      read: {
        about: 'An index of them.',
        run: () =>
          reply({
            raw: { status: 200, contentType: 'text/html; charset=utf-8', body: encodeUtf8(page) },
            headers: NOSNIFF,
          }),
      },
    },
  )
  .path(
    'pprof/cmdline',
    'How the process was started.',
    {},
    {
      read: {
        about: 'The words, NUL between them.',
        run: (_, { context }) => plain(context.node.profiler.commandLine.join('\0')),
      },
    },
  )
  .path(
    'pprof/symbol',
    'Names of program counters.',
    {},
    { read: { about: 'Whether there are any.', run: () => plain('num_symbols: 1\n') } },
  )
  .path('pprof/profile', 'Where time goes.', seconds(DEFAULT_SECONDS), {
    read: { about: 'Watch the processor.', run: (sent, call) => watched('profile', sent.seconds, call) },
  })
  .path('pprof/trace', 'What happens when.', seconds(1), {
    read: { about: 'Watch execution.', run: (sent, call) => watched('trace', sent.seconds, call) },
  });

for (const kind of SNAPSHOTS) {
  paths.path(
    `pprof/${kind}`,
    'What the process holds.',
    {},
    { read: { about: 'As it is now, or how it changes.', run: (_, call) => snapshot(kind, call) } },
    { anyInput: true },
  );
}

export const pprofPaths = paths;
