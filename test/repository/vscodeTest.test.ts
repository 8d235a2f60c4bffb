import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';

it('gives each VS Code that the tests run in a profile of its own', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const executable = path.join(folder, 'code');
  const told = path.join(folder, 'told');
  await writeFile(executable, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${told}'\n`, { mode: 0o755 });
  const profiles = async (version: string) => {
    const args = ['scripts/vscodeTest.mjs', version, path.join(folder, 'report.json'), 'activation'];
    await writeFile(told, '');
    await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, VSCODE_EXECUTABLE: executable },
    });
    return (await readFile(told, 'utf8')).match(/(?<=^--(user-data|extensions)-dir=).*$/gm);
  };
  const [current, oldest] = [await profiles('1.139.1'), await profiles('1.100.3')];
  expect(current).toHaveLength(2);
  expect(new Set([...current!, ...oldest!]).size).toBe(4);
});
