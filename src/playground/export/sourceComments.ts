import type { Scenario, Statement } from '../../common/notation/ast.js';

/** The source lines of a scenario, and the comments between them. */
export class SourceComments {
  private readonly lines: string[];
  private next: number;

  constructor(private readonly scenario: Scenario) {
    this.lines = scenario.text.split('\n');
    // The comment lines at the top are the title and the description.
    const isComment = (line: string) => /^\s*#/.test(line);
    const first = this.lines.findIndex((line) => !isComment(line));
    this.next = first < 0 ? this.lines.length : first;
  }

  textOf({ range }: Statement): string {
    return this.scenario.text.slice(range.start, range.end);
  }

  above({ line }: Statement): string[] {
    const between = this.lines.slice(this.next, Math.max(this.next, line - 1));
    this.next = Math.max(this.next, line);
    return between.flatMap((each) => /^\s*#\s?(.*)$/.exec(each)?.[1] ?? []);
  }
}
