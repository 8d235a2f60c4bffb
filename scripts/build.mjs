// Bundles every process into dist/. `--watch` rebuilds on change.
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {esbuild.Plugin} */
const makeExecutable = {
  name: 'make-executable',
  setup(build) {
    build.onEnd(async ({ errors }) => {
      if (errors.length === 0) {
        await chmod(build.initialOptions.outfile ?? '', 0o755);
      }
    });
  },
};

/**
 * @param {boolean} production
 * @param {string} outdir
 * @returns {esbuild.BuildOptions[]}
 */
function bundles(production, outdir) {
  /** @type {esbuild.BuildOptions} */
  const shared = {
    absWorkingDir: root,
    bundle: true,
    // Names are not shortened: they stay readable in stack traces that users send. With `keepNames`, which is for that, each
    // closure is given its name whenever it is made: it takes forty times as long, and so does binding it.
    minifyWhitespace: production,
    minifySyntax: production,
    sourcemap: !production,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
  /** @type {esbuild.BuildOptions} */
  const node = {
    ...shared,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'koffi'],
  };
  /** @type {[entry: string, options: esbuild.BuildOptions][]} */
  const all = [
    ['src/extension/extension.ts', { ...node, outfile: path.join(outdir, 'extension.js') }],
    [
      'src/socketHost/main.ts',
      // Numbers with a name are written where they are used: V8 takes no variable of a bundle for a constant.
      { ...node, minifySyntax: true, outfile: path.join(outdir, 'socketHost.js') },
    ],
    [
      'src/cli/main.ts',
      {
        ...node,
        outfile: path.join(outdir, 'cli.js'),
        banner: { js: '#!/usr/bin/env node' },
        plugins: [makeExecutable],
      },
    ],
    [
      'src/webview/main.tsx',
      {
        ...shared,
        platform: 'browser',
        format: 'esm',
        target: 'chrome128',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        loader: { '.ttf': 'file', '.svg': 'file' },
        outfile: path.join(outdir, 'webview/panel.js'),
      },
    ],
  ];
  return all.map(([entry, options]) => ({ ...options, entryPoints: [entry] }));
}

/**
 * The icon font is linked by the page, not bundled: vscode-icon asks for a stylesheet of its own. The page asks for the
 * font by its name, so the stylesheet does too.
 * @param {string} outdir
 */
async function copyAssets(outdir) {
  const codicons = path.join(root, 'node_modules/@vscode/codicons/dist');
  const webview = path.join(outdir, 'webview');
  await mkdir(webview, { recursive: true });
  const styles = await readFile(path.join(codicons, 'codicon.css'), 'utf8');
  await writeFile(
    path.join(webview, 'codicon.css'),
    styles.replace(/codicon\.ttf\?[0-9a-f]+/, 'codicon.ttf'),
  );
  await copyFile(path.join(codicons, 'codicon.ttf'), path.join(webview, 'codicon.ttf'));
}

/**
 * Builds all of dist/.
 * @param {{ production?: boolean, outdir?: string }} [options] `production` minifies and leaves out source maps.
 * @returns {Promise<string[]>} The packages of others that dist/ contains.
 */
export async function build({ production = false, outdir = path.join(root, 'dist') } = {}) {
  try {
    await copyAssets(outdir);
    const results = await Promise.all(bundles(production, outdir).map((options) => esbuild.build(options)));
    const inputs = results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
    const packages = inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
    return ['@vscode/codicons', ...packages];
  } finally {
    // esbuild's own process would stay for as long as this one.
    await esbuild.stop();
  }
}

async function watch() {
  const outdir = path.join(root, 'dist');
  await copyAssets(outdir);
  for (const options of bundles(false, outdir)) {
    const context = await esbuild.context({ ...options, logLevel: 'info' });
    // Watching begins with a build too, but does not wait for it. An error is shown, and mended while watching.
    await context.rebuild().catch(() => {});
    await context.watch();
  }
  // The editor's task waits for this line before it starts what was built.
  console.log('watching dist/');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await (process.argv.includes('--watch') ? watch() : build());
  } catch (error) {
    process.exitCode = 1;
    // What is wrong in the sources has been shown, with its place.
    if (!(error instanceof Error && 'errors' in error)) {
      throw error;
    }
  }
}
