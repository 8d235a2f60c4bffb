// What the scripts are given on the command line.
import { parseArgs } from 'node:util';

/**
 * The arguments. For --help the usage is printed and the process ends; so it does, with status 2, where they mean nothing.
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {string} usage What to type, and one line for each option.
 * @param {Config} config
 * @returns {ReturnType<typeof parseArgs<Config>>}
 */
export function readArguments(usage, config) {
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    // What comes behind the first sentence explains how to pass a file of such a name.
    const [problem] = (error instanceof Error ? error.message : String(error)).split('. ');
    console.error(`${problem?.replace(/\.$/, '')}.\n\n${usage}`);
    return process.exit(2);
  }
}
