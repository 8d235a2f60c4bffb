import { describe, expect, it } from 'vitest';
import type { SocketInfo, SocketInspection } from '../../src/common/socket.js';
import { TcpHistory } from '../../src/webview/state/tcpHistory.js';
import { socket } from '../support/sockets.js';

function look(info: Partial<SocketInfo>, rtt: number | undefined): SocketInspection {
  return {
    socket: socket({ state: 'connected', ...info }),
    tcpInfo: rtt === undefined ? null : { tcpi_rtt: rtt, tcpi_snd_cwnd: 10 },
  } as SocketInspection;
}

describe('the history of a connection', () => {
  it('has what was seen, with its time', () => {
    const history = new TcpHistory();
    history.add(look({}, 41), 1000);
    history.add(look({}, 43), 1100);
    expect(history.of(1)).toEqual([
      { time: 1000, roundTripTime: 41, congestionWindow: 10 },
      { time: 1100, roundTripTime: 43, congestionWindow: 10 },
    ]);
  });

  it('has nothing of what is no connection, and of what TCP says nothing of', () => {
    const history = new TcpHistory();
    history.add(look({ state: 'listening' }, 0), 1);
    history.add(look({}, undefined), 2);
    expect(history.of(1)).toEqual([]);
  });

  it('forgets the oldest samples, and the sockets that were looked at longest ago', () => {
    const history = new TcpHistory();
    for (let time = 0; time < 1000; time++) {
      history.add(look({}, time), time);
    }
    expect(history.of(1)).toHaveLength(300);
    expect(history.of(1).at(-1)!.roundTripTime).toBe(999);
    for (let id = 2; id < 17; id++) {
      history.add(look({ id }, 1), 1);
    }
    history.add(look({}, 5), 2000);
    history.add(look({ id: 17 }, 1), 1);
    expect([history.of(1).length, history.of(2).length, history.of(3).length]).toEqual([300, 0, 1]);
  });
});
