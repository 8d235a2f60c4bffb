import type { Call, Value } from '../call.js';
import { parseIPv4 } from '../ipAddress.js';
import { t } from '../l10n.js';
import type { Platform } from '../tables/constants.js';
import { findOption } from '../tables/options.js';
import type { ParameterType } from '../tables/signatures.js';
import { readArgument, readArguments } from './arguments.js';
import type { Diagnostic, Expression, Range } from './ast.js';
import { parameterOf } from './calls.js';
import { literalEnvironment } from './evaluate.js';
import { ExpressionParser } from './expressionParser.js';
import type { Report } from './literal.js';
import { parseScenario } from './scenarioParser.js';
import { scanLine } from './scanner.js';
import { ParseProblem } from './tokenReader.js';
import { type Environment, EvaluationError, NotYetKnown, readInteger } from './values.js';
import { addressFamilies, isOneOf } from './vocabulary.js';

/** A call that stands for itself, as the composer and the palette take it. */
export type CallReading =
  | { call: Call; hostName?: { host: string; port: number } }
  | { diagnostics: Diagnostic[] };

/**
 * Reads one call without names and nested calls: `send(5, "hi", 2, 0)`. A host name in its address stays to be
 * resolved.
 */
export function parseCall(text: string, platform: Platform): CallReading {
  const scenario = parseScenario(text, platform);
  const [statement, second] = scenario.statements;
  const diagnostics = [...scenario.diagnostics, ...scenario.notes];
  const fail = (message: string, range: Range): CallReading => ({
    diagnostics: [...diagnostics, { message, range, line: 1, column: range.start + 1 }],
  });
  if (diagnostics.length > 0) {
    return { diagnostics };
  }
  if (statement?.kind !== 'call' || second) {
    return fail(t('Exactly one call is expected.'), { start: 0, end: text.length });
  }
  let hostName: { host: string; port: number } | undefined;
  const env = literalEnvironment(platform, false);
  const args = statement.args.map((node, index) => {
    if (node?.kind === 'address' && node.form.family === 'host') {
      hostName = hostNameOf(node.form, env);
      return hostName && parameterOf(statement.name, index).type === 'sockaddr' ? placeholder(node) : node;
    }
    return node;
  });
  try {
    const call = { name: statement.name, args: readArguments(statement.name, args, env) };
    return hostName ? { call, hostName } : { call };
  } catch (error) {
    return error instanceof EvaluationError
      ? fail(error.message, error.range)
      : fail(t('Names and files have no value here.'), statement.range);
  }
}

/** Stands in a call for an address that is not resolved yet. */
function placeholder(node: Expression): Expression {
  const port: Expression = { kind: 'number', value: 0, isHex: false, range: node.range };
  return { kind: 'address', form: { family: 'AF_INET', address: '0.0.0.0', port }, range: node.range };
}

function hostNameOf(
  form: { host: string; port: Expression },
  env: Environment,
): { host: string; port: number } {
  return { host: form.host, port: readInteger(form.port, env, 0, 65535) };
}

/** A value that was typed, or what is wrong with it and where. */
export type ValueReading = { value: Value; hostName?: { host: string; port: number } } | Diagnostic;

/** What the value belongs to. */
export interface ValueContext {
  platform: Platform;
  /** The level and name of the option whose value it is. */
  level?: number;
  optname?: number;
}

/** How the value of an option that is one or two IPv4 addresses can be typed: `239.1.1.1 127.0.0.1`, as tools do. */
export function shortOptionValue({ level, optname, platform }: ValueContext): string | undefined {
  const option =
    level === undefined || optname === undefined ? undefined : findOption(level, optname, platform);
  switch (option?.layout) {
    case 'membership':
      return '239.1.1.1 127.0.0.1';
    case 'multicastIf':
      return '127.0.0.1';
    default:
      return undefined;
  }
}

/** The same in the notation; without an interface the kernel chooses it. */
function withStructure(text: string, context: ValueContext): string {
  const most = shortOptionValue(context)?.split(' ').length ?? 0;
  const hosts = text.trim().split(/[\s,]+/);
  if (hosts.length > most || !hosts.every((host) => parseIPv4(host) !== undefined)) {
    return text;
  }
  const [first, second = '0.0.0.0'] = hosts;
  return most === 1
    ? `{s_addr=inet_addr("${first}")}`
    : `{imr_multiaddr=inet_addr("${first}"), imr_interface=inet_addr("${second}")}`;
}

