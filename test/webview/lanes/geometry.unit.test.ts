import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { chipX, Columns, densityOf, type LaneWidths, noteWidth } from '../../../src/webview/lanes/columns.js';
import type { SocketInfo } from '../../../src/common/socket.js';
import { ByteRibbon } from '../../../src/common/ribbon/byteRibbon.js';
import { LanesModel } from '../../../src/webview/lanes/lanesModel.js';
import { LaneScroll, maxHeight } from '../../../src/webview/lanes/laneScroll.js';
import { laneOrder, type Ordered } from '../../../src/webview/lanes/order.js';
import { lineHeight, RowHeights } from '../../../src/webview/lanes/rowHeights.js';
import { recordOf } from '../../support/records.js';

const rowsOf = (count: number, first = 1) => ({
  count,
  seqAt: (row: number) => (row >= 0 && row < count ? first + row : undefined),
  rowOf: (seq: number) => (seq >= first && seq < first + count ? seq - first : -1),
});

describe('the order of lanes', () => {
  const socket = (id: number, more: Partial<Ordered> = {}): Ordered => ({
    id,
    openedSeq: id,
    role: 'client',
    listenerId: null,
    peerId: null,
    ...more,
  });
  const accepted = (id: number, listenerId: number, peerId: number | null): Ordered =>
    socket(id, { role: 'accepted', listenerId, peerId });

  it('is that of the picture: the accepted one between its listener and its client', () => {
    const sockets = [socket(3, { role: 'listener' }), socket(4, { peerId: 5 }), accepted(5, 3, 4)];
    expect(laneOrder(sockets)).toEqual([3, 5, 4]);
  });

  it('keeps five clients beside what was accepted from them, whatever the order of the accepts', () => {
    const clients = [2, 3, 4, 5, 6].map((id) => socket(id, { peerId: 13 - id }));
    const sockets = [
      socket(1, { role: 'listener' }),
      ...clients,
      ...[7, 8, 9, 10, 11].map((id) => accepted(id, 1, 13 - id)),
    ];
    expect(laneOrder(sockets)).toEqual([1, 7, 6, 8, 5, 9, 4, 10, 3, 11, 2]);
  });

  it('leaves a client that nobody accepted where it was made', () => {
    const sockets = [socket(1), socket(2, { role: 'listener' }), socket(3), accepted(4, 2, null)];
    expect(laneOrder(sockets)).toEqual([1, 2, 4, 3]);
  });

  it('puts the two ends of a tap from its client to its server, right of both listeners', () => {
    const tap = (side: 'client' | 'server', otherId: number) =>
      ({ side, otherId }) as NonNullable<Ordered['tap']>;
    for (const [server, listener] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const sockets = [
        socket(server, { role: 'listener' }),
        socket(listener, { role: 'listener' }),
        ...[0, 10].flatMap((more) => [
          socket(3 + more, { peerId: 4 + more }),
          { ...accepted(4 + more, listener, 3 + more), tap: tap('client', 5 + more) },
          socket(5 + more, { peerId: 6 + more, tap: tap('server', 4 + more) }),
          accepted(6 + more, server, 5 + more),
        ]),
      ];
      expect(laneOrder(sockets)).toEqual([1, 2, 3, 4, 5, 6, 13, 14, 15, 16]);
      // Neither the client nor the server are ours.
      const own = sockets.filter(({ id }) => [listener, 4, 5, 14, 15].includes(id));
      expect(laneOrder(own)).toEqual([listener, 4, 5, 14, 15]);
    }
  });

  it('holds every socket once, and connections side by side', () => {
    const links = fc.array(
      fc.record({
        role: fc.constantFrom('listener', 'accepted', 'client', 'pair', 'datagram'),
        listenerId: fc.option(fc.integer({ min: 1, max: 20 })),
        peerId: fc.option(fc.integer({ min: 1, max: 20 })),
        tap: fc.option(fc.record({ side: fc.constant('server'), otherId: fc.integer({ min: 1, max: 20 }) }), {
          nil: undefined,
        }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(links, (made) => {
        const sockets = made.map((link, index) => socket(index + 1, link as Partial<Ordered>));
        const order = laneOrder(sockets);
        expect(order.toSorted((a, b) => a - b)).toEqual(sockets.map(({ id }) => id));
      }),
    );
    // What sockets of ours can be: clients of listeners, accepted in any order.
    const plan = fc.array(fc.record({ listener: fc.integer({ min: 0, max: 2 }), isAccepted: fc.boolean() }));
    fc.assert(
      fc.property(plan, fc.infiniteStream(fc.nat()), (clients, numbers) => {
        const listeners = [1, 2, 3].map((id) => socket(id, { role: 'listener' }));
        const all = [...listeners];
        clients.forEach(({ listener, isAccepted }, index) => {
          const id = 10 + 2 * index;
          all.push(socket(id, { peerId: isAccepted ? id + 1 : null }));
          if (isAccepted) {
            const order = { openedSeq: 1000 + (numbers.next().value % 1000) };
            all.push({ ...accepted(id + 1, listeners[listener]!.id, id), ...order });
          }
        });
        const order = laneOrder(all);
        expect(order.toSorted((a, b) => a - b)).toEqual(all.map(({ id }) => id).toSorted((a, b) => a - b));
        const acceptedOnes = all.filter(({ role }) => role === 'accepted');
        for (const { id, peerId, listenerId } of acceptedOnes) {
          expect(order.indexOf(peerId!)).toBe(order.indexOf(id) + 1);
          const between = order.slice(order.indexOf(listenerId!) + 1, order.indexOf(id));
          expect(order.indexOf(id)).toBeGreaterThan(order.indexOf(listenerId!));
          // Nothing but connections of the same listener stands between them.
          const own = acceptedOnes.filter((one) => one.listenerId === listenerId);
          expect(between.every((one) => own.some((of) => of.id === one || of.peerId === one))).toBe(true);
        }
      }),
    );
  });
});

describe('that there must be a lane of a closed socket', () => {
  it('ends soon after its last row has left the view, begins with it, and never goes to and fro', () => {
    const [closed, open] = [1, 2];
    const state = (id: number, more: Partial<SocketInfo> = {}) =>
      [id, { id, openedSeq: id, role: 'new', state: 'open', peerId: null, ...more } as SocketInfo] as const;
    const sockets = new Map([state(closed, { state: 'closed' }), state(open)]);
    const record = (seq: number) =>
      recordOf(seq === 4 ? 'close' : 'getsockname', [], {
        seq,
        startNs: seq,
        endNs: seq,
        socketId: seq === 4 ? closed : open,
      });
    let isRead = true;
    const model = new LanesModel({
      sockets: () => sockets,
      record: (seq) => (isRead ? record(seq) : undefined),
      ribbon: new ByteRibbon(() => sockets),
      fitting: () => null,
    });
    const rows = rowsOf(100);
    model.add(recordOf('socket', [], { seq: closed, startNs: 1, endNs: 1, createdIds: [closed] }));
    model.add(record(4));
    model.scroll.viewport = 240;
    const lanesAt = (top: number) => {
      model.scroll.moveTo(top);
      return model.lanes(model.layOut(rows, false, 1));
    };
    // Its last call is on the fourth row.
    const left = 4 * lineHeight;
    lanesAt(0);
    expect(lanesAt(left)).toEqual([closed, open]);
    expect(lanesAt(left + lineHeight)).toEqual([closed, open]);
    expect(lanesAt(left + 2 * lineHeight)).toEqual([open]);
    expect(lanesAt(left + lineHeight)).toEqual([open]);
    expect(lanesAt(left + lineHeight - 1)).toEqual([closed, open]);
    // Rows that are read again take none away meanwhile: it goes when they are known to be none of its own.
    expect(lanesAt(left + lineHeight)).toEqual([closed, open]);
    isRead = false;
    expect(lanesAt(left + 2 * lineHeight)).toEqual([closed, open]);
    expect(lanesAt(left + lineHeight)).toEqual([closed, open]);
    isRead = true;
    expect(lanesAt(left + lineHeight)).toEqual([closed, open]);
    expect(lanesAt(left + 2 * lineHeight)).toEqual([open]);
    // Farther away it is gone at once.
    expect(lanesAt(60 * lineHeight)).toEqual([open]);
  });
});

it('a lane that is folded leaves no row for its states, from the first time on that it is', () => {
  const socket = (id: number) =>
    [id, { id, openedSeq: id, role: 'client', state: 'connected', peerId: null } as SocketInfo] as const;
  const sockets = new Map([socket(1), socket(2)]);
  const record = (seq: number) =>
    recordOf('getsockname', [], { seq, startNs: seq * 10, endNs: seq * 10 + 1, socketId: 2 });
  const model = new LanesModel({
    sockets: () => sockets,
    record,
    ribbon: new ByteRibbon(() => sockets),
    fitting: () => null,
  });
  const rows = rowsOf(5);
  model.scroll.viewport = 240;
  model.history.sample({ ...sockets.get(1)!, tcpState: 'CLOSE_WAIT' }, 3, 35);
  const heights = () => model.layOut(rows, false, 1).blocks.map(({ height }) => height / lineHeight);
  expect(heights()).toEqual([1, 1, 2, 1, 1]);
  model.shown.begin(1);
  expect(heights()).toEqual([1, 1, 1, 1, 1]);
});

it('a lane keeps its place when the one beside it goes', () => {
  const socket = (id: number, more: Partial<SocketInfo>) =>
    [id, { id, openedSeq: id, role: 'client', state: 'connected', ...more } as SocketInfo] as const;
  // Two clients; the end that was accepted from the first one is closed, and out of view.
  const sockets = new Map([
    socket(1, { role: 'listener' }),
    socket(2, { peerId: 4 }),
    socket(3, { peerId: 5 }),
    socket(4, { role: 'accepted', listenerId: 1, peerId: 2, state: 'closed' }),
    socket(5, { role: 'accepted', listenerId: 1, peerId: 3 }),
  ]);
  const model = new LanesModel({
    sockets: () => sockets,
    record: () => undefined,
    ribbon: new ByteRibbon(() => sockets),
    fitting: () => null,
  });
  expect(model.lanes({ blocks: [], tops: [] })).toEqual([1, 2, 5, 3]);
});

describe('columns', () => {
  it('are as wide as their longest call, follow the font, and collapse', () => {
    const columns = new Columns([1, 2, 3], 56, {
      charWidth: 7.2,
      isShort: (id) => id === 2,
      isCollapsed: (id) => id === 3,
    });
    expect(columns.all.map(({ x, width }) => [x, width])).toEqual([
      [56, 286],
      [342, 228],
      [570, 40],
    ]);
    expect(columns.width).toBe(610);
    expect(columns.get(2)?.x).toBe(342);
    expect(columns.get(9)).toBeUndefined();
  });

  it('have room for a sentence right of the last one, too, where that is to be had', () => {
    const widths: LaneWidths = { charWidth: 7.2, isShort: () => true, isCollapsed: () => false };
    for (const ids of [[1], [1, 2], [1, 2, 3, 4]]) {
      for (const room of [120, 200, 280, 400, 600, 1000]) {
        const columns = new Columns(ids, 90, widths, { room, density: 'brief' });
        for (const column of columns.all) {
          const width = noteWidth(column, columns.width);
          expect(column.x + chipX + width).toBeLessThanOrEqual(columns.width);
          expect(width).toBeGreaterThanOrEqual(column.width - chipX);
        }
        // Lanes that are scrolled anyway have it, and so have those that leave it free.
        const free = room - 90 - 79 * ids.length;
        const least = free < 16 ? 139 : 59 + Math.min(free, 80);
        expect(noteWidth(columns.all.at(-1)!, columns.width)).toBeGreaterThanOrEqual(least);
      }
    }
  });

  it('share the room that few of them leave, but for those that are collapsed', () => {
    const make = (room: number) =>
      new Columns(
        [1, 2, 3],
        50,
        { charWidth: 10, isShort: (id) => id === 2, isCollapsed: (id) => id === 3 },
        { room },
      );
    const widths = (room: number) => make(room).all.map(({ width }) => width);
    expect(widths(0)).toEqual([386, 306, 40]);
    expect(widths(50 + 732)).toEqual([386, 306, 40]);
    expect(widths(50 + 732 + 346)).toEqual([579, 459, 40]);
    expect(widths(5000)).toEqual([617, 489, 40]);
    for (const room of [0, 790, 1000, 1200]) {
      expect(make(room).width).toBeLessThanOrEqual(Math.max(782, room));
    }
  });

  it('keep their places in what is drawn, and while the view moves their widths, when others come or go', () => {
    const widths: LaneWidths = { charWidth: 7.2, isShort: () => true, isCollapsed: () => false };
    const place = { room: 1000, density: 'brief' as const };
    const first = new Columns([1, 2, 3, 4], 90, widths, place);
    const width = first.get(1)!.width;
    const gone = new Columns([3, 4, 5], 90, widths, { ...place, before: first, isMoving: true });
    expect(gone.get(3)).toEqual(first.get(3));
    expect(gone.get(5)).toMatchObject({ x: first.get(4)!.x + width, width });
    expect([gone.origin, gone.leftOf(gone.get(3)!)]).toEqual([2 * width, 90]);
    expect(gone.indexAt(90 + width)).toBe(1);
    expect(gone.end - gone.width).toBe(gone.origin);

    // Lanes that come left of them begin all anew once, and then there is room for more.
    const come = new Columns([1, 2, 3, 4], 90, widths, { ...place, before: gone });
    const more = new Columns([8, 9, 1, 2], 90, widths, { ...place, before: come });
    expect([come.origin, come.get(3)]).toEqual([0, first.get(3)]);
    expect(more.origin).toBe(2 ** 15);
    const again = new Columns([6, 7, 8, 9], 90, widths, { ...place, before: more });
    expect(again.get(8)).toEqual(more.get(8));

    // At rest they share the room, also where nothing moves any more.
    const rest = new Columns([3, 4, 5], 90, widths, { ...place, before: gone });
    expect(rest.get(3)!.width).toBeGreaterThan(width);
    expect(rest.end - rest.origin).toBeLessThanOrEqual(1000);
    // Where they have no room with the widths of before they get narrower.
    const many = new Columns([1, 2, 3, 4, 5], 90, widths, { ...place, before: first, isMoving: true });
    expect(many.get(1)!.width).toBeLessThan(width);
    expect(many.width).toBeLessThanOrEqual(1000);
  });

  it('are brief when whole calls have no room, and then share the room', () => {
    const widths: LaneWidths = {
      charWidth: 7.2,
      isShort: (id) => id % 2 === 0,
      isCollapsed: (id) => id === 4,
    };
    const [few, many] = [[1, 2, 3], Array.from({ length: 11 }, (_, index) => index + 1)];
    expect(densityOf(few, 56, widths, 56 + 286 + 228 + 286)).toBe('whole');
    expect(densityOf(few, 56, widths, 56 + 286 + 228 + 285)).toBe('brief');
    // Before the page has a size nothing is known.
    expect(densityOf(many, 56, widths, 0)).toBe('whole');
    // Eleven lanes in a window of 1366 px beside the sidebar, each as wide as another.
    const all = { ...widths, isCollapsed: () => false };
    expect(densityOf(many, 56, all, 1008)).toBe('brief');
    const columns = new Columns(many, 56, all, { room: 1008, density: 'brief' });
    expect(columns.width).toBeLessThanOrEqual(1008);
    expect(new Set(columns.all.map(({ width }) => width)).size).toBe(1);
    // Two hundred are never narrower than what was called and what came of it.
    const crowd = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(
      new Columns(crowd, 56, all, { room: 1008, density: 'brief' }).all.every(({ width }) => width === 79),
    ).toBe(true);
  });

  it('count as in view when enough is seen of a chip', () => {
    const columns = new Columns([1, 2, 3], 50, {
      charWidth: 10,
      isShort: () => false,
      isCollapsed: (id) => id === 3,
    });
    const [first, second, third] = columns.all.map(({ x }) => x) as [number, number, number];
    expect(columns.inView(first, third + 40)).toEqual({ first: 0, last: 2 });
    expect(columns.inView(first + 200, third + 39)).toEqual({ first: 0, last: 1 });
    expect(columns.inView(second - 99, third)).toEqual({ first: 1, last: 1 });
    expect(columns.inView(first, second + 99)).toEqual({ first: 0, last: 0 });
  });

  it('in view are found among very many', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => index + 1);
    const columns = new Columns(ids, 50, { charWidth: 7, isShort: () => false, isCollapsed: () => false });
    const { width } = columns.all[0]!;
    const shown = columns.between(50 + 500 * width + 3, 50 + 503 * width + 3);
    expect(shown.map(({ id }) => id)).toEqual([500, 501, 502, 503, 504, 505]);
  });
});

describe('rows of different heights', () => {
  it('lie where the sum of those before them is, however they became known', () => {
    const heights = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 90 })));
    fc.assert(
      fc.property(heights, (known) => {
        const rows = rowsOf(40);
        const model = new RowHeights();
        const extras = new Map<number, number>();
        for (const [seq, extra] of known) {
          expect(model.set(seq, extra)).toBe((extras.get(seq) ?? 0) !== extra);
          extras.set(seq, extra);
          // Sums are kept: what was asked before must not spoil what is asked later.
          model.topOf(rows, 20);
        }
        let top = 0;
        for (let row = 0; row < 40; row++) {
          const height = lineHeight + (extras.get(row + 1) ?? 0);
          expect(model.topOf(rows, row)).toBe(top);
          expect(model.heightOf(row + 1)).toBe(height);
          expect(model.rowAt(rows, top)).toBe(row);
          expect(model.rowAt(rows, top + height - 1)).toBe(row);
          top += height;
        }
        expect(model.total(rows)).toBe(top);
        expect([model.rowAt(rows, -50), model.rowAt(rows, top + 50)]).toEqual([0, 39]);
      }),
    );
  });

  it('are found by few questions, however many there are', () => {
    const rows = rowsOf(1_000_000);
    const seqAt = vi.spyOn(rows, 'seqAt');
    const model = new RowHeights();
    expect(model.rowAt(rows, 700_000 * lineHeight + 5)).toBe(700_000);
    model.set(600_000, 2 * lineHeight);
    expect(model.rowAt(rows, 700_000 * lineHeight + 5)).toBe(699_998);
    expect(seqAt.mock.calls.length).toBeLessThan(5);
  });

  it('move up when those before them are forgotten', () => {
    const model = new RowHeights();
    model.set(2, 10);
    model.set(5, 7);
    model.dropBelow(5);
    expect(model.topOf(rowsOf(10, 5), 1)).toBe(lineHeight + 7);
  });
});

