/** The name of the program that a thread runs, by its label, `python3[4101]`; undefined where the log has not said it. */
export function programOf(label: string): string | undefined {
  return /^(.+)\[\d+\]$/.exec(label)?.[1];
}

/** The display filter that the calls of a program fit, in whichever processes. */
export function programFilter(name: string): string {
  return `thread matches /^${name.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)}\\[/`;
}
