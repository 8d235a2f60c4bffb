import type { CallRecord } from '../common/call.js';
import type { Question } from '../common/notation/lesson.js';
import type { LessonQuestion } from '../common/protocol/lesson.js';

/**
 * What the kernel's answer says of a prediction. Where it is not the one that the lesson knows of, its choices say nothing of it.
 * @param record Undefined where another call stood for the lesson's.
 */
export function judge(
  { choices }: Question,
  given: LessonQuestion['given'],
  isOtherwise: boolean,
  record?: Pick<CallRecord, 'result' | 'errno'>,
): Pick<LessonQuestion, 'verdict' | 'right'> {
  if (isOtherwise) {
    return { verdict: 'open', right: null };
  }
  if (choices.length === 0) {
    const isRight =
      typeof given === 'string' && record !== undefined && answersOf(record).includes(plain(given));
    return { verdict: isRight ? 'right' : 'open', right: null };
  }
  const right = choices.findIndex(({ isRight }) => isRight);
  const verdict = given === null ? 'open' : given === right ? 'right' : 'wrong';
  return { verdict, right };
}

/** The ways to say a result: `-1 EAGAIN`, `EAGAIN`, `14`. */
function answersOf({ result, errno }: Pick<CallRecord, 'result' | 'errno'>): string[] {
  return errno === null ? [String(result)] : [`-1 ${errno}`, String(errno), '-1'];
}

function plain(given: string): string {
  return given.trim().replace(/^=\s*/, '').replace(/\s+/g, ' ').toUpperCase();
}
