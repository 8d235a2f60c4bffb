import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../../scripts/package.mjs';
import { tempDir } from '../support/disposal.js';

describe('the VSIX of this platform', () => {
  let temp: Awaited<ReturnType<typeof tempDir>>;
  let vsix: string;
  let extension: string;
  beforeAll(async () => {
    temp = await tempDir();
    vsix = await packageExtension({ out: path.join(temp.path, 'socket-playground.vsix') });
    execFileSync('python3', ['-m', 'zipfile', '-e', vsix, path.join(temp.path, 'unpacked')]);
    extension = path.join(temp.path, 'unpacked/extension');
  }, 180_000);
  afterAll(() => temp.dispose());

  it('holds each part', () => {
    const parts = [
      'package.json',
      'package.nls.json',
      'package.nls.ko.json',
      'dist/extension.js',
      'dist/socketHost.js',
      'dist/cli.js',
      'dist/webview/panel.js',
      'dist/webview/codicon.ttf',
      'l10n/bundle.l10n.ko.json',
      'scenarios/echo.sockets',
      'media/icon.png',
      'node_modules/koffi/index.cjs',
      `node_modules/@koromix/koffi-${process.platform}-${process.arch}/package.json`,
    ];
    expect(parts.filter((part) => !existsSync(path.join(extension, part)))).toEqual([]);
  });

  it('names the software of others that it carries', () => {
    const notices = readFileSync(path.join(extension, 'ThirdPartyNotices.txt'), 'utf8');
    for (const name of ['koffi', 'preact', '@preact/signals-core', 'valibot']) {
      expect(notices).toMatch(new RegExp(`^${name} [0-9.]+ \\(`, 'm'));
    }
    expect(notices).toMatch(/^@vscode\/codicons [0-9.]+ \(CC-BY-4\.0\)$/m);
  });

  it('has a README whose pictures are there, and whose links lead somewhere', () => {
    const readme = readFileSync(path.join(extension, 'readme.md'), 'utf8');
    const targets = (pattern: RegExp) => [...readme.matchAll(pattern)].map(([, target = '']) => target);
    const pictures = targets(/!\[[^\]]*\]\(([^)]+)\)/g);
    expect(pictures.length).toBeGreaterThan(5);
    expect(pictures.filter((name) => !existsSync(path.join(extension, name)))).toEqual([]);
    const links = targets(/(?<!!)\[[^\]]*\]\(([^)]+)\)/g);
    expect(links.filter((target) => !/^(https?:|#)/.test(target))).toEqual([]);
    expect(readme).toContain('docs/tap.md tells more');
  });

  it('leaves out what does not run', () => {
    const parts = [
      'src',
      'test',
      'scripts',
      'node_modules/preact',
      'node_modules/koffi/vendor',
      'dist/extension.js.map',
    ];
    expect(parts.filter((part) => existsSync(path.join(extension, part)))).toEqual([]);
  });

  it('is small', () => {
    expect(statSync(vsix).size).toBeLessThan(4_000_000);
  });

  it('has its names as they are written, and gives none to a function while it runs', () => {
    const read = (name: string) => readFileSync(path.join(extension, 'dist', name), 'utf8');
    const bundles = ['extension.js', 'socketHost.js', 'cli.js', 'webview/panel.js'].map(read);
    expect(bundles.map((text) => /"name",\s*\{\s*value:\s*\w+,\s*configurable:/.test(text))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(read('webview/panel.js')).toContain('function RecordTable(');
  });

  it('loads the native library that it brings', () => {
    const script = `
      const koffi = require('koffi');
      console.log(koffi.load(null).func('int getpid()')() === process.pid);`;
    expect(execFileSync(process.execPath, ['-e', script], { cwd: extension, encoding: 'utf8' }).trim()).toBe(
      'true',
    );
  });

  it('makes calls through its command line', () => {
    const output = execFileSync(process.execPath, ['dist/cli.js', 'run', 'scenarios/echo.sockets'], {
      cwd: extension,
      encoding: 'utf8',
    });
    expect(output).toMatch(/^socket\(AF_INET, SOCK_STREAM, \w+\) = \d+$/m);
  });
});

describe('files of texts and contributions', () => {
  // A second key of the same name hides the first, and nothing says so.
  const keysOf = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.values(value).reduce<number>((sum, each) => sum + keysOf(each), 0) +
        (Array.isArray(value) ? 0 : Object.keys(value).length)
      : 0;

  it.each(['package.json', 'package.nls.json', 'package.nls.ko.json', 'l10n/bundle.l10n.ko.json'])(
    '%s has each key once',
    (file) => {
      const text = readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8');
      const strings = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g);
      const written = [...strings].filter(([, colon]) => colon !== undefined);
      expect(written).toHaveLength(keysOf(JSON.parse(text)));
    },
  );
});
