import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SurveyAnswer, SurveyRequest } from '../../src/common/protocol/socketHost.js';
import { OverviewModel, restMs } from '../../src/webview/state/overview.js';

/** A host with so many records, and what was asked of it. */
function host(lastSeq: number) {
  const range = { firstSeq: 1, lastSeq };
  const requests: SurveyRequest[] = [];
  const survey = (request: SurveyRequest): Promise<SurveyAnswer> => {
    requests.push(request);
    const failures = Array.from({ length: Math.ceil((range.lastSeq + 1) / request.width) }, () => 1);
    const next = range.lastSeq + 1;
    return Promise.resolve({ firstBin: 0, failures, bytes: [], waiting: [], next, isDone: true });
  };
  return { range, requests, model: new OverviewModel({ range, survey }) };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('counts nothing while nobody sees it, and all there is when somebody does', async () => {
  const { model, requests } = host(10);
  model.update([]);
  await vi.advanceTimersByTimeAsync(10 * restMs);
  expect(requests).toEqual([]);
  const hide = model.show();
  await vi.advanceTimersByTimeAsync(0);
  expect(requests).toEqual([{ from: 1, width: 1, count: 1024 }]);
  let bins = 0;
  model.forEach(() => bins++);
  expect(bins).toBe(11);
  expect(model.hasFailures).toBe(true);
  hide();
  model.update([]);
  await vi.advanceTimersByTimeAsync(10 * restMs);
  expect(requests).toHaveLength(1);
});

it('asks once for all that was told while it rests', async () => {
  const { model, range, requests } = host(10);
  model.show();
  await vi.advanceTimersByTimeAsync(0);
  for (let told = 0; told < 20; told++) {
    range.lastSeq += 100;
    model.update([]);
    await vi.advanceTimersByTimeAsync(restMs / 20);
  }
  await vi.advanceTimersByTimeAsync(restMs);
  expect(requests.map(({ from }) => from)).toEqual([1, 11]);
});
