// Makes the VSIX of one platform, koffi's native library inside. `--target darwin-arm64` makes another platform's,
// `--out FILE` names the file. It is put together in a folder of its own: the work tree's dist/ and node_modules/ stay
// as they are, and another platform's library can be fetched from here.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readArguments } from './arguments.mjs';
import { thirdPartyNotices } from './notices.mjs';
import { run } from './run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a package is made of, besides dist/, the packages that run and the README's pictures; .vscodeignore has the last word. */
const parts = [
  '.vscodeignore',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'l10n',
  'media',
  'package-lock.json',
  'package.json',
  'package.nls.json',
  'package.nls.ko.json',
  'scenarios',
  'exercises',
  'syntaxes',
];

/** This machine's platform, as VS Code names it. */
const hostTarget = `${process.platform}-${process.arch}`;

/**
 * Adds what is not bundled because it runs as it is: koffi, and its native library for the target.
 * @param {string} stage
 * @param {string} target
 */
async function addRunningPackages(stage, target) {
  if (target === hostTarget) {
    for (const name of ['koffi', '@koromix']) {
      await cp(path.join(root, 'node_modules', name), path.join(stage, 'node_modules', name), {
        recursive: true,
      });
    }
    return;
  }
  const [platform = '', cpu = ''] = target.replace('armhf', 'arm').replace('alpine', 'linux').split('-');
  // Without scripts: nothing here may build natively, all that runs comes ready made.
  const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['ci', ...options, `--os=${platform}`, `--cpu=${cpu}`], { cwd: stage });
}

/**
 * @param {{ target?: string, out?: string, startsWithWindow?: boolean }} [options] An extension that starts with its window
 * can show itself in a folder without scenarios, too; in a user's window it takes no time before it is wanted.
 * @returns {Promise<string>} The package's file.
 */
export async function packageExtension({ target = hostTarget, out, startsWithWindow = false } = {}) {
  const manifest = /** @type {{ name: string, version: string, activationEvents: string[] }} */ (
    JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  );
  const file = path.resolve(out ?? path.join(root, `${manifest.name}-${target}-${manifest.version}.vsix`));
  const stage = await mkdtemp(path.join(tmpdir(), 'socket-playground-package-'));
  try {
    const readme = await readFile(path.join(root, 'README.md'), 'utf8');
    const pictures = [...readme.matchAll(/!\[[^\]]*\]\((docs\/[^)]+)\)/g)].map(([, picture = '']) => picture);
    for (const part of [...parts, ...pictures].filter((name) => existsSync(path.join(root, name)))) {
      await cp(path.join(root, part), path.join(stage, part), { recursive: true });
    }
    if (startsWithWindow) {
      const activationEvents = [...manifest.activationEvents, 'onStartupFinished'];
      await writeFile(path.join(stage, 'package.json'), JSON.stringify({ ...manifest, activationEvents }));
    }
    // VS Code's page of an extension opens no file: what the README names there is a name, not a link to nowhere.
    const unlinked = readme.replaceAll(/(?<!!)\[([^\]]+)\]\((?!https?:|#)[^)]+\)/g, '$1');
    await writeFile(path.join(stage, 'README.md'), unlinked);
    await addRunningPackages(stage, target);
    // Imported late: a fresh clone has to be set up first.
    const { build } = await import('./build.mjs');
    const bundled = await build({ production: true, outdir: path.join(stage, 'dist') });
    const notices = await thirdPartyNotices(root, [...bundled, 'koffi']);
    await writeFile(path.join(stage, 'ThirdPartyNotices.txt'), notices);
    await mkdir(path.dirname(file), { recursive: true });
    const vsce = path.join(root, 'node_modules/.bin/vsce');
    await run(
      vsce,
      [
        'package',
        '--target',
        target,
        '--out',
        file,
        '--allow-missing-repository',
        '--no-rewrite-relative-links',
      ],
      {
        cwd: stage,
      },
    );
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return file;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const usage = `Usage: npm run package -- [--target TARGET] [--out FILE]

Makes the VSIX of this machine's platform and prints its path.
  --target TARGET  Of another one, for example darwin-arm64.
  --out FILE       Writes it there.`;
  const { values } = readArguments(usage, {
    options: { target: { type: 'string' }, out: { type: 'string' } },
  });
  console.log(await packageExtension(values));
}
