import { afterEach, describe, expect, it } from 'vitest';
import { setMessages, t } from '../../src/common/l10n.js';

afterEach(() => setMessages({}));

describe('a message', () => {
  it('has its values in the places that the translation gives them', () => {
    setMessages({ '{0} of {1}': '{1}개 중 {0}개' });
    expect(t('{0} of {1}', 2, 5)).toBe('5개 중 2개');
    expect(t('{0} and {1}', 'a')).toBe('a and {1}');
  });

  it.each([
    ['{0}은(는) 닫혔습니다.', '서버', '서버는 닫혔습니다.'],
    ['{0}은(는) 닫혔습니다.', '소켓', '소켓은 닫혔습니다.'],
    ['fd {0}을(를) 닫으십시오.', 23, 'fd 23을 닫으십시오.'],
    ['fd {0}을(를) 닫으십시오.', 24, 'fd 24를 닫으십시오.'],
    ['{0}이(가) 기다립니다.', '127.0.0.1:80', '127.0.0.1:80이 기다립니다.'],
    ['{0}이(가) 기다립니다.', '127.0.0.1:4002', '127.0.0.1:4002가 기다립니다.'],
    ['{0}와(과) 같습니다.', 9, '9와 같습니다.'],
    ['{0}와(과) 같습니다.', 10, '10과 같습니다.'],
    ['포트 {0}(으)로 보냅니다.', 81, '포트 81로 보냅니다.'],
    ['포트 {0}(으)로 보냅니다.', 83, '포트 83으로 보냅니다.'],
    ['포트 {0}(으)로 보냅니다.', 84, '포트 84로 보냅니다.'],
    ['{0}(이)라는 호출은 없습니다.', '보내기', '보내기라는 호출은 없습니다.'],
    ['{0}(이)라는 호출은 없습니다.', '받음', '받음이라는 호출은 없습니다.'],
  ])('has the particle that fits the value: %s with %s', (translation, value, expected) => {
    setMessages({ text: translation });
    expect(t('text', value)).toBe(expected);
  });

  it('keeps both particles where the sound of the value is not known', () => {
    setMessages({ text: '{0}은(는) 닫혔습니다.' });
    expect(t('text', 'listener')).toBe('listener은(는) 닫혔습니다.');
    expect(t('text', '')).toBe('은(는) 닫혔습니다.');
  });
});
