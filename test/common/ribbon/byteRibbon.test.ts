import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallRecord, dataValue } from '../../../src/common/call.js';
import { ByteRibbon } from '../../../src/common/ribbon/byteRibbon.js';
import type { SocketId, SocketInfo } from '../../../src/common/socket.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Two sockets that are each other's ends, as far as a ribbon asks. */
function ends(type: string, more: Partial<SocketInfo> = {}): Map<SocketId, SocketInfo> {
  const socket = (id: number, peerId: number) =>
    ({
      id,
      peerId,
      type,
      domain: 'AF_INET',
      sharedWith: [],
      openedSeq: 1,
      bytesReceived: 0,
      ...more,
    }) as never;
  return new Map([
    [1, socket(1, 2)],
    [2, socket(2, 1)],
  ]);
}

/** Makes the records of a conversation: positions in the streams are counted as the host counts them. */
class Conversation {
  readonly records: CallRecord[] = [];
  private readonly positions = new Map<string, number>();
  private seq = 0;

  constructor(private readonly isStream: boolean) {}

  send(from: SocketId, text: string, more: Partial<CallRecord> = {}): CallRecord {
    return this.add('send', from, text, 'out', text.length, more);
  }

  receive(at: SocketId, text: string, room = 4096, more: Partial<CallRecord> = {}): CallRecord {
    return this.add('recv', at, text, 'in', room, more);
  }

  private add(
    name: 'send' | 'recv',
    socketId: SocketId,
    text: string,
    direction: 'in' | 'out',
    room: number,
    more: Partial<CallRecord>,
  ): CallRecord {
    const seq = ++this.seq;
    const key = `${socketId}${direction}`;
    const offset = this.positions.get(key) ?? 0;
    this.positions.set(key, offset + text.length);
    const record: CallRecord = {
      seq,
      name,
      args: [socketId, dataValue(bytesOf(text)), room, 0],
      status: 'returned',
      result: text.length,
      errno: null,
      startNs: seq * 1000,
      endNs: seq * 1000 + 10,
      hasWaited: false,
      fd: socketId,
      socketId,
      createdIds: [],
      peerId: socketId === 1 ? 2 : 1,
      payload: {
        direction,
        length: text.length,
        captured: text.length,
        offset: this.isStream ? offset : null,
      },
      thread: null,
      madeBy: null,
      resolution: null,
      ...more,
    };
    this.records.push(record);
    return record;
  }
}

function ribbonOf(
  records: readonly CallRecord[],
  sockets: ReadonlyMap<SocketId, SocketInfo> = ends('SOCK_STREAM'),
): ByteRibbon {
  const ribbon = new ByteRibbon(() => sockets);
  for (const record of records) {
    ribbon.add(record);
  }
  return ribbon;
}

