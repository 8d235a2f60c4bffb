import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OverviewPainter } from '../../src/webview/components/overviewPainter.js';
import type { PanelModel } from '../../src/webview/state/panelModel.js';

/** A canvas as browsers have it: one without a height cannot be drawn onto another. */
class Canvas {
  width = 300;
  height = 150;
  readonly drawn: Canvas[] = [];

  getContext() {
    return {
      setTransform: () => {},
      scale: () => {},
      clearRect: () => {},
      fillRect: () => {},
      drawImage: (image: Canvas) => {
        if (image.width === 0 || image.height === 0) {
          throw new DOMException('The image argument has a width or height of 0.', 'InvalidStateError');
        }
        this.drawn.push(image);
      },
    };
  }
}

const model = {
  records: { firstSeq: 1, lastSeq: 9 },
  overview: { forEach: () => {} },
  filter: { isActive: false },
} as unknown as PanelModel;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { createElement: () => new Canvas() });
  vi.stubGlobal('window', { devicePixelRatio: 1 });
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => '' }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('waits for the look at all records when the strip has got a height', () => {
  const canvas = new Canvas();
  const painter = new OverviewPainter(canvas as unknown as HTMLCanvasElement, model);
  painter.follow();
  vi.runAllTimers();
  painter.resize(400);
  painter.show({ from: 2, to: 3 });
  expect(canvas.drawn).toHaveLength(0);
  vi.runAllTimers();
  expect(canvas.drawn).toHaveLength(1);
  expect(canvas.height).toBe(400);
  painter.dispose();
});

it('waits for the first look at all records, which brings its colours', () => {
  const canvas = new Canvas();
  const painter = new OverviewPainter(canvas as unknown as HTMLCanvasElement, model);
  painter.resize(400);
  painter.show({ from: 2, to: 3 });
  expect(canvas.drawn).toHaveLength(0);
  vi.runAllTimers();
  expect(canvas.drawn).toHaveLength(1);
  painter.dispose();
});
