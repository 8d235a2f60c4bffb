// A window of the bundled VS Code whose webviews are processes of their own, as they are in VS Code for the desktop and on
// vscode.dev: there they come from another site than the window, from the bundled server they come from the same one.
import { launchChromium } from '../scripts/chromium.mjs';
import { windowUrl } from '../scripts/serve.mjs';

const endpoint = /&quot;webviewEndpoint&quot;:&quot;([^&]*)&quot;,/;
const product = '&quot;productConfiguration&quot;:{';

/**
 * @param {{ port: number, folder: string, size: { width: number, height: number } }} window
 * @returns {Promise<{ page: import('playwright-core').Page, close: () => Promise<void> }>}
 */
export async function openWindow({ port, folder, size }) {
  const browser = await launchChromium({
    isWhole: true,
    args: ['--site-per-process'],
  });
  // What Playwright answers in the server's place comes from no address, and would not be let to this machine's.
  const page = await browser.newPage({ viewport: size, permissions: ['local-network-access'] });
  page.setDefaultTimeout(120_000);
  await page.route(
    (url) => url.pathname === '/',
    async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const folderOfPages = endpoint.exec(html)?.[1];
      if (folderOfPages === undefined || !html.includes(product)) {
        throw new Error('The window names no place for its webviews.');
      }
      const template = `http://{{uuid}}.localhost:${port}/${folderOfPages}/`;
      const policy = response.headers()['content-security-policy'] ?? '';
      await route.fulfill({
        response,
        headers: {
          ...response.headers(),
          'content-security-policy': policy.replace('frame-src ', `frame-src http://*.localhost:${port} `),
        },
        body: html
          .replace(endpoint, '')
          .replace(
            product,
            () => `${product}&quot;webviewContentExternalBaseUrlTemplate&quot;:&quot;${template}&quot;,`,
          ),
      });
    },
  );
  await page.goto(windowUrl({ port, folder }));
  return { page, close: () => browser.close() };
}
