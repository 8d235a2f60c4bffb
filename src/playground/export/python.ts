import { constantValue } from '../../common/tables/constants.js';
import { commentText, headLines, indent, type PrintedLine, threadFunctionName, turnLines } from './code.js';
import { omittedLines, printLines } from './leftOut.js';
import type { PrintedProgram, Program } from './program.js';
import { pythonTurns } from './pythonHelpers.js';
import { pythonBytes, pythonString } from './pythonLiterals.js';
import { assignedBy, PythonStatements } from './pythonStatements.js';
import { boundPaths } from './rawAddress.js';

/** A program in Python 3 with nothing but its standard library. */
export function printPython(program: Program): PrintedProgram {
  return new PythonPrinter(program).print();
}

class PythonPrinter {
  private readonly statements: PythonStatements;

  constructor(private readonly program: Program) {
    this.statements = new PythonStatements(program);
  }

  print(): PrintedProgram {
    const { program, statements } = this;
    const { helpers, modules } = statements;
    const hasThreads = program.threads.length > 1;
    helpers.use('attempt');
    helpers.use('check');
    const threads = printLines(program, {
      call: (step, line) => statements.call(step, line),
      sleep: (seconds) => {
        modules.add('time');
        return [`time.sleep(${seconds})`];
      },
    });
    if (hasThreads) {
      modules.add('threading');
      modules.add('time');
    }
    const functions = [...program.threads.slice(1), 'main'].map((name) =>
      this.threadFunction(name, threads.get(name)!, hasThreads),
    );
    // A bind that failed may have met somebody's file there.
    const unlinks = boundPaths(program)
      .map(pythonBytes)
      .map((path) => `${helpers.use('is_other_file')}(${path}) or attempt(os.unlink, ${path})`);
    const text = helpers.text('\n\n\n');
    for (const module of ['array', 'errno', 'os', 'select', 'stat', 'struct', 'time']) {
      if (text.includes(`${module}.`)) {
        modules.add(module);
      }
    }
    const hasEnd = hasThreads || helpers.has('check_made') || helpers.has('check_file');
    const end = hasEnd ? endFunction(unlinks) : '';
    if (unlinks.length > 0 || end !== '') {
      modules.add('os');
    }
    const sections = [
      headLines(program).map(comment).join('\n'),
      [...modules]
        .sort()
        .map((name) => `import ${name}`)
        .join('\n'),
      this.ownConstants(),
      text,
      end,
      this.variables(),
      ...(hasThreads ? [pythonTurns.trim(), this.turns(), endByFault] : []),
      ...functions,
      [
        "if __name__ == '__main__':",
        '    main()',
        ...(text.includes('kept = []')
          ? [
              '    for each in kept:',
              '        each.detach()  # what is still open is closed with the program',
            ]
          : []),
        ...indent(unlinks),
        '    sys.exit(1 if failures else 0)',
      ].join('\n'),
    ];
    return {
      text: `${sections.filter((section) => section !== '').join('\n\n\n')}\n`,
      omitted: omittedLines(threads),
      lines: [...threads.values()].flat(),
    };
  }

  private ownConstants(): string {
    return [...this.statements.constants]
      .sort()
      .map((name) => `${name} = ${constantValue(name, 'linux')}`)
      .join('\n');
  }

  private variables(): string {
    return [...this.program.variables.keys()]
      .map((name) => `${this.statements.variable(name)} = None`)
      .join('\n');
  }

  private turns(): string {
    const { threads, lines } = this.program;
    const firsts = threads.map((name) => {
      const first = lines.find(({ thread }) => thread === name)?.number;
      return `${pythonString(name)}: ${first ?? 'LAST'}`;
    });
    return ["LAST = float('inf')", `turns = Turns({${firsts.join(', ')}})`].join('\n');
  }

  private threadFunction(name: string, lines: PrintedLine[], hasThreads: boolean): string {
    const others = this.program.threads.slice(1);
    const assigned = [
      ...new Set(
        lines.flatMap(({ line }) =>
          line.steps.flatMap((step) =>
            step.kind === 'call' ? [...assignedBy(step), ...this.statements.descriptors.reusedBy(step)] : [],
          ),
        ),
      ),
    ].map((variable) => this.statements.variable(variable));
    const isMain = name === 'main';
    const start =
      isMain && hasThreads
        ? [
            'sys.excepthook = end_by_fault',
            'threading.excepthook = lambda fault: end_by_fault(*fault[:3])',
            `threads = [threading.Thread(target=each) for each in (${others.map((each) => `${this.functionName(each)},`).join(' ')})]`,
            'for thread in threads:',
            '    thread.start()',
          ]
        : [];
    const join = isMain && hasThreads ? ['', 'for thread in threads:', '    thread.join()'] : [];
    const code = [
      ...(assigned.length > 0 ? [`global ${assigned.join(', ')}`] : []),
      ...start,
      ...this.lineCode(lines, hasThreads),
      ...join,
    ];
    return [
      `def ${this.functionName(name)}():`,
      ...indent(code.length > 0 ? [...code, ''].slice(0, -1) : ['pass']),
      ...(hasCode(code) ? [] : ['    pass']),
    ].join('\n');
  }

  private functionName(thread: string): string {
    return thread === 'main' ? 'main' : threadFunctionName(this.program, thread);
  }

  private lineCode(lines: readonly PrintedLine[], hasThreads: boolean): string[] {
    return turnLines(lines, hasThreads, {
      comment,
      string: pythonString,
      statement: (call) => call,
      never: 'LAST',
    });
  }
}

/** An error of Python's own: without its thread the others would wait for ever. */
const endByFault = `
def end_by_fault(*fault):
    sys.__excepthook__(*fault)
    end()`.trim();

/** The end of a program that cannot go on: it waits for no other thread. */
function endFunction(unlinks: readonly string[]): string {
  return ['def end():', ...indent([...unlinks, 'os._exit(1)'])].join('\n');
}

function comment(text: string): string {
  return `# ${commentText(text)}`.trimEnd();
}

function hasCode(lines: readonly string[]): boolean {
  return lines.some(
    (line) => line !== '' && !line.trimStart().startsWith('#') && !line.startsWith('global '),
  );
}
