/** The parts of a C program that its lines use; in the order in which they stand there. */
export const cHelpers = {
  address: {
    text: `
/* An address of any family, with its length. */
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_un local;
        struct sockaddr_storage room;
    } as;
    socklen_t length;
};`,
  },
  failures: {
    text: `
static int failures;`,
  },
  check: {
    needs: ['failures'],
    text: `
/* Tells what a call has returned, behind the number that it has in the comments. An error is still in errno. */
static void check(int line, const char *call, long result, int is_expected)
{
    int error = errno;
    if (result == -1) {
        printf("%d: %s = -1 (%s)\\n", line, call, strerror(error));
    } else {
        printf("%d: %s = %ld\\n", line, call, result);
    }
    if (!is_expected) {
        fprintf(stderr, "%d: %s has not answered as expected\\n", line, call);
        failures++;
    }
}`,
  },
  mismatch: {
    needs: ['failures'],
    text: `
static void mismatch(int line, const char *what)
{
    fprintf(stderr, "%d: %s: not as expected\\n", line, what);
    failures++;
}`,
  },
  check_data: {
    needs: ['mismatch'],
    text: `
/* Compares what has been received. */
static void check_data(int line, const void *data, long length, const void *expected, long expected_length)
{
    if (length != expected_length || memcmp(data, expected, expected_length) != 0) {
        mismatch(line, "the data");
    }
}`,
  },
  check_prefix: {
    needs: ['mismatch'],
    text: `
/* Compares the beginning of what has been received. */
static void check_prefix(int line, const void *data, long length, const void *expected, long expected_length)
{
    if (length < expected_length || memcmp(data, expected, expected_length) != 0) {
        mismatch(line, "the data");
    }
}`,
  },
  is_other_file: {
    text: `
/* Whether something that is no socket has this name: only the files of sockets are removed. */
static int is_other_file(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode);
}`,
  },
  check_file: {
    needs: ['is_other_file'],
    text: `
/* Ends the program before it removes what is no socket. */
static void check_file(int line, const char *path)
{
    if (is_other_file(path)) {
        fprintf(stderr, "%d: the program ends: %s is no socket file\\n", line, path);
        exit(1);
    }
}`,
  },
  check_number: {
    needs: ['mismatch'],
    text: `
static void check_number(int line, const char *what, long value, long expected)
{
    if (value != expected) {
        fprintf(stderr, "%d: %s is %ld\\n", line, what, value);
        mismatch(line, what);
    }
}`,
  },
  check_time: {
    needs: ['mismatch'],
    text: `
static void check_time(int line, double seconds, double least, double most)
{
    if (seconds < least || seconds > most) {
        fprintf(stderr, "%d: it took %f s\\n", line, seconds);
        mismatch(line, "the time");
    }
}`,
  },
  check_address: {
    needs: ['address', 'mismatch'],
    text: `
/* Compares two addresses: family, host and port; a path up to its first NUL. */
static void check_address(int line, const struct address *a, const struct address *b)
{
    int is_same = a->length > 0 && b->length > 0 && a->as.any.sa_family == b->as.any.sa_family;
    if (is_same && a->as.any.sa_family == AF_INET) {
        is_same = a->as.ipv4.sin_port == b->as.ipv4.sin_port &&
                  a->as.ipv4.sin_addr.s_addr == b->as.ipv4.sin_addr.s_addr;
    } else if (is_same && a->as.any.sa_family == AF_INET6) {
        is_same = a->as.ipv6.sin6_port == b->as.ipv6.sin6_port &&
                  memcmp(&a->as.ipv6.sin6_addr, &b->as.ipv6.sin6_addr, sizeof a->as.ipv6.sin6_addr) == 0;
    } else if (is_same && a->as.any.sa_family == AF_UNIX && a->as.local.sun_path[0] != '\\0') {
        is_same = strncmp(a->as.local.sun_path, b->as.local.sun_path, sizeof a->as.local.sun_path) == 0;
    } else if (is_same) {
        is_same = a->length == b->length && memcmp(&a->as, &b->as, a->length) == 0;
    }
    if (!is_same) {
        mismatch(line, "the address");
    }
}`,
  },
  ipv4: {
    needs: ['address'],
    text: `
static struct address ipv4(const char *host, int port)
{
    struct address address = {0};
    address.as.ipv4.sin_family = AF_INET;
    address.as.ipv4.sin_port = htons(port);
    inet_pton(AF_INET, host, &address.as.ipv4.sin_addr);
    address.length = sizeof address.as.ipv4;
    return address;
}`,
  },
  ipv6: {
    needs: ['address'],
    text: `
static struct address ipv6(const char *host, int port, unsigned flowinfo, unsigned scope)
{
    struct address address = {0};
    address.as.ipv6.sin6_family = AF_INET6;
    address.as.ipv6.sin6_port = htons(port);
    address.as.ipv6.sin6_flowinfo = htonl(flowinfo);
    inet_pton(AF_INET6, host, &address.as.ipv6.sin6_addr);
    address.as.ipv6.sin6_scope_id = scope;
    address.length = sizeof address.as.ipv6;
    return address;
}`,
  },
  path: {
    needs: ['address'],
    text: `
/* The address of a Unix socket: a path with its NUL, where there is room for one. */
static struct address path(const char *name, size_t size)
{
    struct address address = {0};
    address.as.local.sun_family = AF_UNIX;
    memcpy(address.as.local.sun_path, name, size);
    address.length = offsetof(struct sockaddr_un, sun_path) + size + (size < sizeof address.as.local.sun_path);
    return address;
}`,
  },
  abstract_name: {
    needs: ['address'],
    text: `
/* The address of a Unix socket without a file: a NUL and a name of any bytes. */
static struct address abstract_name(const char *name, size_t size)
{
    struct address address = {0};
    address.as.local.sun_family = AF_UNIX;
    memcpy(address.as.local.sun_path + 1, name, size);
    address.length = offsetof(struct sockaddr_un, sun_path) + 1 + size;
    return address;
}`,
  },
  raw_address: {
    needs: ['address'],
    text: `
/* An address by its bytes. */
static struct address raw_address(const void *bytes, size_t size)
{
    struct address address = {0};
    memcpy(&address.as, bytes, size);
    address.length = size;
    return address;
}`,
  },
  resolve: {
    needs: ['address', 'mismatch'],
    text: `
/* The first address of a name that is of the socket's family. */
static struct address resolve(int line, int fd, const char *host, int port)
{
    struct address address = {0};
    struct addrinfo hints = {0}, *found;
    socklen_t length = sizeof hints.ai_family;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &hints.ai_family, &length);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        mismatch(line, "the name of the host");
        return address;
    }
    memcpy(&address.as, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    freeaddrinfo(found);
    if (address.as.any.sa_family == AF_INET) {
        address.as.ipv4.sin_port = htons(port);
    } else {
        address.as.ipv6.sin6_port = htons(port);
    }
    return address;
}`,
  },
  port_of: {
    needs: ['address'],
    text: `
static int port_of(const struct address *address)
{
    return ntohs(address->as.any.sa_family == AF_INET6 ? address->as.ipv6.sin6_port : address->as.ipv4.sin_port);
}`,
  },
  fill: {
    text: `
/* Fills a buffer with the same bytes again and again. */
static void fill(char *buffer, size_t size, const char *unit, size_t unit_size)
{
    for (size_t at = 0; at < size; at++) {
        buffer[at] = unit[at % unit_size];
    }
}`,
  },
  add_control: {
    text: `
/* Puts a control message behind those that the message has. */
static void add_control(struct msghdr *message, int level, int type, const void *data, size_t length)
{
    struct cmsghdr *part = (void *)((char *)message->msg_control + message->msg_controllen);
    part->cmsg_level = level;
    part->cmsg_type = type;
    part->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(part), data, length);
    message->msg_controllen += CMSG_SPACE(length);
}`,
  },
  control_count: {
    text: `
static int control_count(struct msghdr *message)
{
    int count = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        count++;
    }
    return count;
}`,
  },
  control_part: {
    needs: ['mismatch'],
    text: `
/* The control message at a place, which has to be of this kind and so long; NULL where it is not. */
static struct cmsghdr *control_part(int line, struct msghdr *message, int place, int level, int type, size_t length)
{
    struct cmsghdr *part = CMSG_FIRSTHDR(message);
    for (int at = 0; part != NULL && at < place; at++) {
        part = CMSG_NXTHDR(message, part);
    }
    if (part == NULL || part->cmsg_level != level || part->cmsg_type != type || part->cmsg_len < CMSG_LEN(length)) {
        mismatch(line, "the control messages");
        return NULL;
    }
    return part;
}`,
  },
  control_number: {
    text: `
/* The number in a control message: an int, or what has another length. */
static long control_number(const struct cmsghdr *part)
{
    unsigned char byte;
    unsigned short two;
    long eight;
    int four = 0;
    switch (part->cmsg_len - CMSG_LEN(0)) {
    case sizeof byte:
        memcpy(&byte, CMSG_DATA(part), sizeof byte);
        return byte;
    case sizeof two:
        memcpy(&two, CMSG_DATA(part), sizeof two);
        return two;
    case sizeof eight:
        memcpy(&eight, CMSG_DATA(part), sizeof eight);
        return eight;
    default:
        memcpy(&four, CMSG_DATA(part), sizeof four);
        return four;
    }
}`,
  },
  seconds_now: {
    text: `
static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}`,
  },
  nap: {
    text: `
static void nap(double seconds)
{
    struct timespec rest = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    while (nanosleep(&rest, &rest) == -1 && errno == EINTR) {
    }
}`,
  },
} as const satisfies Readonly<Record<string, { needs?: readonly string[]; text: string }>>;

