import { expect, it } from 'vitest';
import type { LessonAction, LessonLine, LessonState } from '../../src/common/protocol/lesson.js';
import { LessonModel, verdictText } from '../../src/webview/state/lesson.js';

const line = (parts: Partial<LessonLine> = {}): LessonLine => ({
  line: 1,
  thread: null,
  call: 's = socket(AF_INET, SOCK_STREAM, 0)',
  written: 's = socket(AF_INET, SOCK_STREAM, 0)',
  note: '',
  answerNote: '',
  question: null,
  state: 'coming',
  seq: null,
  answer: '',
  typed: null,
  mismatch: null,
  code: [],
  ...parts,
});

const state = (parts: Partial<LessonState> = {}): LessonState => ({
  id: 'lesson',
  title: 'Lesson',
  description: '',
  group: null,
  obstacle: null,
  following: null,
  before: '',
  after: '',
  lines: [line()],
  next: 0,
  phase: 'ready',
  problem: null,
  attempts: [],
  score: { right: 0, asked: 0 },
  since: 0,
  ...parts,
});

function open(first: LessonState) {
  const acted: LessonAction[] = [];
  const said: string[] = [];
  const model = new LessonModel({
    act: (action) => acted.push(action),
    makeRoom: () => {},
    showOwn: () => {},
    show: () => {},
    say: (text) => said.push(text),
  });
  model.apply(first);
  return { model, acted, said };
}

it('shows the calls of another lesson, whatever was chosen for the one before', () => {
  const { model } = open(state());
  model.isHiding.value = true;
  model.apply(state({ next: null }));
  expect(model.isHiding.value).toBe(true);
  model.apply(state({ id: 'other' }));
  expect(model.isHiding.value).toBe(false);
});

const attempt = (text: string, made: 'made' | 'refused') => ({
  text,
  state: made,
  seq: null,
  answer: '',
  message: null,
  differences: [],
});

it('a lesson that was changed may be opened anew', () => {
  const { model } = open(state({ lines: [line({ state: 'made', seq: 1 })], phase: 'done', next: null }));
  const longer = state({ lines: [line(), line(), line()] });
  model.apply(longer);
  expect(model.state.value).toBe(longer);
});

it('what was typed is gone when it is made, also where it stands for the call of the lesson', () => {
  const { model, acted } = open(state());
  model.draft.value = ' listen(s, 5) ';
  model.type();
  expect(acted).toEqual([{ kind: 'type', text: 'listen(s, 5)' }]);
  model.apply(state({ lines: [line({ typed: 'listen(s, 5)', state: 'made' }), line()], next: 1 }));
  expect(model.draft.value).toBe('');
  // The same text again is a new draft, until it is sent.
  model.draft.value = 'listen(s, 5)';
  model.apply(state({ lines: [line({ typed: 'listen(s, 5)', state: 'made' }), line()], next: 1 }));
  expect(model.draft.value).toBe('listen(s, 5)');
  model.type();
  model.apply(state({ attempts: [attempt('listen(s, 5)', 'made')] }));
  expect(model.draft.value).toBe('');
});

it('what was typed is gone when the lesson makes its own call instead, and not what is typed meanwhile', () => {
  const { model, acted } = open(state());
  model.draft.value = 'listen(s';
  model.act({ kind: 'answer', line: 0, given: 1 });
  expect(model.draft.value).toBe('listen(s');
  model.goOn();
  expect(acted.at(-1)).toEqual({ kind: 'step' });
  expect(model.draft.value).toBe('');
  model.draft.value = 'bind(s';
  model.apply(state({ lines: [line({ state: 'made' }), line()], next: 1 }));
  expect(model.draft.value).toBe('bind(s');
});

it('what was typed stays where it is refused', () => {
  const { model } = open(state());
  model.draft.value = 'sned(s)';
  model.type();
  model.apply(state({ attempts: [attempt('sned(s)', 'refused')] }));
  expect(model.draft.value).toBe('sned(s)');
});

it('a call that is hidden is not said either', () => {
  const { model, said } = open(state({ next: null, phase: 'running' }));
  model.isHiding.value = true;
  model.apply(state());
  expect(said).toEqual(['Next: socket(…)']);
  model.isHiding.value = false;
  model.apply(state({ next: null, phase: 'running' }));
  model.apply(state());
  expect(said[1]).toBe('Next: s = socket(AF_INET, SOCK_STREAM, 0)');
});

it('of a free answer nothing is said that is not known', () => {
  const untold = { text: 'Why?', verdict: 'open', right: null } as const;
  expect(verdictText({ ...untold, choices: [], given: 'it waits' })).toBe('You predicted: it waits');
  expect(verdictText({ ...untold, choices: ['1', '2'], given: 0 })).toContain('does not count');
  expect(verdictText({ ...untold, choices: [], given: null })).toBeUndefined();
});
