import type { LevelReading, OptionReading } from '../../common/socket.js';

/** An option that two sockets have with different values. */
export interface OptionDifference {
  level: string;
  ours: OptionReading;
  theirs: OptionReading;
}

/** The options that both sockets have and whose values, or errors, are not the same; in the order of the first. */
export function optionDifferences(
  ours: readonly LevelReading[],
  theirs: readonly LevelReading[],
): OptionDifference[] {
  return ours.flatMap(({ level, options }) => {
    const others = theirs.find((reading) => reading.level === level)?.options ?? [];
    return (options ?? []).flatMap((reading): OptionDifference[] => {
      const other = others.find(({ name }) => name === reading.name);
      return other && (other.text !== reading.text || other.errno !== reading.errno)
        ? [{ level, ours: reading, theirs: other }]
        : [];
    });
  });
}
