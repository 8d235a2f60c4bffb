import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { LogOutputChannel } from 'vscode';
import { Emitter } from '../../src/common/event.js';
import type { HostStatus } from '../../src/common/protocol/panel.js';
import type { SocketHostProcess } from '../../src/playground/socketHostProcess.js';

const { showWarningMessage, answers } = vi.hoisted(() => {
  const answers: ((chosen: string | undefined) => void)[] = [];
  const showWarningMessage = vi.fn<() => Promise<string | undefined>>(
    () => new Promise((resolve) => answers.push(resolve)),
  );
  return { showWarningMessage, answers };
});

vi.mock('vscode', () => ({ window: { showWarningMessage } }));

const { HostNotices } = await import('../../src/extension/hostNotices.js');

beforeEach(() => {
  answers.length = 0;
  showWarningMessage.mockClear();
});

function start() {
  const statuses = new Emitter<HostStatus>();
  const responsive = new Emitter<boolean>();
  const host = {
    status: { kind: 'idle' } as HostStatus,
    onDidChangeStatus: statuses.event,
    onDidChangeResponsive: responsive.event,
    kill: vi.fn<() => void>(),
  };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const notices = new HostNotices(host as unknown as SocketHostProcess, log as unknown as LogOutputChannel);
  onTestFinished(() => notices.dispose());
  const become = (status: HostStatus) => {
    host.status = status;
    statuses.fire(status);
  };
  const run = (pid: number) =>
    become({ kind: 'running', host: { pid, platform: 'linux', kernel: 'test', isRoot: false } });
  run(1);
  return { host, run, lose: () => become({ kind: 'lost', reason: 'test' }), responsive };
}

async function click(index: number): Promise<void> {
  answers[index]!('Stop It');
  await new Promise((resolve) => setImmediate(resolve));
}

test('a host that does not answer is stopped on demand', async () => {
  const { host, responsive } = start();
  responsive.fire(false);
  expect(host.kill).not.toHaveBeenCalled();
  await click(0);
  expect(host.kill).toHaveBeenCalledOnce();
});

test('one that answers again is left alone by a late click', async () => {
  const { host, responsive } = start();
  responsive.fire(false);
  responsive.fire(true);
  await click(0);
  expect(host.kill).not.toHaveBeenCalled();
});

test('one message asks about a host, however often it stops answering', async () => {
  const { host, responsive } = start();
  responsive.fire(false);
  responsive.fire(true);
  responsive.fire(false);
  expect(showWarningMessage).toHaveBeenCalledOnce();
  await click(0);
  expect(host.kill).toHaveBeenCalledOnce();
});

test('the next host is not stopped by the message about the one before, and has its own', async () => {
  const { host, run, lose, responsive } = start();
  responsive.fire(false);
  lose();
  run(2);
  responsive.fire(false);
  expect(showWarningMessage).toHaveBeenCalledTimes(2);
  await click(0);
  expect(host.kill).not.toHaveBeenCalled();
  await click(1);
  expect(host.kill).toHaveBeenCalledOnce();
});
