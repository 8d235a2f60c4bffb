// The sources that the bench drives, bundled as the extension has them.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

/**
 * @param {string} temp Where the bundle goes.
 * @param {string} name Of the bundle.
 * @param {string[]} modules Under `src`, without their ending.
 * @returns {Promise<unknown>} All that they export.
 */
export async function loadSources(temp, name, modules) {
  const outfile = path.join(temp, `${name}.mjs`);
  await esbuild.build({
    stdin: {
      contents: modules.map((each) => `export * from './src/${each}.ts';`).join('\n'),
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  await esbuild.stop();
  return import(pathToFileURL(outfile).href);
}