describe('a stream', () => {
  it('says which sends one recv has taken, and which recvs took one send', () => {
    const talk = new Conversation(true);
    talk.send(1, 'GET /a\n');
    talk.send(1, 'GET /b\n');
    const both = talk.receive(2, 'GET /a\nGET /b\n');
    const long = talk.send(2, 'abcdef');
    talk.receive(1, 'abcd', 4);
    talk.receive(1, 'ef');
    const ribbon = ribbonOf(talk.records);
    expect(ribbon.piecesInto(both)).toEqual([
      { sentSeq: 1, sentAt: 0, receivedSeq: 3, receivedAt: 0, length: 7 },
      { sentSeq: 2, sentAt: 0, receivedSeq: 3, receivedAt: 7, length: 7 },
    ]);
    expect(ribbon.piecesFrom(long)).toEqual([
      { sentSeq: 4, sentAt: 0, receivedSeq: 5, receivedAt: 0, length: 4 },
      { sentSeq: 4, sentAt: 4, receivedSeq: 6, receivedAt: 0, length: 2 },
    ]);
  });

  it('is read in any order, and a record again when it has gone on', () => {
    const talk = new Conversation(true);
    const send = talk.send(1, 'one');
    const receive = talk.receive(2, 'one');
    const waiting = { ...send, status: 'waiting' as const, payload: { ...send.payload!, length: 1 } };
    const ribbon = ribbonOf([receive, waiting]);
    expect(ribbon.piecesInto(receive)).toMatchObject([{ sentSeq: 1, length: 1 }]);
    ribbon.add(send);
    ribbon.add(send);
    expect(ribbon.piecesInto(receive)).toEqual([
      { sentSeq: 1, sentAt: 0, receivedSeq: 2, receivedAt: 0, length: 3 },
    ]);
    ribbon.remove(send.seq);
    expect(ribbon.piecesInto(receive)).toEqual([]);
  });

  it('loses no byte, however it is cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(cuts, cuts, (sent, received) => {
        const total = sent.reduce((sum, length) => sum + length, 0);
        const text = String.fromCharCode(...Array.from({ length: total }, (_, at) => 0x21 + (at % 90)));
        const talk = new Conversation(true);
        let at = 0;
        for (const length of sent) {
          talk.send(1, text.slice(at, at + length));
          at += length;
        }
        at = 0;
        for (const length of received) {
          if (at < total) {
            talk.receive(2, text.slice(at, at + length));
            at += length;
          }
        }
        const ribbon = ribbonOf(talk.records);
        const isSend = ({ payload }: CallRecord) => payload!.direction === 'out';
        const into = talk.records.filter((one) => !isSend(one)).flatMap((one) => ribbon.piecesInto(one));
        const from = talk.records.filter(isSend).flatMap((one) => ribbon.piecesFrom(one));
        // Both directions say the same, and together they are what was received.
        expect(from).toEqual(into);
        expect(into.reduce((sum, { length }) => sum + length, 0)).toBe(Math.min(at, total));
        for (const piece of into) {
          const text0 = previewOf(talk.records[piece.sentSeq - 1]!);
          const text1 = previewOf(talk.records[piece.receivedSeq - 1]!);
          expect(text0.slice(piece.sentAt, piece.sentAt + piece.length)).toBe(
            text1.slice(piece.receivedAt, piece.receivedAt + piece.length),
          );
        }
      }),
    );
  });

  it('knows what waits at each time', () => {
    const talk = new Conversation(true);
    const first = talk.send(1, 'abcdef');
    const second = talk.send(1, 'ghi');
    const receive = talk.receive(2, 'abcd', 4);
    const ribbon = ribbonOf(talk.records);
    expect(ribbon.waitingFor(2, first.startNs, first.seq)).toEqual([{ sentSeq: 1, sentAt: 0, length: 6 }]);
    expect(ribbon.waitingFor(2, second.startNs, second.seq)).toEqual([
      { sentSeq: 1, sentAt: 0, length: 6 },
      { sentSeq: 2, sentAt: 0, length: 3 },
    ]);
    expect(ribbon.waitingFor(2, receive.endNs!, receive.seq)).toEqual([
      { sentSeq: 1, sentAt: 4, length: 2 },
      { sentSeq: 2, sentAt: 0, length: 3 },
    ]);
    expect(ribbon.waitingFor(1, receive.endNs!, receive.seq)).toEqual([]);
  });

  it('begins in the middle when the records before are not here', () => {
    const talk = new Conversation(true);
    talk.send(1, 'abcdef');
    talk.receive(2, 'abcdef');
    const send = talk.send(1, 'ghi');
    const receive = talk.receive(2, 'ghi');
    const ribbon = ribbonOf(talk.records.slice(2));
    expect(ribbon.piecesInto(receive)).toHaveLength(1);
    // The next call that reads tells where the one before it had ended.
    expect(ribbon.waitingFor(2, send.startNs, send.seq)).toEqual([{ sentSeq: 3, sentAt: 0, length: 3 }]);
  });

  it('says only of what nobody received later that it waits, where receives are missing', () => {
    const talk = new Conversation(true);
    const [first, taken] = [talk.send(1, 'abc'), talk.receive(2, 'abc')];
    talk.send(1, 'def');
    talk.receive(2, 'def');
    const send = talk.send(1, 'ghi');
    const receive = talk.receive(2, 'ghi');
    const waits = [{ sentSeq: 5, sentAt: 0, length: 3 }];
    const told = ends('SOCK_STREAM', { bytesReceived: 6 });
    expect(ribbonOf([first, taken, send], told).waitingFor(2, send.startNs, send.seq)).toEqual(waits);
    const later = ribbonOf([first, taken, send, receive]);
    expect(later.waitingFor(2, send.startNs, send.seq)).toEqual(waits);
    // All of them are here: what the counter says is news of later.
    const whole = ribbonOf(talk.records.slice(0, 5), ends('SOCK_STREAM', { bytesReceived: 9 }));
    expect(whole.waitingFor(2, send.startNs, send.seq)).toEqual(waits);
  });

  it('says nothing of bytes that no record sent', () => {
    const talk = new Conversation(true);
    talk.send(1, 'not recorded');
    const send = talk.send(1, 'recorded');
    const receive = talk.receive(2, 'not recordedrecorded');
    const ribbon = ribbonOf([send, receive]);
    expect(ribbon.piecesInto(receive)).toEqual([
      { sentSeq: 2, sentAt: 0, receivedSeq: 3, receivedAt: 12, length: 8 },
    ]);
    expect(ribbon.waitingFor(2, send.endNs!, send.seq)).toEqual([
      { sentSeq: null, sentAt: 0, length: 12 },
      { sentSeq: 2, sentAt: 0, length: 8 },
    ]);
  });

  it('does not believe positions that contradict the bytes, or the order of things', () => {
    const talk = new Conversation(true);
    talk.send(1, 'abc');
    const receive = talk.receive(2, 'xyz');
    expect(ribbonOf(talk.records).piecesInto(receive)).toEqual([]);
    const early = { ...receive, args: talk.records[0]!.args, startNs: 1, endNs: 2 };
    expect(ribbonOf([talk.records[0]!, early]).piecesInto(early)).toEqual([]);
  });

  it('says nothing from an out-of-band byte on', () => {
    const talk = new Conversation(true);
    talk.send(1, 'ab');
    talk.send(1, '!', { args: [1, dataValue(bytesOf('!')), 1, 1] });
    talk.send(1, 'cd');
    const receive = talk.receive(2, 'abcd');
    expect(ribbonOf(talk.records).piecesInto(receive)).toMatchObject([{ sentSeq: 1, length: 2 }]);
  });

  it('says nothing from there on also when the record of the byte is here no longer', () => {
    const talk = new Conversation(true);
    const urgent = talk.send(1, '!', { args: [1, dataValue(bytesOf('!')), 1, 1] });
    talk.send(1, 'aaaa');
    const receive = talk.receive(2, 'aaaa');
    const ribbon = ribbonOf(talk.records);
    ribbon.remove(urgent.seq);
    expect(ribbon.piecesInto(receive)).toEqual([]);
  });

  it('leaves a peek alone', () => {
    const talk = new Conversation(true);
    talk.send(1, 'abc');
    const peek = talk.receive(2, 'abc', 4096, {
      payload: { direction: 'in', length: 3, captured: 3, offset: null },
    });
    const ribbon = ribbonOf(talk.records);
    expect(ribbon.piecesInto(peek)).toEqual([]);
    expect(ribbon.waitingFor(2, peek.endNs!, peek.seq)).toEqual([{ sentSeq: 1, sentAt: 0, length: 3 }]);
  });

  it('is one whatever descriptor it goes through', () => {
    const talk = new Conversation(true);
    talk.send(1, 'abc');
    const dup: CallRecord = {
      ...talk.send(1, ''),
      name: 'dup',
      args: [2],
      payload: null,
      socketId: 2,
      createdIds: [3],
      peerId: null,
    };
    const receive = talk.receive(2, 'abc', 4096, { socketId: 3, peerId: null });
    const ribbon = ribbonOf([talk.records[0]!, dup, receive]);
    expect(ribbon.piecesInto(receive)).toHaveLength(1);
    expect(ribbon.piecesFrom(talk.records[0]!)).toHaveLength(1);
    expect(ribbon.waitingFor(2, receive.endNs!, receive.seq)).toEqual([]);
  });

  it('ends with its connection', () => {
    const talk = new Conversation(true);
    talk.send(1, 'abc');
    const receive = talk.receive(2, 'abc');
    const dissolve: CallRecord = {
      ...talk.send(1, ''),
      name: 'connect',
      args: [1, { family: 'raw', bytes: new Uint8Array(16) }, 16],
      payload: null,
      peerId: null,
      result: 0,
    };
    const later = talk.send(1, 'def', { peerId: null });
    const ribbon = ribbonOf([talk.records[0]!, receive, dissolve, later]);
    expect(ribbon.piecesInto(receive)).toHaveLength(1);
    expect(ribbon.piecesFrom(later)).toEqual([]);
  });
});

