import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { showInformation } from '../notify.js';

/** Answers by the key of their question, as text in the notation. */
export type Answers = Map<string, string>;

export interface Choice extends vscode.QuickPickItem {
  /** The answer that it stands for; separators have none. */
  answer?: string;
}

/** What is wrong with a text. A warning is shown, and the text may be used all the same. */
export interface Complaint {
  message: string;
  isWarning?: boolean;
}

interface QuestionBase {
  key: string;
  prompt: string;
  /** It asks more about the answer to another question: both are one step to who counts them. */
  isDetail?: boolean;
  /** A further button beside the back button. */
  button?: { icon: string; tooltip: string; press(answers: Answers): void };
}

/** A text to type. */
export interface TextQuestion extends QuestionBase {
  kind: 'text';
  initial: string;
  placeholder?: string;
  validate(text: string): Complaint | undefined;
}

/** Something to choose. */
export interface ChoiceQuestion extends QuestionBase {
  kind: 'choice';
  choices: Choice[];
  /** The choice that is marked at first. */
  initial?: string;
}

/** Any number of things to choose; the answer joins them with `|`, `0` is none. */
interface FlagsQuestion extends QuestionBase {
  kind: 'flags';
  choices: Choice[];
}

export type Question = TextQuestion | ChoiceQuestion | FlagsQuestion;

type Reply = { kind: 'answer'; text: string } | { kind: 'again' } | { kind: 'back' } | { kind: 'cancel' };

export interface Flow {
  /** For the answers so far. */
  title: (answers: Answers) => string;
  /** The questions for the answers so far; asked again after each answer. */
  questions(answers: Answers): Question[];
  /** Under what name a typed text is kept when the user leaves, for the next time; nothing is kept without it. */
  draftName?: (key: string, answers: Answers) => string;
}

/** What was typed in flows that the user left. */
const drafts = new Map<string, string>();

/** The quick input that is open now: for tests. */
export let openInput: vscode.QuickPick<Choice> | vscode.InputBox | undefined;

/**
 * Asks one question after the other, with a way back; what was typed stays. Questions that `answers`
 * answer already are left out.
 * @param complaint Shown at its question, which is asked again in spite of its answer.
 * @returns Whether everything was answered; false when the user left.
 */
export async function runFlow(
  flow: Flow,
  answers: Answers,
  complaint?: { key: string; message: string },
): Promise<boolean> {
  const asked: string[] = [];
  const typed = new Map(answers);
  let shown = complaint;
  if (shown) {
    answers.delete(shown.key);
  }
  for (;;) {
    const questions = flow.questions(answers);
    const next = questions.find((question) => !isAnswered(question, answers));
    if (!next) {
      return true;
    }
    const draftName = flow.draftName?.(next.key, answers);
    const steps = questions.filter(
      ({ key, isDetail }) => !isDetail && (asked.includes(key) || !answers.has(key)),
    );
    const before = questions.slice(0, questions.indexOf(next) + 1);
    const reply = await ask(next, {
      title: flow.title(answers),
      step: Math.max(1, steps.filter((question) => before.includes(question)).length),
      totalSteps: steps.length,
      canGoBack: asked.length > 0,
      previous: typed.get(next.key) ?? (draftName === undefined ? undefined : drafts.get(draftName)),
      complaint: shown?.key === next.key ? shown.message : undefined,
      answers,
      keep: (text) => {
        typed.set(next.key, text);
        if (draftName !== undefined) {
          drafts.set(draftName, text);
        }
      },
    });
    shown = undefined;
    switch (reply.kind) {
      case 'answer':
        answers.set(next.key, reply.text);
        typed.set(next.key, reply.text);
        if (draftName !== undefined) {
          drafts.delete(draftName);
        }
        asked.push(next.key);
        break;
      case 'back':
        answers.delete(asked.pop() ?? next.key);
        break;
      case 'again':
        break;
      case 'cancel':
        return false;
    }
  }
}

/** An answer that came with the command is held to the same rules as a typed one. */
function isAnswered(question: Question, answers: Answers): boolean {
  const answer = answers.get(question.key);
  if (answer === undefined) {
    return false;
  }
  if (question.kind !== 'text') {
    return true;
  }
  const complaint = question.validate(answer);
  return complaint === undefined || complaint.isWarning === true;
}

interface AskOptions {
  title: string;
  step: number;
  totalSteps: number;
  canGoBack: boolean;
  previous: string | undefined;
  complaint: string | undefined;
  answers: Answers;
  keep(text: string): void;
}

function ask(question: Question, options: AskOptions): Promise<Reply> {
  return question.kind === 'text' ? askText(question, options) : askChoice(question, options);
}

