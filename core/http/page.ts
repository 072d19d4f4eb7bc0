/** The page at /ui/: a small one of our own, in place of upstream's application. It speaks to the API and nothing else. */
import { encodeUtf8 } from '../codec/utf8.ts';

/** As upstream sends them with its own page. */
export const UI_HEADERS: readonly (readonly [string, string])[] = [
  [
    'Content-Security-Policy',
    "default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'unsafe-inline' 'self'; form-action  'none'; frame-ancestors 'none'; font-src 'self'",
  ],
  ['Service-Worker-Allowed', '/'],
  ['X-Content-Type-Options', 'nosniff'],
];

const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Steamer</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 48rem; padding: 0 1rem; }
label { display: block; margin: .5rem 0; } input, textarea { font: inherit; width: 100%; box-sizing: border-box; }
textarea { font-family: monospace; height: 10rem; } ul { padding-left: 1.2rem; } .fault { color: #a00; }
</style>
</head>
<body>
<h1>Steamer</h1>
<p id="status">…</p>
<form id="login"><label>Token <input id="token" type="password" autocomplete="off"></label><button>Sign in</button></form>
<section id="browse" hidden>
<label>Path <input id="path" value="secret/"></label>
<button id="open">Open</button> <button id="up">Up</button> <button id="out">Sign out</button>
<ul id="keys"></ul>
<label>Data (JSON) <textarea id="data"></textarea></label>
<button id="save">Save</button> <button id="remove">Delete</button>
</section>
<p id="said" role="status"></p>
<script src="/ui/app.js"></script>
</body>
</html>
`;

/** Plain, so that nothing has to be built: state is the token, the mounts and the path in the address field. */
const script = `'use strict';
const at = (id) => document.getElementById(id);
let token = '';
let mounts = {};
const say = (text, bad) => { at('said').textContent = text; at('said').className = bad ? 'fault' : ''; };
async function call(method, path, body) {
  const headers = { 'X-Vault-Token': token, 'X-Vault-Request': 'true' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch('/v1/' + path, { method, headers, ...sent });
  const text = await answer.text();
  const json = text === '' ? {} : JSON.parse(text);
  if (!answer.ok && answer.status !== 404) throw new Error((json.errors || [answer.status]).join('; '));
  return answer.ok ? json : undefined;
}
const split = (path) => {
  const mount = Object.keys(mounts).find((name) => path.startsWith(name)) || '';
  const second = mount !== '' && (mounts[mount].options || {}).version === '2';
  return { mount, second, rest: path.slice(mount.length) };
};
const under = (path, part) => {
  const { mount, second, rest } = split(path);
  return second ? mount + part + '/' + rest : path;
};
async function open() {
  const path = at('path').value;
  at('keys').textContent = '';
  at('data').value = '';
  if (path.endsWith('/') || path === '') {
    const found = path === '' ? { data: { keys: Object.keys(mounts) } } : await call('GET', under(path, 'metadata') + '?list=true');
    for (const key of found ? found.data.keys : []) {
      const link = document.createElement('a');
      link.href = '#';
      link.textContent = key;
      link.onclick = (event) => { event.preventDefault(); at('path').value = path + key; run(open); };
      at('keys').appendChild(document.createElement('li')).appendChild(link);
    }
    say(found ? '' : 'nothing here');
    return;
  }
  const found = await call('GET', under(path, 'data'));
  const shown = found && (split(path).second ? found.data.data : found.data);
  at('data').value = shown ? JSON.stringify(shown, null, 2) : '{\\n}';
  say(shown ? '' : 'nothing here yet');
}
const run = (work) => work().catch((error) => say(error.message, true));
at('login').onsubmit = (event) => {
  event.preventDefault();
  run(async () => {
    token = at('token').value;
    mounts = (await call('GET', 'sys/internal/ui/mounts')).data.secret;
    at('token').value = '';
    at('login').hidden = true;
    at('browse').hidden = false;
    await open();
  });
};
at('open').onclick = () => run(open);
at('up').onclick = () => { at('path').value = at('path').value.replace(/[^/]*\\/?$/, ''); run(open); };
at('out').onclick = () => { token = ''; location.reload(); };
at('save').onclick = () => run(async () => {
  const path = at('path').value;
  const data = JSON.parse(at('data').value);
  await call('POST', under(path, 'data'), split(path).second ? { data } : data);
  say('saved');
});
at('remove').onclick = () => run(async () => { await call('DELETE', under(at('path').value, 'data')); await open(); });
run(async () => {
  const answer = await fetch('/v1/sys/seal-status');
  const status = await answer.json();
  const state = !status.initialized ? 'not initialised' : status.sealed ? 'sealed' : 'unsealed';
  at('status').textContent = [status.cluster_name, state, status.storage_type, 'version ' + status.version].filter(Boolean).join(' · ');
});
`;

const robots = '# http://www.robotstxt.org\nUser-agent: *\nDisallow: /\n';

export interface Page {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Any path below /ui/ that is no file is the page, as with upstream's application. */
export function pageAt(path: string): Page {
  if (path === '/robots.txt') return { contentType: 'text/plain; charset=utf-8', body: encodeUtf8(robots) };
  if (path === '/ui/app.js') return { contentType: 'text/javascript; charset=utf-8', body: encodeUtf8(script) };
  return { contentType: 'text/html; charset=utf-8', body: encodeUtf8(html) };
}
