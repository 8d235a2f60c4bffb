import { type FileOutcome, failuresOf, type Print, skipOf, type TestReport } from './testReport.js';
import { visible } from './visible.js';

/** The Test Anything Protocol, version 14: a file is a test point. */
export class TapReport implements TestReport {
  private count = 0;

  constructor(private readonly print: Print) {}

  begin(count: number): void {
    this.print('TAP version 14');
    this.print(`1..${count}`);
  }

  add(outcome: FileOutcome): void {
    this.count++;
    const failures = failuresOf(outcome);
    const skip = skipOf(outcome);
    const directive = skip === undefined ? '' : ` # SKIP ${visible(skip)}`;
    this.print(
      `${failures.length > 0 ? 'not ok' : 'ok'} ${this.count} - ${describe(outcome.name)}${directive}`,
    );
    this.print('  ---');
    this.print(`  duration_ms: ${Math.round(outcome.seconds * 1000)}`);
    if (failures.length > 0) {
      this.print('  failures:');
    }
    for (const { message, ...facts } of failures) {
      this.print(`    - message: ${quote(message)}`);
      for (const [name, value] of Object.entries(facts)) {
        this.print(`      ${name}: ${typeof value === 'number' ? value : quote(value)}`);
      }
    }
    this.print('  ...');
  }

  end(): void {
    // The plan was printed first.
  }
}

/** A `#` would begin a directive. */
function describe(name: string): string {
  return visible(name).replace(/[\\#]/g, '\\$&');
}

/** A text in YAML: JSON's strings are among its own. */
function quote(text: string): string {
  return JSON.stringify(visible(text));
}