/** Keeps the order of the lines of several threads. */
export const cTurns = `
/*
 * The order of the lines. The next to start is always the first in the file, not yet started, whose thread does not
 * wait. Nothing tells a program that a call of another thread sleeps: one that may sleep and has not returned within
 * \`patience\` counts as waiting, and as long a time is given to a wait that the latest call may have ended.
 */
static const double patience = 0.1;

enum state { IDLE, RUNS, MAY_WAIT, WAITS };

static pthread_mutex_t turns = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static enum state states[THREADS];
static double since[THREADS];  /* when the thread's call was started */
static int upcoming[THREADS] = FIRST_LINES;
static char is_done[LAST_LINE + 1];
static double latest;          /* when a line was done */

/* Whether no other thread goes first, with the mutex held. */
static int is_turn(int thread, int line)
{
    double now = seconds_now();
    for (int other = 0; other < THREADS; other++) {
        if (other == thread) {
            continue;
        }
        if (states[other] == RUNS || (states[other] == IDLE && upcoming[other] < line)) {
            return 0;
        }
        if (states[other] == MAY_WAIT && now - since[other] < patience) {
            return 0;
        }
        if (states[other] != IDLE && upcoming[other] < line && now - latest < patience) {
            return 0;
        }
    }
    return 1;
}

static void wait_for_change(void)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += 10 * 1000 * 1000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&turn_changed, &turns, &end);
}

/* Returns when it is a line's turn; \`next\` is the thread's line after it. */
static void begin(int thread, int line, int next, enum state state)
{
    pthread_mutex_lock(&turns);
    while (!is_turn(thread, line)) {
        wait_for_change();
    }
    states[thread] = state;
    since[thread] = seconds_now();
    upcoming[thread] = next;
    pthread_mutex_unlock(&turns);
}

static void end(int thread, int line)
{
    pthread_mutex_lock(&turns);
    states[thread] = IDLE;
    is_done[line] = 1;
    latest = seconds_now();
    pthread_cond_broadcast(&turn_changed);
    pthread_mutex_unlock(&turns);
}
`;

/** A line that takes its values from another thread's. */
export const cAwait = `
/* Returns when a line of another thread, whose value the next one needs, is done. */
static void await_line(int thread, int line)
{
    pthread_mutex_lock(&turns);
    states[thread] = WAITS;
    while (!is_done[line]) {
        wait_for_change();
    }
    states[thread] = IDLE;
    pthread_mutex_unlock(&turns);
}
`;
