import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { LogOutputChannel } from 'vscode';
import { Emitter } from '../../src/common/event.js';
import type { HostStatus } from '../../src/common/protocol/panel.js';
import type { SocketHostProcess } from '../../src/playground/socketHostProcess.js';

const { showWarningMessage, showErrorMessage, answers } = vi.hoisted(() => {
  const answers: ((chosen: string | undefined) => void)[] = [];
  const show = () =>
    vi.fn<(message: string) => Promise<string | undefined>>(
      () => new Promise((resolve) => answers.push(resolve)),
    );
  return { showWarningMessage: show(), showErrorMessage: show(), answers };
});

vi.mock('vscode', () => ({ window: { showWarningMessage, showErrorMessage } }));

const { HostNotices } = await import('../../src/extension/hostNotices.js');

beforeEach(() => {
  answers.length = 0;
  showWarningMessage.mockClear();
  showErrorMessage.mockClear();
});

function start() {
  const statuses = new Emitter<HostStatus>();
  const responsive = new Emitter<boolean>();
  const givenUp = new Emitter<string>();
  const host = {
    status: { kind: 'idle' } as HostStatus,
    onDidChangeStatus: statuses.event,
    onDidChangeResponsive: responsive.event,
    onDidGiveUp: givenUp.event,
    stop: vi.fn<() => void>(),
    restart: vi.fn<() => Promise<void>>(() => Promise.resolve()),
  };
  const log = { info: () => {}, warn: () => {}, error: () => {}, show: vi.fn<() => void>() };
  const notices = new HostNotices(host as unknown as SocketHostProcess, log as unknown as LogOutputChannel);
  onTestFinished(() => notices.dispose());
  const become = (status: HostStatus) => {
    host.status = status;
    statuses.fire(status);
  };
  const run = (pid: number) =>
    become({
      kind: 'running',
      host: { pid, platform: 'linux', kernel: 'test', isRoot: false },
      originTime: 0,
    });
  run(1);
  return { host, log, run, lose: () => become({ kind: 'lost', reason: 'test' }), responsive, givenUp };
}

async function click(index: number, action = 'Stop It'): Promise<void> {
  answers[index]!(action);
  await new Promise((resolve) => setImmediate(resolve));
}

test('a host that does not answer is stopped on demand', async () => {
  const { host, responsive } = start();
  responsive.fire(false);
  expect(host.stop).not.toHaveBeenCalled();
  await click(0);
  expect(host.stop).toHaveBeenCalledOnce();
});

test('one that answers again is left alone by a late click', async () => {
  const { host, responsive } = start();
  responsive.fire(false);
  responsive.fire(true);
  await click(0);
  expect(host.stop).not.toHaveBeenCalled();
});

test('one message asks about a host, however often it stops answering', async () => {
  const { host, responsive } = start();
  responsive.fire(false);
  responsive.fire(true);
  responsive.fire(false);
  expect(showWarningMessage).toHaveBeenCalledOnce();
  await click(0);
  expect(host.stop).toHaveBeenCalledOnce();
});

test('the next host is not stopped by the message about the one before, and has its own', async () => {
  const { host, run, lose, responsive } = start();
  responsive.fire(false);
  lose();
  run(2);
  responsive.fire(false);
  expect(showWarningMessage).toHaveBeenCalledTimes(2);
  await click(0);
  expect(host.stop).not.toHaveBeenCalled();
  await click(1);
  expect(host.stop).toHaveBeenCalledOnce();
});

test('a host that has ended too often is started again on demand only, and one message asks', async () => {
  const { host, log, lose, givenUp } = start();
  lose();
  givenUp.fire('It has ended 4 times.');
  givenUp.fire('It has ended 4 times.');
  expect(showErrorMessage).toHaveBeenCalledOnce();
  expect(showErrorMessage.mock.lastCall![0]).toBe('It has ended 4 times.');
  expect(host.restart).not.toHaveBeenCalled();
  await click(0, 'Show Log');
  expect(log.show).toHaveBeenCalledOnce();
  expect(host.restart).not.toHaveBeenCalled();
  givenUp.fire('It has ended 4 times.');
  await click(1, 'Start It Again');
  expect(host.restart).toHaveBeenCalledOnce();
});

test('a late yes does not start a second host', async () => {
  const { host, run, lose, givenUp } = start();
  lose();
  givenUp.fire('It has ended 4 times.');
  run(2);
  await click(0, 'Start It Again');
  expect(host.restart).not.toHaveBeenCalled();
});
