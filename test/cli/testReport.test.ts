import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { JunitReport } from '../../src/cli/junit.js';
import { TapReport } from '../../src/cli/tap.js';
import type { FileOutcome, Print, TestReport } from '../../src/cli/testReport.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { cli } from './commandLine.js';

const outcomes: FileOutcome[] = [
  { name: 'a/good.sockets', result: { outcome: 'passed', callCount: 1 }, seconds: 0.0123 },
  {
    name: 'a/bad #1 <&">.sockets',
    result: {
      outcome: 'failed',
      callCount: 2,
      problems: [
        {
          kind: 'expectation',
          message: 'Expected "<a>", got "\u0001"',
          range: { start: 0, end: 1 },
          line: 3,
          column: 14,
          expected: '"<a>"',
          got: '"\u0001"',
        },
      ],
    },
    seconds: 1,
  },
  { name: 'root.sockets', result: { outcome: 'skipped', need: 'root' }, seconds: 0 },
  { name: 'none.sockets', unreadable: { message: 'There is no such file.' }, seconds: 0 },
];

function written(Report: new (print: Print) => TestReport): string[] {
  const lines: string[] = [];
  const report = new Report((line) => lines.push(line));
  report.begin(outcomes.length);
  outcomes.forEach((outcome) => report.add(outcome));
  report.end();
  return lines;
}

it('is the Test Anything Protocol', () => {
  expect(written(TapReport)).toEqual([
    'TAP version 14',
    '1..4',
    'ok 1 - a/good.sockets',
    '  ---',
    '  duration_ms: 12',
    '  ...',
    'not ok 2 - a/bad \\#1 <&">.sockets',
    '  ---',
    '  duration_ms: 1000',
    '  failures:',
    '    - message: "Expected \\"<a>\\", got \\"\\\\x01\\""',
    '      line: 3',
    '      column: 14',
    '      expected: "\\"<a>\\""',
    '      got: "\\"\\\\x01\\""',
    '  ...',
    'ok 3 - root.sockets # SKIP needs root',
    '  ---',
    '  duration_ms: 0',
    '  ...',
    'not ok 4 - none.sockets',
    '  ---',
    '  duration_ms: 0',
    '  failures:',
    '    - message: "There is no such file."',
    '  ...',
  ]);
});

it('is XML as JUnit writes it', () => {
  expect(written(JunitReport)).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites tests="4" failures="1" errors="1" time="1.012">',
    '  <testsuite name="socket-playground" tests="4" failures="1" errors="1" skipped="1" time="1.012">',
    '    <testcase name="good" classname="a" file="a/good.sockets" time="0.012"/>',
    '    <testcase name="bad #1 &lt;&amp;&quot;&gt;" classname="a" file="a/bad #1 &lt;&amp;&quot;&gt;.sockets" time="1.000">',
    '      <failure message="Expected &quot;&lt;a&gt;&quot;, got &quot;\\x01&quot;">a/bad #1 &lt;&amp;&quot;&gt;.sockets:3:14: Expected &quot;&lt;a&gt;&quot;, got &quot;\\x01&quot;</failure>',
    '    </testcase>',
    '    <testcase name="root" classname="." file="root.sockets" time="0.000">',
    '      <skipped message="needs root"/>',
    '    </testcase>',
    '    <testcase name="none" classname="." file="none.sockets" time="0.000">',
    '      <error message="There is no such file.">none.sockets: There is no such file.</error>',
    '    </testcase>',
    '  </testsuite>',
    '</testsuites>',
  ]);
});

async function project(): Promise<string> {
  const { path: folder } = untilTestEnds(await tempDir());
  const files: Record<string, string> = {
    'good.sockets': 'a = socket(AF_INET, SOCK_DGRAM, 0)\n',
    'deeper/bad.sockets': 'a = socket(AF_INET, SOCK_DGRAM, 0)\nclose(a) = -1 EBADF\n',
    'deeper/wrong.sockets': 'close(\n',
    'deeper/notes.txt': 'no scenario',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

it('tells of every file of a folder, in order, and the highest status counts', async () => {
  const folder = await project();
  const { status, stdout, stderr } = await cli(['run', '--format', 'tap', '--jobs', '2', '.'], {
    cwd: folder,
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(stdout.split('\n').filter((line) => /^(not )?ok|^1\.\./.test(line))).toEqual([
    '1..3',
    'not ok 1 - deeper/bad.sockets',
    'not ok 2 - deeper/wrong.sockets',
    'ok 3 - good.sockets',
  ]);
  expect(stdout).toContain('expected: "-1 EBADF"\n      got: "0"');
});

it('tells of lines that are skipped: nothing is expected of them', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const text =
    's = socket(AF_INET, SOCK_DGRAM, 0)\nsetsockopt(s, SOL_SOCKET, SO_LINGER, 0x7ffd00000000, 8) = 7\n';
  await writeFile(path.join(folder, 'name.sockets'), text);
  const { status, stderr } = await cli(['run', '--format', 'tap', 'name.sockets'], { cwd: folder });
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: 'name.sockets:2:38: What was passed here is not in the recording; the line is skipped.\n',
  });
});

it('is written for build servers too', async () => {
  const folder = await project();
  const { status, stdout } = await cli(['run', '--format', 'junit', 'good.sockets', 'deeper/bad.sockets'], {
    cwd: folder,
  });
  expect(status).toBe(1);
  expect(stdout).toMatch(/<testsuites tests="2" failures="1" errors="0" time="[\d.]+">/);
  expect(stdout).toContain('deeper/bad.sockets:2:10: Expected -1 EBADF, got 0</failure>');
});

it('prints transcripts of a folder where no report is asked for', async () => {
  const folder = await project();
  const { status, stdout } = await cli(['run', path.join(folder, 'deeper')]);
  expect(status).toBe(2);
  expect(stdout).toContain(`# ${path.join(folder, 'deeper', 'bad.sockets')}`);
});

it.each([
  { args: ['--format', 'xml', '.'], message: '--format takes one of: tap, junit.' },
  { args: ['--jobs', '0', '.'], message: '--jobs takes a number from 1 to 64.' },
])('is refused for $args', async ({ args, message }) => {
  const { status, stderr } = await cli(['run', ...args]);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

it('says that a folder has no scenario', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const { status, stderr } = await cli(['run', folder]);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: `${folder}: There is no .sockets file in this folder.\n`,
  });
});
