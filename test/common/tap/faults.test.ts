import { describe, expect, it } from 'vitest';
import { faultRows, noFaults, parseFaults, printFaults } from '../../../src/common/tap/faults.js';
import { injectedFaults, tapMaker } from '../../../src/common/tap/maker.js';

describe('the text of faults', () => {
  it.each([
    ['', 'stream', noFaults],
    ['delay=20', 'stream', { seed: 1, toServer: { delay: 20 }, toClient: { delay: 20 } }],
    [
      'delay=20ms, to-client.slice=3',
      'stream',
      { seed: 1, toServer: { delay: 20 }, toClient: { delay: 20, slice: 3 } },
    ],
    ['to-server.drop=10% seed=7', 'datagram', { seed: 7, toServer: { drop: 10 }, toClient: {} }],
    ['drop=10 to-server.drop=0', 'datagram', { seed: 1, toServer: {}, toClient: { drop: 10 } }],
    [
      'half-close=4 reset=8',
      'stream',
      { seed: 1, toServer: { 'half-close': 4, reset: 8 }, toClient: { 'half-close': 4, reset: 8 } },
    ],
  ] as const)('%j', (text, kind, faults) => {
    expect(parseFaults(text, kind)).toEqual(faults);
    expect(parseFaults(printFaults(faults), kind)).toEqual({
      ...faults,
      seed: printFaults(faults) ? faults.seed : 1,
    });
  });

  it.each([
    ['delay', 'NAME=NUMBER'],
    ['delay=-1', 'NAME=NUMBER'],
    ['delay=1.5', 'NAME=NUMBER'],
    ['delay=999999999', 'from 0 to 60000'],
    ['dely=1', 'Did you mean delay?'],
    ['zzzzzzzz=1', 'no fault "zzzzzzzz".'],
    ['up.delay=1', 'to-server or to-client'],
    ['drop=10', 'datagrams'],
    ['seed=4294967296', '32 bits'],
    ['<b>=1', 'NAME=NUMBER'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseFaults(text, 'stream')).toThrow(message);
  });

  it('has each fault in the form that is printed', () => {
    for (const { name, kinds } of faultRows) {
      const text = `to-client.${name}=1 seed=1`;
      expect(printFaults(parseFaults(text, kinds[0]!))).toBe(text);
    }
  });
});

describe('the maker of a record', () => {
  it('names the faults that were injected, whatever the tap is called', () => {
    expect(injectedFaults(tapMaker('a; injected b', ['delay 20 ms', 'slice']))).toEqual(['delay', 'slice']);
    expect(injectedFaults(tapMaker('127.0.0.1:80'))).toEqual([]);
  });

  it.each([null, 'auto-echo', 'x.sockets; injected drop'])('has none in %j', (madeBy) => {
    expect(injectedFaults(madeBy)).toEqual([]);
  });
});
