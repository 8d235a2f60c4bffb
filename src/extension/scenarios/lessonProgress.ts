import type { Memento } from 'vscode';
import { Emitter } from '../../common/event.js';
import type { LessonScore } from '../../common/protocol/lesson.js';

const stateKey = 'lessonProgress';
/** Lessons that are remembered, at most: workspaces come and go. */
const mostLessons = 1000;

/** Which lessons the user has gone through, and what the predictions were worth. It outlives the window. */
export class LessonProgress {
  private readonly changeEmitter = new Emitter<void>();

  readonly onDidChange = this.changeEmitter.event;

  constructor(private readonly state: Memento) {}

  /** Undefined for a lesson that was never gone through to its end. */
  of(key: string): LessonScore | undefined {
    return this.all[key];
  }

  async keep(key: string, score: LessonScore): Promise<void> {
    const { [key]: _before, ...others } = this.all;
    const kept = Object.entries({ ...others, [key]: score }).slice(-mostLessons);
    await this.state.update(stateKey, Object.fromEntries(kept));
    this.changeEmitter.fire();
  }

  async forget(): Promise<void> {
    await this.state.update(stateKey, undefined);
    this.changeEmitter.fire();
  }

  private get all(): Record<string, LessonScore> {
    return this.state.get<Record<string, LessonScore>>(stateKey, {});
  }
}
