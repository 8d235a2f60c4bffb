import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = readdirSync(root).filter((name) => name.endsWith('.md'));

it.each(documents)('%s links only to what is there', (name) => {
  const text = readFileSync(path.join(root, name), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = '']) => target);
  expect(targets.filter((target) => !existsSync(path.join(root, target)))).toEqual([]);
});

it('every script that the documents name exists', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const text = documents.map((name) => readFileSync(path.join(root, name), 'utf8')).join('\n');
  const named = [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, script = '']) => script);
  expect(named).toContain('build');
  expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
});
