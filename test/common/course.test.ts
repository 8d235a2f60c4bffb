import { expect, it } from 'vitest';
import { parseCourse, withoutTranslations } from '../../src/common/course.js';

it('reads groups and their lessons in order', () => {
  expect(
    parseCourse(`\uFEFF# My course
For week 1
to 3.

## One
All about it.
- a.sockets
* \`b.sockets\`

## Two #
- [The third](more/c d.sockets)
`),
  ).toEqual({
    title: 'My course',
    description: 'For week 1 to 3.',
    groups: [
      {
        title: 'One',
        description: 'All about it.',
        lessons: [
          { file: 'a.sockets', line: 7 },
          { file: 'b.sockets', line: 8 },
        ],
      },
      { title: 'Two', description: '', lessons: [{ file: 'more/c d.sockets', line: 11 }] },
    ],
    problems: [],
  });
});

it.each([
  ['- a.sockets', 2, 'A lesson stands below a group: a line such as ## First Calls.'],
  ['## G\n- a.txt', 3, '"a.txt" is no .sockets file of this folder.'],
  ['## G\n- ../a.sockets', 3, '"../a.sockets" is no .sockets file of this folder.'],
  ['## G\n- /a.sockets', 3, '"/a.sockets" is no .sockets file of this folder.'],
  ['## G\n- C:\\a.sockets', 3, '"C:\\\\a.sockets" is no .sockets file of this folder.'],
  ['## G\n- a.sockets\n## H\n- ./a.sockets', 5, 'a.sockets is listed twice.'],
  ['# Again', 2, 'A course has one title: groups begin with ##.'],
])('says what is wrong with %j', (text, line, message) => {
  expect(parseCourse(`# Title\n${text}`).problems).toEqual([{ line, message }]);
});

it('asks for a title', () => {
  expect(parseCourse('').problems).toEqual([
    { line: 1, message: 'A course begins with its title: # Title.' },
  ]);
});

it('knows which files are translations of others', () => {
  expect(
    withoutTranslations([
      'a.sockets',
      'ko/a.sockets',
      'ko/new.sockets',
      'x/b.sockets',
      'x/ko/b.sockets',
      'tool/a.sockets',
      '/c/d.sockets',
      '/c/ja/d.sockets',
      'w\\e.sockets',
      'w\\ko\\e.sockets',
    ]),
  ).toEqual(['a.sockets', 'ko/new.sockets', 'x/b.sockets', 'tool/a.sockets', '/c/d.sockets', 'w\\e.sockets']);
});
