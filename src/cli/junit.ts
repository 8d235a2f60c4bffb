import path from 'node:path';
import { type FileOutcome, failuresOf, type Print, skipOf, type TestReport } from './testReport.js';
import { visible } from './visible.js';

const suiteName = 'socket-playground';

/** JUnit's XML, as build servers read it: a file is a test case, its folder the class. */
export class JunitReport implements TestReport {
  private readonly outcomes: FileOutcome[] = [];

  constructor(private readonly print: Print) {}

  begin(): void {
    // The counts stand at the top, so that nothing is printed before the end.
  }

  add(outcome: FileOutcome): void {
    this.outcomes.push(outcome);
  }

  end(): void {
    const failed = this.outcomes.filter(isFailed).length;
    const broken = this.outcomes.filter(isBroken).length;
    const skipped = this.outcomes.filter((outcome) => skipOf(outcome) !== undefined).length;
    const seconds = this.outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
    const counts = `tests="${this.outcomes.length}" failures="${failed}" errors="${broken}"`;
    this.print('<?xml version="1.0" encoding="UTF-8"?>');
    this.print(`<testsuites ${counts} time="${seconds.toFixed(3)}">`);
    this.print(
      `  <testsuite name="${suiteName}" ${counts} skipped="${skipped}" time="${seconds.toFixed(3)}">`,
    );
    this.outcomes.forEach((outcome) => this.printCase(outcome));
    this.print('  </testsuite>');
    this.print('</testsuites>');
  }

  private printCase(outcome: FileOutcome): void {
    const { name, seconds } = outcome;
    const folder = path.dirname(name).replaceAll(path.sep, '.');
    const attributes = [
      `name="${escape(path.basename(name, '.sockets'))}"`,
      `classname="${escape(folder)}"`,
      `file="${escape(name)}"`,
      `time="${seconds.toFixed(3)}"`,
    ].join(' ');
    const skip = skipOf(outcome);
    const failures = failuresOf(outcome);
    if (skip === undefined && failures.length === 0) {
      this.print(`    <testcase ${attributes}/>`);
      return;
    }
    this.print(`    <testcase ${attributes}>`);
    if (skip !== undefined) {
      this.print(`      <skipped message="${escape(skip)}"/>`);
    }
    const element = isBroken(outcome) ? 'error' : 'failure';
    for (const { message, line, column } of failures) {
      const place = line === undefined ? name : `${name}:${line}:${column}`;
      this.print(
        `      <${element} message="${escape(message)}">${escape(`${place}: ${message}`)}</${element}>`,
      );
    }
    this.print('    </testcase>');
  }
}

/** An expectation did not hold. */
function isFailed({ result }: FileOutcome): boolean {
  return result?.outcome === 'failed';
}

/** It could not be read, parsed or run to its end. */
function isBroken(outcome: FileOutcome): boolean {
  return !isFailed(outcome) && failuresOf(outcome).length > 0;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML has no place for control characters, escaped or not. */
function escape(text: string): string {
  return visible(text).replace(/[&<>"]/g, (character) => entities[character]!);
}
