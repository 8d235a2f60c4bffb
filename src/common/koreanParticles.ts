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

/** How a symbol is read that ends in a consonant, as 콜론 does; all others end in a vowel: 슬래시, 별표, 달러. */
const symbols: Readonly<Record<string, string>> = { ':': '콜론', ';': '세미콜론', '.': '점' };

/** What closes a text and is not read: 127.0.0.1 of "127.0.0.1", bind of bind(), AF of AF_. */
const closers = /[\s"'`’”»()[\]{}…_]+$/u;

/**
 * How a Latin word ends when Korean says it, as a syllable that ends so: 킬 of kill, 넷 of net, 트 of host. After one short
 * vowel p, t, k, c and b close the syllable. A word without a vowel is said by its letters.
 */
const latinEndings: readonly (readonly [RegExp, string])[] = [
  [/^(?:ip|ack|dup)$|bit$|exec$/, '이'],
  [/le?$|^[^aeiouy]*r$/, '엘'],
  [/(?:[mn]|ng|gn|[aeiouy][mn]e)$/, '엠'],
  [/(?:^|[^aeiouy])[aeiouy](?:[ptkb]|ck?)$|out$|type$/, '입'],
];

/** The last syllable of a value as it is said, of which only the consonant at its end counts. */
function spoken(value: string): string {
  const read = value.replace(closers, '');
  const last = read.at(-1) ?? '';
  const word = /[a-z]+$/i.exec(read)?.[0].toLowerCase();
  if (word !== undefined) {
    return latinEndings.find(([pattern]) => pattern.test(word))?.[1] ?? '이';
  }
  // The version of IP is said in English: 식스.
  if (/\d/.test(last) && !/v6$/i.test(read)) {
    return digits.charAt(Number(last));
  }
  return symbols[last]?.at(-1) ?? last;
}

/**
 * The particle that fits a value: that for a consonant or for a vowel at its end, by how Korean says the value. A value in
 * another script than Hangul and Latin gets that for a vowel.
 */
export function particleFor(value: string, pair: string): string {
  const choice = choices[pair]!;
  const code = spoken(value).charCodeAt(0);
  const ending = code >= firstSyllable && code <= lastSyllable ? (code - firstSyllable) % endings : 0;
  const isVowel = ending === 0 || (ending === rieul && pair === '(으)로');
  return isVowel ? choice.vowel : choice.consonant;
}
