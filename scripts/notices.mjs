// The licences of what a package of ours carries of others.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Codicons has one for the font and one for its code; only the font is used. */
const licenceFile = /^licen[cs]e(\.(md|txt))?$/i;

/**
 * @param {string} root The folder with node_modules.
 * @param {Iterable<string>} packages
 * @returns {Promise<string>} Each package's name, version, licence and licence text.
 */
export async function thirdPartyNotices(root, packages) {
  const notices = [...new Set(packages)].sort().map(async (name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version, license } = /** @type {{ version: string, license: string }} */ (
      JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))
    );
    const file = (await readdir(folder)).find((entry) => licenceFile.test(entry));
    if (file === undefined) {
      throw new Error(`${name} has no licence file.`);
    }
    const text = await readFile(path.join(folder, file), 'utf8');
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  const line = `${'-'.repeat(80)}\n`;
  return `Socket Playground contains the following software of others.\n\n${line}${(await Promise.all(notices)).join(line)}`;
}
