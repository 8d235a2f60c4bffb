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

  it.each([
    // Calls, of which the last syllable closes or not as Korean says it.
    ['listen', '이'],
    ['shutdown', '이'],
    ['socket', '이'],
    ['dup', '가'],
    ['exec', '가'],
    ['poll', '이'],
    ['recvfrom', '이'],
    ['getsockname', '이'],
    ['bind', '가'],
    ['connect', '가'],
    ['accept', '가'],
    ['setsockopt', '가'],
    ['epoll_wait', '가'],
    ['close', '가'],
    ['recv()', '가'],
    ['listen()', '이'],
    // Names of sockets.
    ['server', '가'],
    ['server_peer', '가'],
    ['client2', '가'],
    ['client3', '이'],
    ['listener', '가'],
    // Constants, by their last word.
    ['CAP_NET_ADMIN', '이'],
    ['CAP_NET_RAW', '가'],
    ['EADDRINUSE', '가'],
    ['ECONNRESET', '이'],
    ['ETIMEDOUT', '이'],
    ['EINVAL', '이'],
    ['EBADF', '가'],
    ['ENOTSOCK', '이'],
    ['ENOTCONN', '이'],
    ['AF_INET', '이'],
    ['CLOSE_WAIT', '가'],
    ['TIME_WAIT', '가'],
    ['LISTEN', '이'],
    ['TCP', '가'],
    ['UDP', '가'],
    ['IP', '가'],
    ['IPv6', '가'],
    ['type', '이'],
    ['AF_', '가'],
    ['ACK', '가'],
    ['SHUT_WR', '이'],
    ['SIGKILL', '이'],
    ['12 B', '가'],
    // What stands behind a value and is not read.
    ['"listen"', '이'],
    ['127.0.0.1:47001', '이'],
    ['[::1]:4002', '가'],
    ['[::1]', '이'],
    ['0.0.0.0:*', '가'],
    [':', '이'],
    ['한글 서버', '가'],
    ['日本', '가'],
    ['', '가'],
  ])('chooses a particle also behind Latin words, constants and signs: %s%s', (value, particle) => {
    setMessages({ text: '{0}이(가)' });
    expect(t('text', value)).toBe(`${value}${particle}`);
  });

  it.each([
    ['kernel', '로'],
    ['EINVAL', '로'],
    ['EADDRINUSE', '로'],
    ['ECONNRESET', '으로'],
    [String.raw`\n`, '으로'],
    [String.raw`\r\n`, '으로'],
    ['/tmp/log.json', '으로'],
    ['packet:lo/ETH_P_ALL', '로'],
  ])('keeps in mind that ㄹ closes nothing before 로: %s%s', (value, particle) => {
    setMessages({ text: '{0}(으)로' });
    expect(t('text', value)).toBe(`${value}${particle}`);
  });

  it('sees the value through quotation marks around it', () => {
    setMessages({ text: '‘{0}’이(가) 와야 합니다. ({1})을(를) 봅니다.' });
    expect(t('text', ':', 'recv')).toBe('‘:’이 와야 합니다. (recv)를 봅니다.');
  });
});
