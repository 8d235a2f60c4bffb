import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = ['.', 'docs'].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name)),
);
const textOf = (name: string) => readFileSync(path.join(root, name), 'utf8');
const all = documents.map(textOf).join('\n');

const manifest = JSON.parse(textOf('package.json')) as {
  scripts: Record<string, string>;
  contributes: {
    commands: { command: string; title: string }[];
    menus: { commandPalette: { command: string; when?: string }[] };
    configuration: { properties: Record<string, { default: unknown }> };
  };
};

it.each(documents)('%s links only to what is there', (name) => {
  const targets = [...textOf(name).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
    ([, target = '']) => target,
  );
  const folder = path.dirname(path.join(root, name));
  expect(targets.filter((target) => !existsSync(path.join(folder, target)))).toEqual([]);
});

it('every script that the documents name exists', () => {
  const named = [...all.matchAll(/`npm run ([\w:]+)/g)].map(([, script = '']) => script);
  expect(named).toContain('build');
  expect(named.filter((script) => manifest.scripts[script] === undefined)).toEqual([]);
});

it('every command that the documents name is in the palette', () => {
  const { commands, menus } = manifest.contributes;
  const texts = JSON.parse(textOf('package.nls.json')) as Record<string, string>;
  const hidden = new Set(
    menus.commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command),
  );
  const titles = commands
    .filter(({ command }) => !hidden.has(command))
    .map(({ title }) => texts[title.slice(1, -1)]!.replace(/…$/, ''));
  // Without the dots, which a sentence leaves out.
  const named = [...all.replaceAll(/\s+/g, ' ').matchAll(/\*Sockets: ([^*]+?)…?\*/g)].map(
    ([, title = '']) => title,
  );
  expect(named).toContain('Open Playground');
  expect(named.filter((title) => !titles.includes(title))).toEqual([]);
});

it('every setting that the documents name exists, and the README has all of them with their defaults', () => {
  const { properties } = manifest.contributes.configuration;
  const named = [...all.matchAll(/`(socketPlayground\.[\w.]+)`/g)].map(([, setting = '']) => setting);
  expect(named.filter((setting) => properties[setting] === undefined)).toEqual([]);
  const rows = [...textOf('README.md').matchAll(/^\| `(socketPlayground\.[\w.]+)` \| (\S+) \|/gm)];
  const said = Object.fromEntries(rows.map(([, setting = '', value = '']) => [setting, value]));
  const written = (value: unknown) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value));
  expect(said).toEqual(
    Object.fromEntries(
      Object.entries(properties).map(([name, { default: value }]) => [name, written(value)]),
    ),
  );
});

it('the change log tells of each thing once a version, in its group', () => {
  const [, ...versions] = textOf('CHANGELOG.md').split(/^## /m);
  const told = versions.map((version) => {
    const [head = '', ...groups] = version.split(/^### /m);
    return {
      ungrouped: [...head.matchAll(/^- .*/gm)].map(([entry]) => entry),
      titles: [...groups.join('').matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, title = '']) => title),
    };
  });
  expect(told.flatMap(({ titles }) => titles)).toContain('Lanes');
  expect(told.flatMap(({ ungrouped }) => ungrouped)).toEqual([]);
  expect(told.flatMap(({ titles }) => titles.filter((title, at) => titles.indexOf(title) !== at))).toEqual(
    [],
  );
});
