import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Logs are kept so long, in ms: a window that comes back may show one. */
const keptFor = 7 * 24 * 3600_000;
/** Bytes that the logs that are kept have together, at most. */
const mostKept = 4 * 2 ** 30;

/** Where the logs of traced programs are. They hold what the programs sent: only their owner may read them. */
export class TraceFolder {
  private count = 0;

  constructor(
    private readonly folder: string,
    private readonly most = mostKept,
  ) {}

  /** An empty log; those that are old, or too much, are removed. @throws what the file system says. */
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
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.strace'));
    const logs = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.folder, name);
        const { mtimeMs, size, blocks } = await stat(file);
        // One that is being written beyond its limit has a hole.
        return { file, mtimeMs, size: Math.min(size, 512 * blocks) };
      }),
    );
    let kept = 0;
    for (const { file, mtimeMs, size } of logs.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
      kept += size;
      if (kept > this.most || mtimeMs < Date.now() - keptFor) {
        await rm(file, { force: true });
      }
    }
  }
}
