import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Held } from './disposal.js';

export { launchChromium } from '../../scripts/chromium.mjs';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
};

/** What `npm run build` makes of the page. */
const builtPage = fileURLToPath(new URL('../../dist/webview', import.meta.url));

/** The policy that the extension gives the page, with the server in the place of the webview's own source. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The page as the extension makes it. @param query `classes` of the body, and the `language`. */
function htmlOf(query: URLSearchParams): string {
  return `<!DOCTYPE html><html lang="${query.get('language')}"><head><meta charset="utf-8">
<link rel="stylesheet" href="codicon.css" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="panel.css"><title>Socket Playground</title></head>
<body class="${query.get('classes')}"><div id="root"></div><script type="module" src="panel.js"></script></body></html>`;
}

/** Serves the built page to a browser as VS Code would: at `/`, with its files beside it, and nothing at `/blank`. */
export async function startPageServer(): Promise<Held & { readonly url: string }> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file = path.join(builtPage, path.normalize(pathname));
    const pages: Readonly<Record<string, string>> = {
      '/': htmlOf(searchParams),
      '/blank': '<!DOCTYPE html>',
    };
    const page = pages[pathname];
    const content = page === undefined ? readFile(file) : Promise.resolve(page);
    content.then(
      (body) => {
        response.setHeader(
          'Content-Type',
          types[page === undefined ? path.extname(file) : '.html'] ?? 'text/plain',
        );
        response.setHeader('Content-Security-Policy', policy);
        // Nothing changes while it serves, and a connection that waits for more would be something that a test has left.
        response.setHeader('Cache-Control', 'max-age=3600');
        response.setHeader('Connection', 'close');
        response.end(body);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('A TCP server has an address and a port.');
  }
  return {
    url: `http://127.0.0.1:${address.port}/`,
    dispose: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
