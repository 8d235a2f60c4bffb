/**
 * Calls outside the vocabulary that `strace -f -e trace=network,desc` shows beside the sockets' own. They are
 * skipped with a note; any other unknown name is an error.
 */
const foreignCalls: ReadonlySet<string> = new Set(
  `_newselect access arch_prctl bpf brk chdir clock_nanosleep clone clone3 close_range copy_file_range creat
   epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve exit exit_group
   faccessat faccessat2 fadvise64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchown fchownat
   fdatasync fgetxattr finit_module flistxattr flock fork fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat
   fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futimesat getdents getdents64 getpid
   getrandom gettid inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_uring_enter io_uring_register
   io_uring_setup kill linkat llseek _llseek lseek madvise memfd_create mkdirat mknodat mmap mmap2 move_mount
   mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mremap munmap name_to_handle_at nanosleep
   newfstatat open openat openat2 open_by_handle_at open_tree perf_event_open pidfd_getfd pidfd_open
   pidfd_send_signal pread64 preadv preadv2 prlimit64 process_madvise pselect6 pwrite64 pwritev
   pwritev2 readahead readlinkat renameat renameat2 restart_syscall rseq rt_sigaction rt_sigprocmask
   rt_sigreturn select sendfile sendfile64 set_robust_list set_tid_address setns signalfd signalfd4
   socketcall splice statx symlinkat sync_file_range syncfs tee tgkill timerfd_create timerfd_gettime
   timerfd_settime unlinkat userfaultfd utimensat vfork vmsplice wait4 waitid`.split(/\s+/),
);

/** Calls that amount to records of other names. */
export const rewrittenCalls: ReadonlySet<string> = new Set([
  'readv',
  'writev',
  'dup2',
  'dup3',
  'pipe2',
  'ppoll',
  'sendmmsg',
  'recvmmsg',
]);

/** Whether strace may print a call of this name that the notation has no record for. */
export function isForeignCall(name: string): boolean {
  return foreignCalls.has(name);
}

/** What strace prints between the calls: exits, signals, its own remarks. */
export function isRemark(line: string): boolean {
  return /^\s*(\[pid\s+\d+\]\s+|\d+\s+)?(\+\+\+ .* \+\+\+|--- .* ---|strace: .*)\s*$/.test(line);
}

/** Where strace wrote into the middle of a call that another process was attached; the call goes on in the next line. */
export function tornAt(line: string): number | undefined {
  const found =
    /\Sstrace: Process \d+ (?:attached|detached)\s*$|\s(?=strace: Process \d+ (?:attached|detached)\s*$)/.exec(
      line,
    );
  return found && line.slice(0, found.index).trim() !== '' ? found.index + 1 : undefined;
}