describe('datagrams', () => {
  const udp = () => ends('SOCK_DGRAM');

  it('are matched one to one, cut ones too', () => {
    const talk = new Conversation(false);
    talk.send(1, 'first');
    talk.send(1, 'second');
    const first = talk.receive(2, 'first');
    const cut = talk.receive(2, 'seco', 4);
    const ribbon = ribbonOf(talk.records, udp());
    expect(ribbon.piecesInto(first)).toEqual([
      { sentSeq: 1, sentAt: 0, receivedSeq: 3, receivedAt: 0, length: 5 },
    ]);
    expect(ribbon.piecesInto(cut)).toEqual([
      { sentSeq: 2, sentAt: 0, receivedSeq: 4, receivedAt: 0, length: 4 },
    ]);
    expect(ribbon.piecesFrom(talk.records[1]!)).toEqual(ribbon.piecesInto(cut));
  });

  it('that are alike are told apart only where nothing else fits', () => {
    const talk = new Conversation(false);
    talk.send(1, 'ping');
    talk.send(1, 'ping');
    const one = talk.receive(2, 'ping');
    // One of the two may have been dropped.
    expect(ribbonOf(talk.records, udp()).piecesInto(one)).toEqual([]);
    const two = talk.receive(2, 'ping');
    const ribbon = ribbonOf(talk.records, udp());
    expect(ribbon.piecesInto(one)).toMatchObject([{ sentSeq: 1 }]);
    expect(ribbon.piecesInto(two)).toMatchObject([{ sentSeq: 2 }]);
  });

  it('of AF_UNIX come in order and are never dropped', () => {
    const talk = new Conversation(false);
    talk.send(1, 'ping');
    talk.send(1, 'ping');
    const one = talk.receive(2, 'ping');
    const ribbon = ribbonOf(talk.records, ends('SOCK_DGRAM', { domain: 'AF_UNIX' }));
    expect(ribbon.piecesInto(one)).toMatchObject([{ sentSeq: 1 }]);
  });

  it('are not taken for others when records are missing', () => {
    const talk = new Conversation(false);
    talk.send(1, 'ping');
    talk.receive(2, 'ping');
    talk.send(1, 'ping');
    const late = talk.receive(2, 'ping');
    expect(ribbonOf(talk.records, udp()).piecesInto(late)).toMatchObject([{ sentSeq: 3 }]);
    expect(ribbonOf(talk.records.slice(1), udp()).piecesInto(late)).toEqual([]);
  });

  it('stay told apart when the records are forgotten that told them apart', () => {
    const talk = new Conversation(false);
    talk.send(1, 'ping');
    talk.receive(2, 'ping');
    const send = talk.send(1, 'ping');
    const late = talk.receive(2, 'ping');
    const ribbon = ribbonOf(talk.records, udp());
    const pieces = ribbon.piecesInto(late);
    ribbon.remove(1);
    ribbon.remove(2);
    expect(ribbon.piecesInto(late)).toEqual(pieces);
    expect(ribbon.piecesFrom(send)).toEqual(pieces);
  });

  it('of an unknown sender, and looks at one, belong to nothing', () => {
    const talk = new Conversation(false);
    talk.send(1, 'ping');
    const foreign = talk.receive(2, 'ping', 4096, { peerId: null });
    const peek = talk.receive(2, 'ping', 4096, { args: [2, dataValue(bytesOf('ping')), 4096, 2] });
    const ribbon = ribbonOf(talk.records, udp());
    expect(ribbon.piecesInto(foreign)).toEqual([]);
    expect(ribbon.piecesInto(peek)).toEqual([]);
  });

  describe('of which the host does not know who gets them', () => {
    const three = () => {
      const sockets = udp();
      const port = (id: number) => ({ local: { family: 'AF_INET', address: '0.0.0.0', port: id } });
      return new Map([1, 2, 3].map((id) => [id, { ...sockets.get(1)!, ...port(id), id } as SocketInfo]));
    };

    it('may be received by several', () => {
      const talk = new Conversation(false);
      const send = talk.send(1, 'news', { peerId: null });
      talk.receive(2, 'news');
      const other = talk.receive(3, 'news', 4096, { peerId: 1 });
      const ribbon = ribbonOf(talk.records, three());
      expect(ribbon.piecesFrom(send)).toMatchObject([
        { sentSeq: 1, receivedSeq: 2, length: 4 },
        { sentSeq: 1, receivedSeq: 3, length: 4 },
      ]);
      expect(ribbon.piecesInto(other)).toMatchObject([{ sentSeq: 1 }]);
    });

    it('are not taken for those of which it does', () => {
      const talk = new Conversation(false);
      talk.send(1, 'same', { peerId: null });
      talk.send(1, 'same');
      const receive = talk.receive(2, 'same');
      expect(ribbonOf(talk.records, three()).piecesInto(receive)).toEqual([]);
    });

    it('come to their port only', () => {
      const talk = new Conversation(false);
      const to = { family: 'AF_INET', address: '239.1.2.3', port: 3 } as const;
      talk.send(1, 'same', {
        name: 'sendto',
        args: [1, dataValue(bytesOf('same')), 4, 0, to],
        peerId: null,
      });
      talk.send(1, 'same');
      const receive = talk.receive(2, 'same');
      expect(ribbonOf(talk.records, three()).piecesInto(receive)).toMatchObject([{ sentSeq: 2 }]);
    });
  });

  it('match themselves wherever some were dropped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ text: fc.constantFrom('a', 'b', 'c'), isLost: fc.boolean() })),
        (plan) => {
          const talk = new Conversation(false);
          const sends = plan.map(({ text }) => talk.send(1, text));
          const truth = new Map<number, number>();
          plan.forEach(({ text, isLost }, index) => {
            if (!isLost) {
              truth.set(talk.receive(2, text).seq, sends[index]!.seq);
            }
          });
          const ribbon = ribbonOf(talk.records, udp());
          for (const [receivedSeq, sentSeq] of truth) {
            for (const piece of ribbon.piecesInto(talk.records[receivedSeq - 1]!)) {
              // What is said is true; of the rest nothing is said.
              expect(piece.sentSeq).toBe(sentSeq);
            }
          }
        },
      ),
    );
  });

  it('are all matched where none was dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (texts) => {
        const talk = new Conversation(false);
        const sends = texts.map((text) => talk.send(1, text));
        const receives = texts.map((text) => talk.receive(2, text));
        const ribbon = ribbonOf(talk.records, udp());
        expect(receives.map((one) => ribbon.piecesInto(one)[0]?.sentSeq)).toEqual(
          sends.map(({ seq }) => seq),
        );
      }),
    );
  });
});

function previewOf(record: CallRecord): string {
  const data = record.args[1] as { bytes: Uint8Array };
  return new TextDecoder().decode(data.bytes);
}
