import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

// This is `NAME.js`, and runs the program beside it, `NAME.program.js`. To compile that would be a third of its start: what
// V8 has made of it is kept, where that folder can be written to, and taken from there by the next who starts it.

/** What the program is. */
type Module = (require: NodeJS.Require, module: NodeJS.Module, exports: unknown, __dirname: string) => void;

const program = __filename.replace(/\.js$/, '.program.js');
const { size, mtimeMs } = statSync(program);
/** Of this very file, for this version of V8 with these options: it would not look closely itself. */
const cache = `${program}.${size}-${mtimeMs}-${cachedDataVersionTag()}.cache`;

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

const cachedData = readCache();
// It is all ASCII, and read as such it takes half of the time and of the memory.
const script = new Script(readFileSync(program, 'latin1'), {
  filename: program,
  ...(cachedData && { cachedData }),
});
if (!cachedData || script.cachedDataRejected) {
  // At the end: then it holds the functions that were called too.
  process.on('exit', () => {
    const partial = `${cache}.${process.pid}`;
    try {
      writeFileSync(partial, script.createCachedData());
      renameSync(partial, cache);
    } catch {
      // Where it cannot be written the next start takes as long.
      rmSync(partial, { force: true });
    }
  });
}
(script.runInThisContext() as Module)(require, module, exports, __dirname);
