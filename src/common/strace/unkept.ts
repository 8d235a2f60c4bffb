const remark = /^socket-playground: (\d+) bytes of the log were not kept$/;

/** The last line of a log that had reached its limit. */
export function unkeptRemark(bytes: number): string {
  return `socket-playground: ${bytes} bytes of the log were not kept`;
}

/** How many bytes a line says were not kept; undefined for every other line. */
export function unkeptBytes(line: string): number | undefined {
  const bytes = remark.exec(line)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
