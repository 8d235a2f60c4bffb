import { expect, it, vi } from 'vitest';
import type { Question } from '../../src/extension/commands/flow.js';

/** A quick input that is driven by hand. */
class Input {
  value = '';
  title = '';
  step: number | undefined;
  totalSteps: number | undefined;
  validationMessage: { message: string } | undefined;
  items: { answer?: string }[] = [];
  selectedItems: { answer?: string }[] = [];
  private accept = () => {};
  readonly onDidAccept = (listener: () => void) => {
    this.accept = listener;
    return { dispose() {} };
  };
  readonly onDidChangeValue = () => ({ dispose() {} });
  readonly onDidTriggerButton = this.onDidChangeValue;
  readonly onDidHide = this.onDidChangeValue;
  show() {
    shown.push(this);
  }
  dispose() {}
  async give(answer: string) {
    this.value = answer;
    this.selectedItems = this.items.filter((item) => item.answer === answer);
    this.accept();
    await Promise.resolve();
    await Promise.resolve();
  }
  get count() {
    return [this.step, this.totalSteps];
  }
}
const shown: Input[] = [];
const open = () => shown.at(-1)!;

vi.mock('vscode', () => ({
  window: { createInputBox: () => new Input(), createQuickPick: () => new Input() },
  InputBoxValidationSeverity: { Warning: 2, Error: 3 },
  QuickInputButtons: { Back: {} },
}));

const { runFlow } = await import('../../src/extension/commands/flow.js');

const validate = (text: string) => (text === '' ? { message: 'nothing' } : undefined);
const text = (key: string, isDetail = false): Question => ({
  kind: 'text',
  key,
  prompt: key,
  initial: '',
  isDetail,
  validate,
});

it('counts what is asked about an answer with it, and finds nothing wrong with a field before somebody was there', async () => {
  const choices = ['typed', 'known'].map((answer) => ({ label: answer, answer }));
  const done = runFlow(
    {
      title: () => 'title',
      questions: (answers) => [
        { kind: 'choice', key: 'target', prompt: 'target', choices },
        ...(answers.get('target') === 'typed' ? [text('address', true), text('protocol', true)] : []),
        text('listen'),
      ],
    },
    new Map(),
  );
  expect(open().count).toEqual([1, 2]);
  await open().give('typed');
  expect([open().count, open().validationMessage]).toEqual([[1, 2], undefined]);
  await open().give('');
  expect(open().validationMessage?.message).toBe('nothing');
  await open().give('a');
  expect(open().count).toEqual([1, 2]);
  await open().give('b');
  expect(open().count).toEqual([2, 2]);
  await open().give('c');
  expect(await done).toBe(true);
});
