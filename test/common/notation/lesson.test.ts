import { expect, it } from 'vitest';
import { parseLesson } from '../../../src/common/notation/lesson.js';
import { parseScenario } from '../../../src/common/notation/parser.js';

const read = (text: string) => {
  const scenario = parseScenario(text);
  return { scenario, lesson: parseLesson(scenario) };
};
const problems = (text: string) => read(text).lesson.problems.map(({ line, message }) => ({ line, message }));

it('reads what stands before and after, with the lines below', () => {
  const { lesson, scenario } = read(`# Title
# What it shows.
# before: One
#   two.
#
# A comment of its own.
# needs: linux
s = socket(AF_INET, SOCK_STREAM, 0)
# after: Three
# four.

# Not part of it.
`);
  expect(lesson).toMatchObject({
    title: 'Title',
    description: 'What it shows.',
    before: 'One two.',
    after: 'Three four.',
    problems: [],
  });
  expect(scenario.needs).toEqual(['linux']);
});

it('reads questions with their choices and the call that answers them', () => {
  const { lesson } = read(`s = socket(AF_INET, SOCK_STREAM, 0)
sleep(0.1)
# predict: What does
#   it return?
# [ ] 1
# [x] 0
# The answer's reason is no choice.
sleep(0.1)
close(s) = 0  # key: the reason
# predict: And now?
close(s) = -1 EBADF  # keyless
`);
  expect(lesson.questions).toEqual([
    {
      text: 'What does it return?',
      choices: [
        { text: '1', isRight: false },
        { text: '0', isRight: true },
      ],
      line: 3,
      statement: 3,
    },
    { text: 'And now?', choices: [], line: 10, statement: 4 },
  ]);
  expect(lesson.keys).toEqual([{ line: 9, statement: 3, text: 'the reason' }]);
});

it('reads checks', () => {
  const { lesson } = read('# check: getpeername(a) = 0  # it is connected\n# check: close(b) = 0\n');
  expect(lesson.checks).toEqual([
    { call: 'getpeername(a) = 0  # it is connected', line: 1 },
    { call: 'close(b) = 0', line: 2 },
  ]);
});

it('tells which comments mean nothing where they stand', () => {
  expect(problems('# before: a\n# before: b\n')).toEqual([{ line: 2, message: 'before: stands twice.' }]);
  expect(problems('# after:\n')).toEqual([{ line: 1, message: 'A text is missing behind after:.' }]);
  expect(problems('close(400)\n# predict: What?\nsleep(1)\n')).toEqual([
    { line: 2, message: 'No call follows that answers this question.' },
  ]);
  const twice = '# predict: What?\n# [x] a\n# [x] b\nclose(400)\n';
  expect(problems(twice)).toEqual([{ line: 1, message: 'One choice is to be marked with [x].' }]);
  expect(problems(twice.replaceAll('[x]', '[ ]'))).toHaveLength(1);
  expect(problems('close()  # key\n')).toEqual([{ line: 1, message: 'No call stands here.' }]);
});

it('leaves comments alone that only look like it', () => {
  expect(read('# beforehand: x\nclose(400) = -1 EBADF  # keyboard\n# [x] nothing\n').lesson).toMatchObject({
    title: 'beforehand: x',
    questions: [],
    keys: [],
    problems: [],
  });
  expect(read('close(400) # "# key"').lesson.keys).toEqual([]);
});

it('reads what is said above a call, apart from what may hold the answer to its question', () => {
  const { lesson } = read(`# Title
# What it shows.

# Get one.
# It is new.
s = socket(AF_INET, SOCK_STREAM, 0)
# A pause.
sleep(0.1)
# Before the question.
# predict: And now?
# [x] 0
# [ ] 1
# Because it is open.
close(s) = 0  # at once
`);
  expect(lesson.notes).toEqual([
    { text: 'Get one. It is new.', statement: 0, isAnswer: false },
    { text: 'A pause.', statement: 1, isAnswer: false },
    { text: 'Before the question.', statement: 2, isAnswer: false },
    { text: 'Because it is open.', statement: 2, isAnswer: true },
  ]);
  expect(lesson.atOnce).toEqual([2]);
});
