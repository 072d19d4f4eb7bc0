/** Pages for a user's browser. Upstream's say the same with its logo. */
import { encodeUtf8 } from '../../../codec/utf8.ts';
import type { Answer } from '../../../framework/reply.ts';
import { reply } from '../../../framework/reply.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);

const page = (status: number, title: string, body: string): Answer =>
  reply({
    raw: {
      status,
      contentType: 'text/html',
      body: encodeUtf8(
        `<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="UTF-8"><title>${title}</title></head>\n<body>\n${body}\n</body>\n</html>\n`,
      ),
    },
  });

export const successPage = (): Answer =>
  page(200, 'OpenBao Authentication Succeeded', '<p>Signed in via your OIDC provider. You can close this window.</p>');

export const errorPage = (summary: string, detail: string): Answer =>
  page(400, 'OpenBao', `<p><b>${escaped(summary)}</b></p>\n<p>${escaped(detail)}</p>`);

/** Asks for a click, so that nobody is logged in by a link from somebody else (RFC 8628, section 5.4). */
export const confirmPage = (requester: string, role: string, query: string): Answer =>
  page(
    200,
    'OpenBao Authentication Confirmation',
    `<p>A login with the role <b>${escaped(role)}</b> was asked for from <b>${escaped(requester)}</b>.</p>\n<p><a href="?${escaped(query)}">Confirm</a></p>`,
  );

/** Sends the browser on to where the user interface waits, with the state that holds what was posted. */
export const forwardPage = (path: string, query: string): Answer =>
  page(
    200,
    'Complete sign-in process',
    `<p><a id="next" href="${escaped(`${path}?${query}`)}">Continue</a></p>\n<script>location.href = document.getElementById('next').href;</script>`,
  );
