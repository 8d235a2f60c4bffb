import { afterEach, expect, it, vi } from 'vitest';

vi.mock('../../src/webview/connection.js', () => ({}));

const { ViewModel } = await import('../../src/webview/state/view.js');

afterEach(() => vi.unstubAllGlobals());

it.each([
  [600, true, false],
  [960, true, true],
  [960, false, false],
  [1440, false, true],
])('a lesson at %i px: the inspector, open %s, is open %s', (innerWidth, before, after) => {
  vi.stubGlobal('window', { innerWidth });
  const view = new ViewModel({});
  view.isInspectorVisible.value = before;
  view.makeRoomForLesson(true);
  expect(view.isInspectorVisible.value).toBe(after);
});
