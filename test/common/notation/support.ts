import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallRecord, Value } from '../../../src/common/call.js';
import { isExpectation } from '../../../src/common/notation/arguments.js';
import type { CallStatement } from '../../../src/common/notation/ast.js';
import { isWrittenByKernel, parameterOf } from '../../../src/common/notation/calls.js';
import { evaluateCall, literalEnvironment, type Scope } from '../../../src/common/notation/evaluate.js';
import { readValue } from '../../../src/common/notation/structures.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The scenario files below a folder of the repository, by path. */
export function scenarioFiles(folder: string): { file: string; text: string }[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sockets'))
    .sort()
    .map((file) => ({ file, text: readFileSync(path.join(root, folder, file), 'utf8') }));
}

/** A scope in which nothing can be asked. */
export function testScope(answers: Partial<Scope> = {}): Scope {
  const refuse = () => Promise.reject(new Error('not in this test'));
  return {
    platform: 'linux',
    lookup: () => undefined,
    descriptor: (written) => written,
    port: (written) => written,
    isSamePort: (written, got) => written === got,
    call: refuse,
    resolve: refuse,
    interfaceIndex: refuse,
    readFile: refuse,
    readPayload: refuse,
    ...answers,
  };
}

/** The call of a line, with what the line says that the kernel wrote filled in. */
export async function filledCall(
  statement: CallStatement,
): Promise<{ name: CallRecord['name']; args: Value[] }> {
  const call = await evaluateCall(statement, testScope());
  const env = literalEnvironment('linux', false);
  statement.args.forEach((node, index) => {
    const { type } = parameterOf(statement.name, index);
    if (isExpectation(node) && (isWrittenByKernel(type) || type === 'ioctlarg')) {
      call.args[index] = readValue(node, env);
    } else if (node?.kind === 'inout' && node.result.kind === 'number' && node.value.kind === 'number') {
      const [value, result] = [Number(node.value.value), Number(node.result.value)];
      call.args[index] = { kind: 'inout', value, result };
    }
  });
  return call;
}
