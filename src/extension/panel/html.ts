import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/**
 * The page's frame. Nothing runs but the bundle, nothing is loaded but what the extension ships. The font of the icons is
 * asked for at once and not when the first icon is drawn: where a page is closed while VS Code is still fetching a file
 * for it, some versions let the next page wait half a minute.
 */
export function panelHtml(webview: vscode.Webview, folder: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="preload" as="font" type="font/ttf" crossorigin href="${file('codicon.ttf')}">
<link rel="stylesheet" href="${file('codicon.css')}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${file('panel.css')}">
<title>Socket Playground</title>
</head>
<body>
<div id="root"></div>
<script type="module" nonce="${nonce}" src="${file('panel.js')}"></script>
</body>
</html>`;
}
