import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageExtension } from '../../scripts/package.mjs';
import { installExtension } from '../../scripts/serve.mjs';

/** Packages the extension and installs it for each VS Code, once for all files of the suite. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-installed-'));
  const vsix = await packageExtension({ out: path.join(folder, 'socket-playground.vsix') });
  const extensionsFolders = {
    '1.139.1': path.join(folder, '1.139.1'),
    '1.100.3': path.join(folder, '1.100.3'),
  };
  await Promise.all(
    (['1.139.1', '1.100.3'] as const).map((version) =>
      installExtension(version, vsix, extensionsFolders[version]),
    ),
  );
  project.provide('extensionsFolders', extensionsFolders);
  return () => rm(folder, { recursive: true, force: true });
}
