import path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { parseScenario } from '../../common/notation/parser.js';
import { type CodeLanguage, codeLanguages, exportCode } from '../../playground/export/exportCode.js';
import { recordedScenario, TooManyRecords } from '../../playground/export/recordedSource.js';
import { readScenarioFile } from '../../playground/scenarioFile.js';
import { openBeside } from '../openBeside.js';
import { showError, showInformation } from '../notify.js';
import { chooseScope } from '../panel/exportRecords.js';
import { readText } from '../scenarios/scenarioText.js';
import { choose } from './flow.js';
import { exportChoices, modelOf, type RecordsContext } from './recordsInFront.js';

/** What a key binding or another extension may say. */
const chosenLanguage = v.object({ language: v.picklist(codeLanguages.map(({ id }) => id)) });

const chosenExpectations = v.object({ expectations: v.boolean() });

/** A scenario, and the folder that the files in it are relative to. */
interface Source {
  text: string;
  folder: string;
}

/** The commands that take calls away: as a scenario, and as a program in another language. */
export class CodeCommands implements Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly context: RecordsContext) {
    this.register('makeScenario', (argument) => this.makeScenario(argument));
    this.register('exportCode', (argument) => this.exportCode(argument));
  }

  dispose(): void {
    this.store.dispose();
  }

  private register(name: string, run: (argument: unknown) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  /** Opens an unsaved scenario that makes the recorded calls again, and expects their answers where that is wished. */
  private async makeScenario(argument: unknown): Promise<void> {
    const title = t('Make Scenario from Records');
    const content = await this.recorded(argument, title, () => expectationsOf(argument, title));
    if (content !== undefined) {
      await openBeside('sockets', content);
    }
  }

  /** Opens an unsaved program that makes the calls of the scenario in the editor, else the recorded ones. */
  private async exportCode(argument: unknown): Promise<void> {
    const source = await this.sourceOf(argument);
    if (!source || !isWhole(source.text)) {
      return;
    }
    const language = await languageOf(argument);
    if (!language) {
      return;
    }
    try {
      const { text } = await exportCode(parseScenario(source.text), language, (file) =>
        readScenarioFile(path.resolve(source.folder, file)),
      );
      await openBeside(language.editorId, text);
    } catch (error) {
      void showError((error as Error).message);
    }
  }

  private async sourceOf(argument: unknown): Promise<Source | undefined> {
    const document = vscode.window.activeTextEditor?.document;
    const uri =
      argument instanceof vscode.Uri
        ? argument
        : document?.languageId === 'sockets'
          ? document.uri
          : undefined;
    const text = uri ? await readText(uri) : await this.recorded(argument, t('Export Code'), () => true);
    return text === undefined ? undefined : { text, folder: uri ? path.dirname(uri.fsPath) : '.' };
  }

  /** The chosen records as a scenario; undefined where there is none, which is told, or the user has left. */
  private async recorded(
    argument: unknown,
    title: string,
    expectations: () => boolean | undefined | Promise<boolean | undefined>,
  ): Promise<string | undefined> {
    const model = modelOf(argument, this.context);
    if (model.lastSeq < model.firstSeq) {
      void showInformation(t('There are no records to export.'));
      return undefined;
    }
    const scope = await chooseScope(title, exportChoices(argument, this.context));
    const hasExpectations = scope && (await expectations());
    if (!scope || hasExpectations === undefined) {
      return undefined;
    }
    try {
      return await recordedScenario(model, scope, { title: t('Recorded calls'), hasExpectations });
    } catch (error) {
      if (!(error instanceof TooManyRecords)) {
        throw error;
      }
      void showError(error.message);
      return undefined;
    }
  }
}

/** Whether a scenario can become a program; tells what is wrong with it. */
function isWhole(text: string): boolean {
  const { diagnostics, blanks, statements } = parseScenario(text);
  const [first] = diagnostics;
  if (first) {
    void showError(t('Line {0}: {1}', first.line, first.message));
  } else if (blanks.length > 0) {
    void showError(t('This blank is still open.'));
  } else if (statements.length === 0) {
    void showError(t('There is no call in it.'));
  }
  return diagnostics.length + blanks.length === 0 && statements.length > 0;
}

/** Whether the scenario expects what was answered; undefined when the user has left. */
async function expectationsOf(argument: unknown, title: string): Promise<boolean | undefined> {
  if (v.is(chosenExpectations, argument)) {
    return argument.expectations;
  }
  const answer = await choose(title, t('Is a run to check what the calls answer?'), [
    {
      label: t('With Expectations'),
      detail: t('Each line expects the result and the data of its record: a run fails where they differ.'),
      answer: 'with',
    },
    {
      label: t('Without Expectations'),
      detail: t('The calls alone: a run makes them, whatever they answer.'),
      answer: 'without',
    },
  ]);
  return answer === undefined ? undefined : answer === 'with';
}

async function languageOf(argument: unknown): Promise<CodeLanguage | undefined> {
  const id = v.is(chosenLanguage, argument)
    ? argument.language
    : await choose(
        t('Export Code'),
        t('Which language?'),
        codeLanguages.map(({ id: answer, label }) => ({ label, answer })),
      );
  return codeLanguages.find((language) => language.id === id);
}
