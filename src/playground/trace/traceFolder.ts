import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Logs are kept so long, in ms: a window that comes back may show one. */
const keptFor = 7 * 24 * 3600_000;

/** Where the logs of traced programs are. They hold what the programs sent: only their owner may read them. */
export class TraceFolder {
  private count = 0;

  constructor(private readonly folder: string) {}

  /** An empty log; those that are old are removed. @throws what the file system says. */
  newLog(): string {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    // What cannot be removed now is so another time.
    void this.prune().catch(() => {});
    this.count += 1;
    const file = path.join(this.folder, `${Date.now()}-${process.pid}-${this.count}.strace`);
    closeSync(openSync(file, 'wx', 0o600));
    return file;
  }

  private async prune(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      const file = path.join(this.folder, name);
      const { mtimeMs = Infinity } = (await stat(file).catch(() => undefined)) ?? {};
      if (name.endsWith('.strace') && mtimeMs < Date.now() - keptFor) {
        await rm(file, { force: true });
      }
    }
  }
}