function askText(question: TextQuestion, options: AskOptions): Promise<Reply> {
  const input = vscode.window.createInputBox();
  input.prompt = question.prompt;
  input.placeholder = question.placeholder ?? '';
  input.value = options.previous ?? options.answers.get(question.key) ?? question.initial;
  const show = (complaint: Complaint | undefined) => {
    input.validationMessage = complaint && {
      message: complaint.message,
      severity: complaint.isWarning
        ? vscode.InputBoxValidationSeverity.Warning
        : vscode.InputBoxValidationSeverity.Error,
    };
  };
  // Of an empty field nobody has said anything yet: the prompt says what to type.
  const initial = input.value === '' ? undefined : question.validate(input.value);
  show(options.complaint === undefined ? initial : { message: options.complaint });
  return converse(input, question, options, (reply) => [
    input.onDidChangeValue((text) => {
      options.keep(text);
      show(question.validate(text));
    }),
    input.onDidAccept(() => {
      const text = input.value;
      const complaint = question.validate(text);
      show(complaint);
      if (!complaint || complaint.isWarning) {
        reply({ kind: 'answer', text });
      }
    }),
  ]);
}

function askChoice(question: ChoiceQuestion | FlagsQuestion, options: AskOptions): Promise<Reply> {
  const pick = vscode.window.createQuickPick<Choice>();
  pick.placeholder = options.complaint ?? question.prompt;
  pick.items = question.choices;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const isMany = question.kind === 'flags';
  pick.canSelectMany = isMany;
  if (isMany) {
    const flags = new Set((options.previous ?? '').split('|'));
    pick.selectedItems = question.choices.filter(({ answer }) => answer !== undefined && flags.has(answer));
  } else {
    const initial = options.previous ?? question.initial;
    const marked = question.choices.filter(({ answer }) => answer !== undefined && answer === initial);
    // No marked item at all would leave Enter without effect.
    if (marked.length > 0) {
      pick.activeItems = marked;
    }
  }
  return converse(pick, question, options, (reply) => [
    pick.onDidAccept(() => {
      if (isMany) {
        const flags = pick.selectedItems.map(({ answer }) => answer);
        reply({ kind: 'answer', text: flags.join('|') || '0' });
        return;
      }
      const [chosen] = pick.selectedItems;
      if (chosen?.answer !== undefined) {
        reply({ kind: 'answer', text: chosen.answer });
      }
    }),
  ]);
}

/** Shows the input until it has a reply; Escape and the back button are the same for all. */
function converse(
  input: vscode.QuickPick<Choice> | vscode.InputBox,
  { button }: Question,
  { title, step, totalSteps, canGoBack, answers }: AskOptions,
  listen: (reply: (reply: Reply) => void) => vscode.Disposable[],
): Promise<Reply> {
  return new Promise((resolve) => {
    const subscriptions: vscode.Disposable[] = [];
    const reply = (value: Reply) => {
      resolve(value);
      for (const subscription of subscriptions) {
        subscription.dispose();
      }
      if (openInput === input) {
        openInput = undefined;
      }
      input.dispose();
    };
    const extra = button && { iconPath: new vscode.ThemeIcon(button.icon), tooltip: button.tooltip };
    input.title = title;
    // One step needs no counting.
    if (totalSteps > 1) {
      input.step = step;
      input.totalSteps = totalSteps;
    }
    input.ignoreFocusOut = true;
    input.buttons = [...(canGoBack ? [vscode.QuickInputButtons.Back] : []), ...(extra ? [extra] : [])];
    subscriptions.push(
      ...listen(reply),
      input.onDidTriggerButton((pressed) => {
        if (pressed === vscode.QuickInputButtons.Back) {
          reply({ kind: 'back' });
        } else {
          button?.press(answers);
          reply({ kind: 'again' });
        }
      }),
      input.onDidHide(() => reply({ kind: 'cancel' })),
    );
    openInput = input;
    input.show();
  });
}

/** A line between choices. */
export function separator(label: string): Choice {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** One choice out of a list; undefined when the user left. */
export async function choose(title: string, prompt: string, choices: Choice[]): Promise<string | undefined> {
  const answers: Answers = new Map();
  const isDone = await runFlow(
    { title: () => title, questions: () => [{ kind: 'choice', key: 'choice', prompt, choices }] },
    answers,
  );
  return isDone ? answers.get('choice') : undefined;
}

/** Says that a flow cannot apply, with what to do instead. */
export function sayNothingToDo(message: string, action?: { title: string; command: string }): void {
  const titles = action ? [action.title] : [];
  void showInformation(message, ...titles).then((chosen) => {
    if (action && chosen === action.title) {
      void vscode.commands.executeCommand(action.command);
    }
  });
}

/** `Column 12: …`, as a place in what was typed. */
export function atColumn(column: number, message: string): string {
  return t('Column {0}: {1}', column, message);
}