/**
 * Reads one value as a form's field takes it. Beyond the notation, a host name needs no quotes: `localhost:80`, and an
 * option that is made of IPv4 addresses takes these alone: `239.1.1.1`.
 * With a host name the value is 0.0.0.0 with the port until the name is resolved.
 */
export function parseValueText(typed: string, type: ParameterType, context: ValueContext): ValueReading {
  const text = type === 'optval' ? withStructure(typed, context) : typed;
  const problems: Diagnostic[] = [];
  const report: Report = (message, range) => {
    problems.push({ message, range, line: 1, column: range.start + 1 });
  };
  const env = literalEnvironment(context.platform, false);
  const fail = (message: string): Diagnostic => ({
    message,
    range: { start: 0, end: text.length },
    line: 1,
    column: 1,
  });
  if (type === 'sockaddr' && /^\s*[A-Za-z][A-Za-z0-9.-]*\s*$/.test(text) && text.trim() !== 'NULL') {
    return fail(t('The port is missing: {0}:PORT', text.trim()));
  }
  const bareHost = type === 'sockaddr' ? /^\s*([A-Za-z][A-Za-z0-9.-]*):\S*\s*$/.exec(text) : null;
  const isFamily = bareHost !== null && isOneOf(addressFamilies, bareHost[1]!);
  const offset = bareHost && !isFamily ? text.indexOf(bareHost[1]!) : -1;
  // The quotes that a host name has in a file are put around it; places behind it move back by two.
  const source =
    bareHost && offset >= 0
      ? `${text.slice(0, offset)}"${bareHost[1]!}"${text.slice(offset + bareHost[1]!.length)}`
      : text;
  const moveBack = ({ message, range }: { message: string; range: Range }): Diagnostic => {
    const move = (at: number) =>
      offset < 0 || at <= offset ? at : Math.max(offset, at - (at > offset + bareHost![1]!.length ? 2 : 1));
    const start = Math.min(move(range.start), text.length);
    return {
      message,
      range: { start, end: Math.max(start, Math.min(move(range.end), text.length)) },
      line: 1,
      column: start + 1,
    };
  };
  try {
    const newline = source.search(/[\n\r]/);
    if (newline >= 0) {
      report(t('One line is expected.'), { start: newline, end: newline + 1 });
    }
    const { tokens } = scanLine(source, 0, source.length, report);
    const parser = new ValueParser(tokens, source.length, source, report, []);
    const node = parser.whole();
    if (problems.length === 0) {
      if (node.kind === 'address' && node.form.family === 'host' && type === 'sockaddr') {
        const hostName = hostNameOf(node.form, env);
        return { value: { family: 'AF_INET', address: '0.0.0.0', port: hostName.port }, hostName };
      }
      const isRequest = type === 'ioctlarg' || type === 'fcntlarg';
      const before = isRequest && context.optname !== undefined ? [context.optname] : [];
      return { value: readArgument(node, { name: '', type }, before, env) };
    }
  } catch (error) {
    if (error instanceof ParseProblem || error instanceof EvaluationError) {
      report(error.message, error.range);
    } else if (error instanceof NotYetKnown) {
      return fail(t('Names and files have no value here.'));
    } else {
      throw error;
    }
  }
  problems.sort((a, b) => a.range.start - b.range.start);
  return moveBack(problems[0]!);
}

/** Reads one expression, in which names stand for what a run has given them: `getsockname(server).port`. */
export function parseExpression(text: string): Expression | Diagnostic {
  const problems: Diagnostic[] = [];
  const report: Report = (message, range) => {
    problems.push({ message, range, line: 1, column: range.start + 1 });
  };
  const { tokens } = scanLine(text, 0, text.length, report);
  try {
    const node = new ValueParser(tokens, text.length, text, report, []).whole();
    return problems[0] ?? node;
  } catch (error) {
    if (!(error instanceof ParseProblem)) {
      throw error;
    }
    report(error.message, error.range);
    return problems[0]!;
  }
}

class ValueParser extends ExpressionParser {
  whole(): Expression {
    const node = this.expression();
    if (!this.isAtEnd) {
      this.unexpected(t('Nothing more is expected here.'));
    }
    return node;
  }
}
