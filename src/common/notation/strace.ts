/**
 * Calls outside the vocabulary that strace shows beside the sockets' own, with `-e trace=network,desc` and without.
 * They are skipped with a note; any other unknown name is an error.
 */
const foreignCalls: ReadonlySet<string> = new Set(
  `access alarm arch_prctl bpf brk capget chdir chmod chown clock_getres clock_gettime clock_nanosleep clone clone3
   close_range copy_file_range creat epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait
   eventfd eventfd2 execve exit exit_group faccessat faccessat2 fadvise64 fallocate fanotify_init fanotify_mark
   fchdir fchmod fchmodat fchown fchownat fdatasync fgetxattr finit_module flistxattr flock fork fremovexattr
   fsconfig fsetxattr fsmount fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
   ftruncate64 futex futimesat getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
   getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid gettid
   gettimeofday getuid getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_uring_enter
   io_uring_register io_uring_setup ioprio_get kill landlock_create_ruleset link linkat _llseek llseek lseek
   lstat madvise membarrier memfd_create mincore mkdir mkdirat mknod mknodat mlock mlockall mmap mmap2
   move_mount mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mremap munlock munmap
   name_to_handle_at nanosleep newfstatat _newselect open open_by_handle_at open_tree openat openat2 pause
   perf_event_open personality pidfd_getfd pidfd_open pidfd_send_signal prctl pread64 preadv preadv2 prlimit64
   process_madvise pselect6 pwrite64 pwritev pwritev2 readahead readlink readlinkat rename renameat renameat2
   restart_syscall rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_getparam
   sched_getscheduler sched_setaffinity sched_setscheduler sched_yield seccomp select sendfile sendfile64
   set_robust_list set_tid_address setgid setgroups setitimer setns setpgid setpriority setresgid setresuid
   setrlimit setsid setuid sigaltstack signalfd signalfd4 socketcall splice stat statfs statx symlink symlinkat
   sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_settime timerfd_create
   timerfd_gettime timerfd_settime times tkill truncate umask uname unlinkat userfaultfd utimensat utimes vfork
   vmsplice wait4 waitid`.split(/\s+/),
);

/** Whether strace may print a call of this name that the notation has no record for. */
export function isForeignCall(name: string): boolean {
  return foreignCalls.has(name);
}

const remark = /^\s*(?:\[pid\s+(\d+)\]\s+|(\d+)\s+)?(\+\+\+ .* \+\+\+|--- .* ---|strace: .*)\s*$/;

/** What strace prints between the calls: exits, signals, its own remarks. */
export function isRemark(line: string): boolean {
  return remark.test(line);
}

/** Where strace wrote into the middle of a call that another process was attached; the call goes on in the next line. */
export function tornAt(line: string): number | undefined {
  const found =
    /\Sstrace: Process \d+ (?:attached|detached)\s*$|\s(?=strace: Process \d+ (?:attached|detached)\s*$)/.exec(
      line,
    );
  return found && line.slice(0, found.index).trim() !== '' ? found.index + 1 : undefined;
}

/** The thread of lines that name none. */
export const mainThread = 'main';

/**
 * Which thread a line of strace's is of. On standard error strace names the process only while there are several, so
 * that one and the same thread goes by two names; what it says of the processes that come and go tells which one a
 * line without a name is of.
 */
export class StraceThreads {
  private readonly attached = new Set<string>();
  private readonly living = new Set<string>();
  /** The name with a number of the process that strace began with. */
  private first: string | undefined;

  /** Takes over what a line says of processes: a remark, or one that strace wrote into a call. */
  note(line: string): void {
    const said = /strace: Process (\d+) (attached|detached)\s*$/.exec(line);
    if (said) {
      const name = `pid ${said[1]}`;
      if (said[2] === 'attached') {
        this.attached.add(name);
        this.living.add(name);
      } else {
        this.living.delete(this.threadOf(name));
      }
      return;
    }
    const ended = remark.exec(line);
    if (ended?.[3]?.startsWith('+++')) {
      const pid = ended[1] ?? ended[2];
      this.living.delete(this.threadOf(pid === undefined ? undefined : `pid ${pid}`));
    }
  }

  /** @param name The name that the line begins with: `pid 4101`. */
  threadOf(name: string | undefined): string {
    const thread = name === undefined ? this.only() : this.nameOf(name);
    if (!this.attached.has(thread)) {
      this.living.add(thread);
    }
    return thread;
  }

  private only(): string {
    const [only = mainThread] = this.living;
    return this.living.size > 1 ? mainThread : only;
  }

  private nameOf(name: string): string {
    if (this.attached.size > 0 && !this.attached.has(name) && name.startsWith('pid ')) {
      this.first ??= name;
    }
    return name === this.first ? mainThread : name;
  }
}
