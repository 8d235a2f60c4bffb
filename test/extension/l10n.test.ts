import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { setMessages, t } from '../../src/common/l10n.js';

const root = path.resolve(import.meta.dirname, '../..');

function readJson(file: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, string>;
}

interface Text {
  text: string;
  place: string;
}

/** What a string literal's inside stands for. */
function unescape(raw: string): string {
  const escapes = /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(.))/gis;
  return raw.replace(escapes, (_, long?: string, four?: string, two?: string, character?: string) =>
    character === undefined
      ? String.fromCodePoint(Number.parseInt(long ?? four ?? two ?? '', 16))
      : ({ n: '\n', t: '\t' }[character] ?? character),
  );
}

/** The first argument of every `t(…)` in a source, and the places where it is not a plain text. */
function collect(source: string, file: string): { texts: Text[]; unreadable: string[] } {
  const texts: Text[] = [];
  const unreadable: string[] = [];
  const code = source.replace(/(?<=^|\s)\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
  for (const match of code.matchAll(/(?<![\w.$'"`])t\(\s*/g)) {
    const place = `${file}:${code.slice(0, match.index).split('\n').length}`;
    const literal = /^(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`)\s*[,)]/.exec(
      code.slice(match.index + match[0].length),
    );
    if (!literal) {
      unreadable.push(place);
      continue;
    }
    const raw = literal[1] ?? literal[2] ?? literal[3] ?? '';
    texts.push({ place, text: unescape(raw) });
  }
  return { texts, unreadable };
}

const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('common/l10n.ts'))
  .map((file) => ({ file: `src/${file}`, source: readFileSync(path.join(root, 'src', file), 'utf8') }));
const found = sources.map(({ file, source }) => collect(source, file));
const texts = found.flatMap((part) => part.texts);
const bundle = readJson('l10n/bundle.l10n.ko.json');

const placeholders = (text: string) => (text.match(/\{\d+\}/g) ?? []).sort();

describe('the Korean bundle', () => {
  it('finds the texts of the source', () => {
    expect(texts.length).toBeGreaterThan(50);
    expect(found.flatMap(({ unreadable }) => unreadable)).toEqual([]);
  });

  it('has every text', () => {
    expect(
      texts.filter(({ text }) => !Object.hasOwn(bundle, text)).map(({ place, text }) => `${place} ${text}`),
    ).toEqual([]);
  });

  it('has none that no source uses', () => {
    const used = new Set(texts.map(({ text }) => text));
    expect(Object.keys(bundle).filter((text) => !used.has(text))).toEqual([]);
  });

  it('is in order, so that two changes of it meet only where they say the same', () => {
    const keys = Object.keys(bundle);
    expect(keys).toEqual([...keys].sort());
  });

  it('keeps every placeholder', () => {
    const broken = Object.entries(bundle).filter(
      ([english, korean]) => placeholders(english).join() !== placeholders(korean).join(),
    );
    expect(broken).toEqual([]);
  });
});

describe('the manifest', () => {
  const manifest = readFileSync(path.join(root, 'package.json'), 'utf8');
  const english = readJson('package.nls.json');
  const korean = readJson('package.nls.ko.json');

  it('names only keys that both languages have, each as a whole string', () => {
    const used = [...manifest.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]!);
    expect([...new Set(used)].sort()).toEqual(Object.keys(english).sort());
    expect(Object.keys(korean).sort()).toEqual(Object.keys(english).sort());
    expect(manifest.replace(/"%[^%"]+%"/g, '')).not.toContain('%');
  });

  it('says nothing twice: of two keys of one object only the last would count', () => {
    const keys = new Map<number, Set<string>>();
    const repeated: string[] = [];
    for (const line of manifest.split('\n')) {
      const indent = line.search(/\S/);
      for (const deeper of [...keys.keys()].filter((one) => one > indent)) {
        keys.delete(deeper);
      }
      const key = /^\s*"([^"]+)":/.exec(line)?.[1];
      if (key !== undefined) {
        const known = keys.get(indent) ?? new Set();
        if (known.has(key)) {
          repeated.push(key);
        }
        keys.set(indent, known.add(key));
      }
    }
    expect(repeated).toEqual([]);
  });

  it('shows the panel with the words of the language, and else the same picture', () => {
    const pictures = [english, korean].map((texts) =>
      readFileSync(path.join(root, texts['walkthrough.open.svg']!), 'utf8'),
    );
    const [drawing, inKorean] = pictures.map((picture) => picture.replace(/>[^<]+</g, '><'));
    expect(inKorean).toBe(drawing);
    const words = pictures.map((picture) => [...picture.matchAll(/>([^<\n]+)</g)].map(([, text]) => text));
    expect(words[0]!.filter((word, index) => word !== words[1]![index])).toEqual(['+ Socket', 'Call']);
    expect(words[1]).toEqual(expect.arrayContaining([`+ ${bundle['Socket']}`, bundle['Call']]));
  });

  it('keeps command links in both languages', () => {
    const links = (text: string) => [...text.matchAll(/command:[\w.]+/g)].map(String);
    for (const [key, text] of Object.entries(english)) {
      expect(links(korean[key]!), key).toEqual(links(text));
    }
  });
});

describe('Korean texts', () => {
  const korean = { ...bundle, ...readJson('package.nls.ko.json') };
  const glossary = readFileSync(path.join(root, 'l10n/GLOSSARY.md'), 'utf8');
  const unwanted = glossary
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .flatMap((line) => line.split('|')[3]!.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');

  const lessons = ['scenarios/ko', 'exercises/ko'].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((file): [string, string] => [
      `${folder}/${file}`,
      readFileSync(path.join(root, folder, file), 'utf8'),
    ]),
  );

  it('state in one tone in lessons, but for their titles', () => {
    expect(lessons.length).toBeGreaterThan(40);
    const plain = /\p{Script=Hangul}(?<![니보])다(?:[.:](?:\s|$)|$)/u;
    const comments = lessons.map(([file, text]): [string, string[]] => [
      file,
      text
        .split('\n')
        .slice(1)
        .filter((line) => line.includes('#') && plain.test(line)),
    ]);
    expect(comments.filter(([, lines]) => lines.length > 0)).toEqual([]);
  });

  it('keep to the words of the glossary', () => {
    expect(unwanted).toContain('대기열');
    const found = [...Object.entries(korean), ...lessons].flatMap(([key, text]) =>
      unwanted.filter((word) => text.includes(word)).map((word) => `${word}: ${key}`),
    );
    expect(found).toEqual([]);
  });

  it('have one word for a listener and another for what waits', () => {
    const english = readJson('package.nls.json');
    const sentences = { ...Object.fromEntries(Object.keys(bundle).map((text) => [text, text])), ...english };
    const found = Object.entries(sentences).filter(([key, text]) => {
      const listens = /listen|accepted from/i.test(text);
      return korean[key]!.includes('대기')
        ? !listens
        : listens && !/wait/i.test(text) && korean[key]!.includes('기다');
    });
    expect(found).toEqual([]);
  });

  it('ask in one tone', () => {
    expect(Object.values(korean).filter((text) => /세요|나요\?/.test(text))).toEqual([]);
  });

  it('have no particle behind a placeholder that fits only some values', () => {
    const particle = /\{\d+\}(?:은|는|이|가|을|를|과|와|로|으로|라는|이라는)(?=[\s.,:;?!]|$)/;
    expect(Object.values(korean).filter((text) => particle.test(text))).toEqual([]);
  });

  it('show no pair of particles, whatever stands in their places', () => {
    onTestFinished(() => setMessages({}));
    setMessages(bundle);
    const values = [
      'server',
      'listen()',
      'EADDRINUSE',
      'CAP_NET_ADMIN',
      String.raw`\n`,
      '"{"',
      ':',
      '서버',
      23,
      '日本',
      '',
    ];
    const said = Object.keys(bundle).flatMap((text) =>
      values.map((value) => t(text, ...Array.from({ length: 10 }, () => value))),
    );
    // What VS Code formats itself has no placeholders.
    const manifest = Object.values(readJson('package.nls.ko.json'));
    const pair = /.{0,20}\((?:은|는|이|가|을|를|과|와|으|이)\)(?:\p{Script=Hangul}|\s|$)/u;
    expect(
      [...said, ...manifest, ...lessons.map(([, text]) => text)].flatMap(
        (text) => pair.exec(text)?.[0] ?? [],
      ),
    ).toEqual([]);
  });
});
