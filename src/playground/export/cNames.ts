/** Lower-case names that C itself and the headers of the exported programs have: keywords, functions, types and macros. */
export const cNames: ReadonlySet<string> = new Set(
  `a64l abort abs accept accept4 access acct alarm alignas aligned_alloc alignof alloca arc4random
  arc4random_buf arc4random_uniform asctime asctime_r asm asprintf at_quick_exit atexit atof atoi atol
  atoll auto basename bcmp bcopy be16toh be32toh be64toh bind bindresvport bindresvport6 blkcnt64_t
  blkcnt_t blksize_t bool break brk bsearch bzero caddr_t calloc canonicalize_file_name case char chdir
  chmod chown chroot clearenv clearerr clearerr_unlocked clock clock_adjtime clock_getcpuclockid
  clock_getres clock_gettime clock_nanosleep clock_settime clock_t clockid_t clone close close_range
  closefrom comparison_fn_t confstr connect const constexpr continue cookie_close_function_t
  cookie_read_function_t cookie_seek_function_t cookie_write_function_t copy_file_range creat creat64
  crypt ctermid ctime ctime_r cuserid daddr_t daemon daylight default dev_t difftime div do double
  dprintf drand48 drand48_r dup dup2 dup3 dysize eaccess ecvt ecvt_r else endhostent endnetent
  endnetgrent endprotoent endrpcent endservent endusershell enum environ erand48 erand48_r errno error_t
  euidaccess execl execle execlp execv execve execveat execvp execvpe exit explicit_bzero extern
  faccessat fallocate fallocate64 false fchdir fchmod fchmodat fchown fchownat fclose fcloseall fcntl
  fcntl64 fcvt fcvt_r fd_mask fdatasync fdopen feof feof_unlocked ferror ferror_unlocked fexecve fflush
  fflush_unlocked ffs ffsl ffsll fgetc fgetc_unlocked fgetpos fgetpos64 fgets fgets_unlocked fileno
  fileno_unlocked float flockfile fmemopen fopen fopen64 fopencookie for fork fpathconf fpos64_t fpos_t
  fpregset_t fprintf fputc fputc_unlocked fputs fputs_unlocked fread fread_unlocked free freeaddrinfo
  freopen freopen64 fsblkcnt64_t fsblkcnt_t fscanf fseek fseeko fseeko64 fsetpos fsetpos64 fsfilcnt64_t
  fsfilcnt_t fsid_t fstat fstat64 fstatat fstatat64 fsync ftell ftello ftello64 ftruncate ftruncate64
  ftrylockfile funlockfile futimens fwrite fwrite_unlocked gai_cancel gai_error gai_strerror gai_suspend
  gcvt get_current_dir_name getaddrinfo getaddrinfo_a getc getc_unlocked getchar getchar_unlocked getcpu
  getcwd getdate getdate_err getdate_r getdelim getdomainname getdtablesize getegid getentropy getenv
  geteuid getgid getgroups gethostbyaddr gethostbyaddr_r gethostbyname gethostbyname2 gethostbyname2_r
  gethostbyname_r gethostent gethostent_r gethostid gethostname getipv4sourcefilter getline getloadavg
  getlogin getlogin_r getnameinfo getnetbyaddr getnetbyaddr_r getnetbyname getnetbyname_r getnetent
  getnetent_r getnetgrent getnetgrent_r getopt getpagesize getpass getpeername getpgid getpgrp getpid
  getppid getprotobyname getprotobyname_r getprotobynumber getprotobynumber_r getprotoent getprotoent_r
  getpt getresgid getresuid getrpcbyname getrpcbyname_r getrpcbynumber getrpcbynumber_r getrpcent
  getrpcent_r getservbyname getservbyname_r getservbyport getservbyport_r getservent getservent_r getsid
  getsockname getsockopt getsourcefilter getsubopt gettid getuid getumask getusershell getw getwd gid_t
  gmtime gmtime_r goto grantpt gregset_t group_member gsignal h_addr h_errno herror hstrerror htobe16
  htobe32 htobe64 htole16 htole32 htole64 htonl htons id_t if in6addr_any in6addr_loopback in_addr_t
  in_port_t index inet6_opt_append inet6_opt_find inet6_opt_finish inet6_opt_get_val inet6_opt_init
  inet6_opt_next inet6_opt_set_val inet6_option_alloc inet6_option_append inet6_option_find
  inet6_option_init inet6_option_next inet6_option_space inet6_rth_add inet6_rth_getaddr inet6_rth_init
  inet6_rth_reverse inet6_rth_segments inet6_rth_space inet_addr inet_aton inet_lnaof inet_makeaddr
  inet_net_ntop inet_net_pton inet_neta inet_netof inet_network inet_nsap_addr inet_nsap_ntoa inet_ntoa
  inet_ntop inet_pton initstate initstate_r inline innetgr ino64_t ino_t int int16_t int32_t int64_t
  int8_t int_fast16_t int_fast32_t int_fast64_t int_fast8_t int_least16_t int_least32_t int_least64_t
  int_least8_t intmax_t intptr_t ioctl iruserok iruserok_af isatty isfdtype jrand48 jrand48_r key_t kill
  killpg l64a labs lchmod lchown lcong48 lcong48_r ldiv le16toh le32toh le64toh link linkat linux listen
  llabs lldiv locale_t localtime localtime_r lockf lockf64 loff_t long lrand48 lrand48_r lseek lseek64
  lstat lstat64 main malloc mblen mbstowcs mbtowc memccpy memchr memcmp memcpy memfrob memmem memmove
  mempcpy memrchr memset mkdir mkdirat mkdtemp mkfifo mkfifoat mknod mknodat mkostemp mkostemp64
  mkostemps mkostemps64 mkstemp mkstemp64 mkstemps mkstemps64 mktemp mktime mode_t mrand48 mrand48_r
  name_to_handle_at nanosleep nfds_t nice nlink_t nrand48 nrand48_r ntohl ntohs nullptr obstack_printf
  obstack_vprintf off64_t off_t on_exit open open64 open_by_handle_at open_memstream openat openat64
  optarg opterr optind optopt pathconf pause pclose perror pid_t pipe pipe2 poll popen posix_fadvise
  posix_fadvise64 posix_fallocate posix_fallocate64 posix_memalign posix_openpt ppoll pread pread64
  printf profil program_invocation_name program_invocation_short_name pselect psiginfo psignal
  pthread_atfork pthread_attr_destroy pthread_attr_getaffinity_np pthread_attr_getdetachstate
  pthread_attr_getguardsize pthread_attr_getinheritsched pthread_attr_getschedparam
  pthread_attr_getschedpolicy pthread_attr_getscope pthread_attr_getsigmask_np pthread_attr_getstack
  pthread_attr_getstackaddr pthread_attr_getstacksize pthread_attr_init pthread_attr_setaffinity_np
  pthread_attr_setdetachstate pthread_attr_setguardsize pthread_attr_setinheritsched
  pthread_attr_setschedparam pthread_attr_setschedpolicy pthread_attr_setscope
  pthread_attr_setsigmask_np pthread_attr_setstack pthread_attr_setstackaddr pthread_attr_setstacksize
  pthread_attr_t pthread_barrier_destroy pthread_barrier_init pthread_barrier_wait
  pthread_barrierattr_destroy pthread_barrierattr_getpshared pthread_barrierattr_init
  pthread_barrierattr_setpshared pthread_cancel pthread_cleanup_pop pthread_cleanup_pop_restore_np
  pthread_cleanup_push pthread_cleanup_push_defer_np pthread_clockjoin_np pthread_cond_broadcast
  pthread_cond_clockwait pthread_cond_destroy pthread_cond_init pthread_cond_signal
  pthread_cond_timedwait pthread_cond_wait pthread_condattr_destroy pthread_condattr_getclock
  pthread_condattr_getpshared pthread_condattr_init pthread_condattr_setclock
  pthread_condattr_setpshared pthread_create pthread_detach pthread_equal pthread_exit
  pthread_getaffinity_np pthread_getattr_default_np pthread_getattr_np pthread_getconcurrency
  pthread_getcpuclockid pthread_getname_np pthread_getschedparam pthread_getspecific pthread_join
  pthread_key_create pthread_key_delete pthread_key_t pthread_kill pthread_mutex_clocklock
  pthread_mutex_consistent pthread_mutex_consistent_np pthread_mutex_destroy
  pthread_mutex_getprioceiling pthread_mutex_init pthread_mutex_lock pthread_mutex_setprioceiling
  pthread_mutex_timedlock pthread_mutex_trylock pthread_mutex_unlock pthread_mutexattr_destroy
  pthread_mutexattr_getprioceiling pthread_mutexattr_getprotocol pthread_mutexattr_getpshared
  pthread_mutexattr_getrobust pthread_mutexattr_getrobust_np pthread_mutexattr_gettype
  pthread_mutexattr_init pthread_mutexattr_setprioceiling pthread_mutexattr_setprotocol
  pthread_mutexattr_setpshared pthread_mutexattr_setrobust pthread_mutexattr_setrobust_np
  pthread_mutexattr_settype pthread_once pthread_once_t pthread_rwlock_clockrdlock
  pthread_rwlock_clockwrlock pthread_rwlock_destroy pthread_rwlock_init pthread_rwlock_rdlock
  pthread_rwlock_timedrdlock pthread_rwlock_timedwrlock pthread_rwlock_tryrdlock
  pthread_rwlock_trywrlock pthread_rwlock_unlock pthread_rwlock_wrlock pthread_rwlockattr_destroy
  pthread_rwlockattr_getkind_np pthread_rwlockattr_getpshared pthread_rwlockattr_init
  pthread_rwlockattr_setkind_np pthread_rwlockattr_setpshared pthread_self pthread_setaffinity_np
  pthread_setattr_default_np pthread_setcancelstate pthread_setcanceltype pthread_setconcurrency
  pthread_setname_np pthread_setschedparam pthread_setschedprio pthread_setspecific pthread_sigmask
  pthread_sigqueue pthread_spin_destroy pthread_spin_init pthread_spin_lock pthread_spin_trylock
  pthread_spin_unlock pthread_spinlock_t pthread_t pthread_testcancel pthread_timedjoin_np
  pthread_tryjoin_np pthread_yield ptsname ptsname_r putc putc_unlocked putchar putchar_unlocked putenv
  puts putw pwrite pwrite64 qecvt qecvt_r qfcvt qfcvt_r qgcvt qsort qsort_r quad_t quick_exit raise rand
  rand_r random random_r rawmemchr rcmd rcmd_af read readahead readlink readlinkat realloc reallocarray
  realpath recv recvfrom recvmmsg recvmsg register remove rename renameat renameat2 restrict return
  revoke rewind rexec rexec_af rindex rmdir rpmatch rresvport rresvport_af ruserok ruserok_af s6_addr
  s6_addr16 s6_addr32 sa_family_t sa_handler sa_sigaction sbrk scanf sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getcpu sched_getparam sched_getscheduler sched_priority
  sched_rr_get_interval sched_setaffinity sched_setparam sched_setscheduler sched_yield secure_getenv
  seed48 seed48_r select send sendmmsg sendmsg sendto setbuf setbuffer setdomainname setegid setenv
  seteuid setgid sethostent sethostid sethostname setipv4sourcefilter setlinebuf setlogin setnetent
  setnetgrent setns setpgid setpgrp setprotoent setregid setresgid setresuid setreuid setrpcent
  setservent setsid setsockopt setsourcefilter setstate setstate_r setuid setusershell setvbuf short
  shutdown si_addr si_addr_lsb si_arch si_band si_call_addr si_fd si_int si_lower si_overrun si_pid
  si_pkey si_ptr si_status si_stime si_syscall si_timerid si_uid si_upper si_utime si_value sig_atomic_t
  sig_t sigabbrev_np sigaction sigaddset sigaltstack sigandset sigblock sigdelset sigdescr_np
  sigemptyset sigev_notify_attributes sigev_notify_function sigfillset siggetmask sighandler_t sighold
  sigignore siginterrupt sigisemptyset sigismember sigmask signal signed sigorset sigpause sigpending
  sigprocmask sigqueue sigrelse sigreturn sigset sigset_t sigsetmask sigstack sigsuspend sigtimedwait
  sigval_t sigwait sigwaitinfo size_t sizeof sleep snprintf sockatmark socket socketpair socklen_t
  splice sprintf srand srand48 srand48_r srandom srandom_r sscanf ssignal ssize_t st_atime st_ctime
  st_mtime stat stat64 static static_assert statx stderr stdin stdout stpcpy stpncpy strcasecmp
  strcasecmp_l strcasestr strcat strchr strchrnul strcmp strcoll strcoll_l strcpy strcspn strdup strdupa
  strerror strerror_l strerror_r strerrordesc_np strerrorname_np strfromd strfromf strfromf128
  strfromf32 strfromf32x strfromf64 strfromf64x strfroml strfry strftime strftime_l strlen strncasecmp
  strncasecmp_l strncat strncmp strncpy strndup strndupa strnlen strpbrk strptime strptime_l strrchr
  strsep strsignal strspn strstr strtod strtod_l strtof strtof128 strtof128_l strtof32 strtof32_l
  strtof32x strtof32x_l strtof64 strtof64_l strtof64x strtof64x_l strtof_l strtok strtok_r strtol
  strtol_l strtold strtold_l strtoll strtoll_l strtoq strtoul strtoul_l strtoull strtoull_l strtouq
  struct strverscmp strxfrm strxfrm_l suseconds_t swab switch symlink symlinkat sync sync_file_range
  syncfs syscall sysconf system sysv_signal tcgetpgrp tcp_seq tcsetpgrp tee tempnam tgkill thread_local
  time time_t timegm timelocal timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timer_t timespec_get timespec_getres timezone tmpfile tmpfile64 tmpnam tmpnam_r true truncate
  truncate64 ttyname ttyname_r ttyslot typedef typeof tzname tzset u_char u_int u_int16_t u_int32_t
  u_int64_t u_int8_t u_long u_quad_t u_short ualarm uid_t uint uint16_t uint32_t uint64_t uint8_t
  uint_fast16_t uint_fast32_t uint_fast64_t uint_fast8_t uint_least16_t uint_least32_t uint_least64_t
  uint_least8_t uintmax_t uintptr_t ulong umask ungetc union unix unlink unlinkat unlockpt unsetenv
  unshare unsigned useconds_t ushort usleep utimensat va_list valloc vasprintf vdprintf vfork vfprintf
  vfscanf vhangup vmsplice void volatile vprintf vscanf vsnprintf vsprintf vsscanf wchar_t wcstombs
  wctomb while write`.split(/\s+/),
);
