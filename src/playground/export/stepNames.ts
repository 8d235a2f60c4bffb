import type { AddressOperand, CallStep, NumberOperand, Step } from './program.js';
import { variablesIn } from './nodes.js';

/** The variables that a step gives a value. */
export function givenBy(step: Step): readonly string[] {
  if (step.kind !== 'call') {
    return step.kind === 'unsupported' ? step.targets : [];
  }
  const received = step.args.flatMap((arg) =>
    arg.kind === 'message' && step.name === 'recvmsg' ? arg.descriptors.flatMap(namesOf) : [],
  );
  const { value } = step.expected;
  return [...step.targets, ...received, ...(value?.kind === 'descriptor' ? namesOf(value.value) : [])];
}

/** A call that goes on by itself counts as well. */
export function maySucceed({ expected }: CallStep): boolean {
  return (
    expected.results.length === 0 ||
    expected.results.some((each) => each.kind !== 'error' || each.errno === 'EINPROGRESS')
  );
}

/** The variables that a call is made of. */
export function usedBy({ args, expected, asked }: CallStep): string[] {
  const found = args.flatMap((arg): string[] => {
    switch (arg.kind) {
      case 'number':
        return namesOf(arg);
      case 'address':
        return namesInAddress(arg);
      case 'pollfds':
        return arg.items.flatMap(({ fd, events }) => [...namesOf(fd), ...namesOf(events)]);
      case 'message':
        return [
          ...(arg.name ? namesInAddress(arg.name) : []),
          ...arg.descriptors.flatMap(namesOf),
          ...arg.control.flatMap(({ data }) =>
            data.kind === 'descriptors'
              ? data.items.flatMap(namesOf)
              : data.kind === 'int'
                ? namesOf(data.value)
                : [],
          ),
        ];
      case 'int':
        return namesOf(arg.value);
      default:
        return [];
    }
  });
  const results = expected.results.flatMap((each) => (each.kind === 'number' ? namesOf(each.value) : []));
  return [...found, ...results, ...asked.flatMap(usedBy)];
}

function namesInAddress(operand: AddressOperand): string[] {
  return operand.form === 'variable' ? [operand.name] : operand.form === 'known' ? [] : namesOf(operand.port);
}

/** The variables that a number is computed from. */
export function namesOf({ node }: NumberOperand): string[] {
  return [...variablesIn(node)];
}
