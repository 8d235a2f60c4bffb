import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../support/disposal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = (name: string) => path.join(root, 'node_modules/.bin', name);

/** A folder of `src`, how far up `src` is from it, and the folders and packages that it may import. */
const rows = [
  { folder: 'common', allowed: ['common', 'valibot'] },
  { folder: 'socketHost', allowed: ['common', 'socketHost', 'node:fs', 'valibot'] },
  { folder: 'socketHost/sys', allowed: ['common', 'socketHost', 'node:fs', 'koffi', 'valibot'] },
  { folder: 'playground', allowed: ['common', 'playground', 'node:fs', 'valibot'] },
  { folder: 'extension', allowed: ['common', 'playground', 'extension', 'node:fs', 'vscode', 'valibot'] },
  { folder: 'cli', allowed: ['common', 'playground', 'cli', 'node:fs', 'valibot'] },
  { folder: 'webview', allowed: ['common', 'webview', 'preact', 'valibot'] },
];
const folders = ['common', 'socketHost', 'playground', 'extension', 'cli', 'webview'];
const packages = ['koffi', 'vscode', 'preact', 'preact/compat', 'node:fs', 'valibot'];

let temp: Awaited<ReturnType<typeof tempDir>>;

beforeAll(async () => {
  temp = await tempDir();
  for (const name of ['.oxlintrc.json', 'tsconfig.base.json']) {
    copyFileSync(path.join(root, name), path.join(temp.path, name));
  }
  for (const { folder } of rows) {
    mkdirSync(path.join(temp.path, 'src', folder), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(temp.path, 'node_modules'));
});
afterAll(() => temp.dispose());

/** The lines of a file that the linter refuses, and its exit status. */
function lint(file: string): { refused: number[]; status: number | null } {
  const { stdout, status } = spawnSync(program('oxlint'), ['--format', 'json', file], {
    cwd: temp.path,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; severity: string; labels: { span: { line: number } }[] }[];
  };
  const refused = diagnostics
    .filter(({ code, severity }) => code.includes('no-restricted-imports') && severity === 'error')
    .flatMap(({ labels }) => labels.map(({ span }) => span.line));
  return { refused: [...new Set(refused)].sort((a, b) => a - b), status };
}

/** The ways to name another module; each is one line. */
const forms = [
  (from: string, index: number) => `import thing${index} from '${from}'; console.log(thing${index});`,
  (from: string, index: number) => `import type { Thing${index} } from '${from}';`,
  (from: string, index: number) => `export { thing as other${index} } from '${from}';`,
  (from: string, index: number) => `export const later${index} = import('${from}');`,
];

describe.each(rows)('src/$folder', ({ folder, allowed }) => {
  const up = folder.includes('/') ? '../..' : '..';
  const names = [...folders.filter((name) => name !== folder.split('/', 1)[0]), ...packages];
  const lines = names.flatMap((name, index) =>
    forms.map((form) => ({
      isAllowed: allowed.includes(name),
      text: form(folders.includes(name) ? `${up}/${name}/thing.js` : name, index),
    })),
  );

  it('may import what the table says and nothing else', () => {
    const file = `src/${folder}/imports.ts`;
    writeFileSync(path.join(temp.path, file), lines.map(({ text }) => text).join('\n'));
    const { refused, status } = lint(file);
    expect(refused.map((line) => lines[line - 1]?.text)).toEqual(
      lines.filter(({ isAllowed }) => !isAllowed).map(({ text }) => text),
    );
    expect(status).not.toBe(0);
  });

  it('is not refused without a violation', () => {
    const file = `src/${folder}/allowed.ts`;
    writeFileSync(
      path.join(temp.path, file),
      lines
        .filter(({ isAllowed }) => isAllowed)
        .map(({ text }) => text)
        .join('\n'),
    );
    expect(lint(file).refused).toEqual([]);
  });
});

describe.each([
  { folder: 'common', node: false, dom: false },
  { folder: 'socketHost', node: true, dom: false },
  { folder: 'playground', node: true, dom: false },
  { folder: 'extension', node: true, dom: false },
  { folder: 'cli', node: true, dom: false },
  { folder: 'webview', node: false, dom: true },
])('the globals of src/$folder', ({ folder, node, dom }) => {
  /** Whether an expression type checks there. */
  function compiles(expression: string): boolean {
    const project = path.join(temp.path, 'src', `${folder}Globals`);
    mkdirSync(project, { recursive: true });
    copyFileSync(path.join(root, 'src', folder, 'tsconfig.json'), path.join(project, 'tsconfig.json'));
    writeFileSync(path.join(project, 'globals.ts'), `export const value = ${expression};`);
    return spawnSync(program('tsc'), ['--project', project]).status === 0;
  }

  it('are those of its process', () => {
    expect(compiles('1')).toBe(true);
    expect(compiles('process.pid')).toBe(node);
    expect(compiles('document.body')).toBe(dom);
  });
});
