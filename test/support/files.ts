import { lstat, rm, writeFile } from 'node:fs/promises';

/** Resolves when a file made from now on has a later time of birth than the given one: its clock is coarse. */
export async function untilFilesAreYounger(file: string): Promise<void> {
  const birthNs = await birthOf(file);
  const probe = `${file}.probe`;
  do {
    await rm(probe, { force: true });
    await writeFile(probe, '');
  } while ((await birthOf(probe)) <= birthNs);
}

async function birthOf(file: string): Promise<bigint> {
  return (await lstat(file, { bigint: true })).birthtimeNs;
}
