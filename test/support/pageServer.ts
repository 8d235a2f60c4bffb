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

/**
 * Serves a page to a browser as VS Code would: `html` at `/`, and the files of a folder beside it.
 * @param contentSecurityPolicy Sent as a header, as strict as the real page's.
 */
export async function startPageServer(
  html: string,
  { folder = builtPage, contentSecurityPolicy }: { folder?: string; contentSecurityPolicy?: string } = {},
): Promise<Held & { readonly url: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file = path.join(folder, path.normalize(pathname));
    const content = pathname === '/' ? Promise.resolve(html) : readFile(file);
    content.then(
      (body) => {
        response.setHeader(
          'Content-Type',
          types[pathname === '/' ? '.html' : path.extname(file)] ?? 'text/plain',
        );
        if (contentSecurityPolicy !== undefined) {
          response.setHeader('Content-Security-Policy', contentSecurityPolicy);
        }
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
