// What the socket host is measured against: one thread, one edge-triggered epoll descriptor, nothing kept.
//   server tcp echo|discard|keep     keep: as much of what came last as the socket host keeps in memory
//   server udp recvfrom|recvmmsg     echoes datagrams
// Prints its port and serves until it is killed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { bufferSize = 64 * 1024, maxFds = 65536, batch = 64, largestDatagram = 2048, kept = 64 << 20 };

static char buffer[kept];
/** Of the buffer so much serves, one block after the other. */
static size_t room = bufferSize, next;
/** What the peer has not taken yet, for each descriptor. */
static struct { char *bytes; size_t start, end; } unsent[maxFds];
static int epfd;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int bound(int type) {
  int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || getsockname(fd, (struct sockaddr *)&address, &length)) {
    fail("bind");
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd};
  if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event)) {
    fail("epoll_ctl");
  }
}

static void end(int fd) {
  free(unsent[fd].bytes);
  memset(&unsent[fd], 0, sizeof unsent[fd]);
  close(fd);
}

/** Sends what it can; 0 when the rest has to wait, -1 when the connection is gone. */
static int sendAll(int fd, const char *bytes, size_t length, size_t *sent) {
  *sent = 0;
  while (*sent < length) {
    ssize_t count = send(fd, bytes + *sent, length - *sent, MSG_NOSIGNAL);
    if (count < 0) {
      return errno == EAGAIN ? 0 : -1;
    }
    *sent += (size_t)count;
  }
  return 1;
}

/** Sends what was left; 1 when nothing is left. */
static int flushUnsent(int fd) {
  size_t sent;
  if (!unsent[fd].bytes) {
    return 1;
  }
  int state = sendAll(fd, unsent[fd].bytes + unsent[fd].start, unsent[fd].end - unsent[fd].start, &sent);
  unsent[fd].start += sent;
  if (state > 0) {
    free(unsent[fd].bytes);
    memset(&unsent[fd], 0, sizeof unsent[fd]);
  }
  return state;
}

static void keep(int fd, const char *bytes, size_t length) {
  unsent[fd].bytes = malloc(length);
  unsent[fd].start = 0;
  unsent[fd].end = length;
  memcpy(unsent[fd].bytes, bytes, length);
}

/** A short count means that nothing is left, unless the end of the stream has been told as well. */
static void serve(int fd, int isEcho, unsigned events) {
  int state = flushUnsent(fd);
  while (state > 0) {
    char *block = buffer + next;
    ssize_t count = recv(fd, block, bufferSize, 0);
    if (count < 0 && errno == EAGAIN) {
      return;
    }
    if (count > 0 && (next += (size_t)count) + bufferSize > room) {
      next = 0;
    }
    if (count <= 0) {
      state = -1;
    } else if (isEcho) {
      size_t sent;
      state = sendAll(fd, block, (size_t)count, &sent);
      if (state == 0) {
        keep(fd, block + sent, (size_t)count - sent);
      }
    }
    if (count > 0 && count < bufferSize && !(events & EPOLLRDHUP)) {
      break;
    }
  }
  if (state < 0) {
    end(fd);
  }
}

static void acceptAll(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN) {
        return;
      }
      fail("accept");
    }
    watch(fd);
  }
}

static void serveTcp(int isEcho) {
  struct epoll_event events[128];
  int listener = bound(SOCK_STREAM);
  if (listen(listener, 4096)) {
    fail("listen");
  }
  watch(listener);
  for (;;) {
    int count = epoll_wait(epfd, events, 128, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == listener) {
        acceptAll(listener);
      } else {
        serve(events[i].data.fd, isEcho, events[i].events);
      }
    }
  }
}

static void echoDatagrams(int fd) {
  struct sockaddr_in from;
  for (;;) {
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(fd, buffer, bufferSize, 0, (struct sockaddr *)&from, &length);
    if (count < 0) {
      return;
    }
    sendto(fd, buffer, (size_t)count, 0, (struct sockaddr *)&from, length);
  }
}

static void echoBatches(int fd) {
  static struct mmsghdr messages[batch];
  static struct iovec vectors[batch];
  static struct sockaddr_in from[batch];
  static char bodies[batch][largestDatagram];
  for (;;) {
    for (int i = 0; i < batch; i++) {
      vectors[i] = (struct iovec){bodies[i], largestDatagram};
      messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(fd, messages, batch, 0, NULL);
    if (count < 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      vectors[i].iov_len = messages[i].msg_len;
    }
    for (int sent = 0; sent < count;) {
      int more = sendmmsg(fd, messages + sent, (unsigned)(count - sent), 0);
      if (more < 0) {
        break;
      }
      sent += more;
    }
  }
}

static void serveUdp(int isBatched) {
  int fd = bound(SOCK_DGRAM);
  struct epoll_event event;
  watch(fd);
  for (;;) {
    if (epoll_wait(epfd, &event, 1, -1) == 1 && (event.events & EPOLLIN)) {
      if (isBatched) {
        echoBatches(fd);
      } else {
        echoDatagrams(fd);
      }
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    return 2;
  }
  epfd = epoll_create1(EPOLL_CLOEXEC);
  if (!strcmp(argv[2], "keep")) {
    room = kept;
  }
  if (!strcmp(argv[1], "tcp")) {
    serveTcp(!strcmp(argv[2], "echo"));
  } else {
    serveUdp(!strcmp(argv[2], "recvmmsg"));
  }
  return 0;
}
