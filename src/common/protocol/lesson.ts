/** What a lesson is among the others. */
export interface LessonPlace {
  /** Of the scenario. */
  id: string;
  title: string;
  description: string;
  /** Its group in a course. */
  group: string | null;
  /** Why it does not run on this machine, or by this user. */
  obstacle: string | null;
  /** The lesson behind this one. */
  following: { id: string; title: string } | null;
}

/** A lesson that is gone through call by call, as the panel shows it. */
export interface LessonState extends LessonPlace {
  /** To read before the first call. */
  before: string;
  /** To read after the last one. */
  after: string;
  lines: readonly LessonLine[];
  /** The call that is made next, as an index into the lines; null while a call is on its way, and at the end. */
  next: number | null;
  phase: LessonPhase;
  /** Why it has ended before its end. */
  problem: string | null;
  /** What was typed for the next call, the latest last. */
  attempts: readonly LessonAttempt[];
  score: LessonScore;
  /** The number of the last record before its own. */
  since: number;
}

export type LessonPhase =
  /** The next call can be made. */
  | 'ready'
  /** A call is being made. */
  | 'running'
  /** Every thread waits. */
  | 'waiting'
  /** All calls are made. */
  | 'done'
  /** It has ended before its end. */
  | 'stopped';

/** Predictions that came true, of all that the learner was asked for. */
export interface LessonScore {
  right: number;
  asked: number;
}

/** One call of a lesson, with what is said and asked of it. */
export interface LessonLine {
  /** In the file, counted from 1. */
  line: number;
  /** Null where the lesson has one thread only. */
  thread: string | null;
  /** The call without what is answered. */
  call: string;
  /** The same with what the lesson says of it. */
  written: string;
  note: string;
  /** Told when the call has its answer. */
  answerNote: string;
  question: LessonQuestion | null;
  state: 'coming' | 'running' | 'waiting' | 'made' | 'passed' | 'cancelled';
  /** Of its record. */
  seq: number | null;
  /** What the kernel said: `= 14`; empty until then. */
  answer: string;
  /** What the learner typed that stands for it; null where the lesson's own call was made. */
  typed: string | null;
  /** Where it is not what the lesson says. */
  mismatch: { expected: string; got: string } | null;
  code: LessonCode[];
}

/** A call of a lesson in another language. */
export interface LessonCode {
  language: 'c' | 'python' | 'node';
  /** Empty where the language has nothing for it; the remark says why. */
  text: string;
  remark: string;
}

export interface LessonQuestion {
  text: string;
  /** Empty where the answer is free. */
  choices: string[];
  /** The index of a choice, or a free answer. */
  given: number | string | null;
  /** Null until the kernel has answered; `open` where its answer does not tell. */
  verdict: 'right' | 'wrong' | 'open' | null;
  /** The right choice, once the kernel has answered as the lesson says. */
  right: number | null;
}

/** A call that the learner typed: it is made, whatever it is. */
export interface LessonAttempt {
  text: string;
  state: 'running' | 'waiting' | 'made' | 'cancelled' | 'refused';
  seq: number | null;
  answer: string;
  /** Why it was not made, or what it says of itself did not come true. */
  message: string | null;
  /** What makes it another call than the lesson's, or may have made another answer of it. */
  differences: LessonDifference[];
}

/** One thing that is not as in the lesson's call, as each of the two has it. */
export interface LessonDifference {
  /** Null for the name of the call. */
  parameter: string | null;
  lesson: string;
  own: string;
}

/** What a learner does in an open lesson. */
export type LessonAction =
  | { kind: 'step' }
  | { kind: 'runToEnd' }
  | { kind: 'restart' }
  /** Goes on without the next call. */
  | { kind: 'pass' }
  | { kind: 'answer'; line: number; given: number | string }
  | { kind: 'type'; text: string }
  | { kind: 'next' }
  | { kind: 'openFile' }
  /** Closes its sockets too. */
  | { kind: 'close' }
  /** Closes the lesson and leaves its sockets open. */
  | { kind: 'leave' };