describe('the scroll position', () => {
  const scrollOf = (height: number) => {
    const scroll = new LaneScroll();
    scroll.viewport = 500;
    scroll.height = height;
    return scroll;
  };
  const moveBar = (scroll: LaneScroll, top: number) => {
    scroll.moveBar(top);
    scroll.follow(() => true);
  };

  it('is the scroll bar’s, and stays when rows above it grow', () => {
    const scroll = scrollOf(10_000);
    moveBar(scroll, 700);
    expect([scroll.top, scroll.shift]).toEqual([700, 0]);
    scroll.height += 36;
    scroll.grow(36);
    // What is drawn has not moved.
    expect([scroll.top, scroll.shift]).toEqual([736, -36]);
    moveBar(scroll, 720);
    expect(scroll.top).toBe(756);
    expect(scroll.settle()).toBe(756);
    expect(scroll.shift).toBe(0);
  });

  it('stays where the scroll bar is when all rows get other heights, also while others are still shown', () => {
    const model = new LanesModel({
      sockets: () => new Map(),
      record: () => undefined,
      ribbon: new ByteRibbon(() => new Map()),
      fitting: () => null,
    });
    const rows = rowsOf(1000);
    const { scroll } = model;
    scroll.viewport = 500;
    model.layOut(rows, false, 1);
    scroll.moveBar(12_000);
    scroll.follow((top) => top === 0);
    expect([scroll.top, scroll.target]).toEqual([0, 12_000]);
    expect(model.setDensity('brief', rows)).toBe(true);
    // What is drawn lies in view, and what was scrolled to is still to come.
    expect([scroll.top + scroll.shift, scroll.target]).toEqual([12_000, 12_000]);
  });

  it('has little around it that is drawn while a drag passes it, and more when a frame has come without', () => {
    const model = new LanesModel({
      sockets: () => new Map(),
      record: () => undefined,
      ribbon: new ByteRibbon(() => new Map()),
      fitting: () => null,
    });
    const rows = rowsOf(1000);
    const { scroll } = model;
    scroll.viewport = 240;
    const drawn = () => {
      const { blocks } = model.layOut(rows, false, 1);
      return [blocks[0]!.row, blocks.at(-1)!.row];
    };
    drawn();
    scroll.moveBar(12_000);
    scroll.follow(() => true);
    expect(drawn()).toEqual([498, 512]);
    const told = scroll.late.value;
    scroll.rest();
    expect([scroll.late.value - told, drawn()]).toEqual([1, [490, 520]]);
    scroll.rest();
    expect(scroll.late.value - told).toBe(1);
    // By less than the view nothing is passed unseen.
    scroll.moveBar(12_240);
    expect(drawn()).toEqual([500, 530]);
  });

  it('says whether the scroll bar can stay where it is', () => {
    const scroll = scrollOf(10_000);
    moveBar(scroll, 6000);
    expect(scroll.isBarInReach).toBe(true);
    scroll.height = 6400;
    expect(scroll.isBarInReach).toBe(false);
  });

  it('reaches both ends', () => {
    const scroll = scrollOf(10_000);
    moveBar(scroll, 700);
    scroll.grow(100);
    moveBar(scroll, 0);
    expect(scroll.top).toBe(0);
    moveBar(scroll, 9500);
    expect([scroll.top, scroll.isAtEnd]).toEqual([9500, true]);
  });

  it('moves by pixels in more rows than an element can be high, and by the bar to any of them', () => {
    const scroll = scrollOf(24_000_000);
    expect(scroll.barHeight).toBe(maxHeight);
    moveBar(scroll, 4_000_000);
    expect(Math.abs(scroll.top - 12_000_000)).toBeLessThan(1500);
    const { top } = scroll;
    moveBar(scroll, 4_000_100);
    expect(scroll.top - top).toBe(100);
    moveBar(scroll, maxHeight - 500);
    expect(scroll.isAtEnd).toBe(true);
  });
});
