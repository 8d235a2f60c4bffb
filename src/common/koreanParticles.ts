/** Particles as translations write them behind a placeholder, for a value that may end in anything. */
const choices: Readonly<Record<string, { consonant: string; vowel: string }>> = {
  '은(는)': { consonant: '은', vowel: '는' },
  '이(가)': { consonant: '이', vowel: '가' },
  '을(를)': { consonant: '을', vowel: '를' },
  '와(과)': { consonant: '과', vowel: '와' },
  '(으)로': { consonant: '으로', vowel: '로' },
  '(이)': { consonant: '이', vowel: '' },
};

/** What may stand behind a placeholder, for a regular expression. */
export const particlePattern = Object.keys(choices)
  .map((pair) => pair.replace(/[()]/g, '\\$&'))
  .join('|');

const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
/** Syllables that differ in their last consonant only stand side by side, the one without first. */
const endings = 28;
const rieul = 8;

/** How the last digit of a number is read: 영 일 이 삼 사 오 육 칠 팔 구. */
const digits = '영일이삼사오육칠팔구';

/**
 * The particle that fits a value: that for a consonant or for a vowel at its end. Both forms, as they were written, where the
 * value ends in a letter of another script, whose sound is not known.
 */
export function particleFor(value: string, pair: string): string {
  const choice = choices[pair];
  const last = value.at(-1) ?? '';
  const code = (/\d/.test(last) ? digits.charAt(Number(last)) : last).charCodeAt(0);
  if (!choice || !(code >= firstSyllable && code <= lastSyllable)) {
    return pair;
  }
  const ending = (code - firstSyllable) % endings;
  const isVowel = ending === 0 || (ending === rieul && pair === '(으)로');
  return isVowel ? choice.vowel : choice.consonant;
}
