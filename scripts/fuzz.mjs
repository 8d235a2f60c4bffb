// `npm run fuzz`: random calls against a real socket host, and random texts against everything that reads texts, for a
// minute.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import * as esbuild from 'esbuild';
import { readArguments } from './arguments.mjs';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const usage = `Usage: npm run fuzz -- [--seconds S] [--seed N] [--path P] [--update-pairs]

  --seconds S     How long; default 60.
  --seed N        The same calls and texts again.
  --path P        The one run that was found.
  --update-pairs  Notes the errnos that came in test/socketHost/fuzzPairs.json.`;
readArguments(usage, {
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    'update-pairs': { type: 'boolean' },
  },
});

await build();
// Where the native module is found.
const folder = await mkdtemp(path.join(root, 'node_modules/.fuzz-'));
try {
  const program = path.join(folder, 'fuzz.mjs');
  await esbuild.build({
    entryPoints: [path.join(root, 'test/fuzz/main.ts')],
    outfile: program,
    bundle: true,
    external: ['koffi'],
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // Packages of CommonJS that are bundled still ask for node's modules.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
  const { status } = spawnSync(process.execPath, [program, '--root', root, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
