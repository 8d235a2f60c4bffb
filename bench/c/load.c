// The other end of every load, the same for all servers. One line of results on standard output.
//   load bulk PORT SECONDS             one connection, sends blocks of 64 KiB: bytes a second that were received
//   load pingpong PORT SECONDS         one connection, 64 bytes there and back: round trips a second
//   load messages PORT SECONDS COUNT   COUNT connections with one message of 64 bytes under way each: messages a second
//   load datagrams PORT SECONDS        64 datagrams of 64 bytes under way: echoed datagrams a second, and how many were lost
//   load steady PORT SECONDS COUNT      COUNT datagrams of 64 bytes a second, as evenly as a clock allows; answers are not read
//   load connections PORT COUNT        opens COUNT connections: accepted a second; holds them until a line comes in
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { messageSize = 64, blockSize = 64 * 1024, window = 64, openAtOnce = 1000 };

static char block[blockSize];
static struct sockaddr_in server = {.sin_family = AF_INET};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int connected(int type) {
  int fd = socket(AF_INET, type, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server)) {
    fail("connect");
  }
  if (type == SOCK_STREAM) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return fd;
}

static void receiveWhole(int fd, size_t length) {
  if (recv(fd, block, length, MSG_WAITALL) != (ssize_t)length) {
    fail("recv");
  }
}

static void exchange(int fd) {
  if (send(fd, block, messageSize, MSG_NOSIGNAL) != messageSize) {
    fail("send");
  }
  receiveWhole(fd, messageSize);
}

static void bulk(double seconds) {
  int fd = connected(SOCK_STREAM);
  double start = now(), bytes = 0;
  while (now() - start < seconds) {
    ssize_t count = send(fd, block, blockSize, MSG_NOSIGNAL);
    if (count < 0) {
      fail("send");
    }
    bytes += (double)count;
  }
  // The server closes when it has received everything.
  shutdown(fd, SHUT_WR);
  while (recv(fd, block, blockSize, 0) > 0) {
  }
  printf("%.0f\n", bytes / (now() - start));
}

static void pingpong(double seconds) {
  int fd = connected(SOCK_STREAM);
  double start = now(), count = 0;
  while (now() - start < seconds) {
    for (int i = 0; i < 16; i++, count++) {
      exchange(fd);
    }
  }
  printf("%.0f\n", count / (now() - start));
}

static void messages(double seconds, int connections) {
  struct epoll_event events[128];
  int epfd = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    int fd = connected(SOCK_STREAM);
    exchange(fd);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
  }
  // All are accepted. From here on it counts.
  double start = now(), count = 0;
  for (int fd = epfd + 1; fd <= epfd + connections; fd++) {
    send(fd, block, messageSize, MSG_NOSIGNAL);
  }
  while (now() - start < seconds) {
    int ready = epoll_wait(epfd, events, 128, 1000);
    if (ready <= 0) {
      fail("epoll_wait");
    }
    for (int i = 0; i < ready; i++) {
      receiveWhole(events[i].data.fd, messageSize);
      count++;
      send(events[i].data.fd, block, messageSize, MSG_NOSIGNAL);
    }
  }
  printf("%.0f\n", count / (now() - start));
}

static void datagrams(double seconds) {
  static struct mmsghdr in[window], out[window];
  static struct iovec vectors[window];
  static char bodies[window][messageSize];
  int fd = connected(SOCK_DGRAM);
  struct timeval timeout = {.tv_usec = 20000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  for (int i = 0; i < window; i++) {
    vectors[i] = (struct iovec){bodies[i], messageSize};
    in[i].msg_hdr = out[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  double start = now(), count = 0, lost = 0;
  int under = 0;
  while (now() - start < seconds) {
    // What the server's queue has no room for is refused here or dropped there: both are tried again.
    while (under < window) {
      int sent = sendmmsg(fd, out, (unsigned)(window - under), 0);
      if (sent < 0) {
        fail("sendmmsg");
      }
      under += sent;
    }
    int received = recvmmsg(fd, in, window, MSG_WAITFORONE, NULL);
    if (received < 0) {
      lost += under;
      under = 0;
    } else {
      count += received;
      under -= received > under ? under : received;
    }
  }
  printf("%.0f %.0f\n", count / (now() - start), lost);
}

static void steady(double seconds, double rate) {
  int fd = connected(SOCK_DGRAM);
  double start = now(), sent = 0, passed = 0;
  for (; passed < seconds; passed = now() - start) {
    for (; sent < passed * rate; sent++) {
      // What the server's queue has no room for is lost, as datagrams are.
      send(fd, block, messageSize, MSG_NOSIGNAL);
    }
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 5000000}, NULL);
  }
  printf("%.0f\n", sent / seconds);
}

static void connections(int count) {
  int *fds = calloc((size_t)count, sizeof *fds);
  double start = now();
  for (int i = 0; i < count; i++) {
    fds[i] = connected(SOCK_STREAM);
    // Connections are accepted in order: when the last one is answered, all are. The queue must not overflow.
    if (i == count - 1 || i % openAtOnce == openAtOnce - 1) {
      exchange(fds[i]);
    }
  }
  printf("%.0f\n", (double)count / (now() - start));
  fflush(stdout);
  if (getchar() == EOF) {
    return;
  }
  // Each ends with a reset, so that no port stays in TIME_WAIT: ten rounds need more ports than there are.
  for (int i = 0; i < count; i++) {
    struct linger reset = {.l_onoff = 1};
    setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fds[i]);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) {
    return 2;
  }
  server.sin_port = htons((uint16_t)atoi(argv[2]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  double seconds = atof(argv[3]);
  if (!strcmp(argv[1], "bulk")) {
    bulk(seconds);
  } else if (!strcmp(argv[1], "pingpong")) {
    pingpong(seconds);
  } else if (!strcmp(argv[1], "messages") && argc > 4) {
    messages(seconds, atoi(argv[4]));
  } else if (!strcmp(argv[1], "datagrams")) {
    datagrams(seconds);
  } else if (!strcmp(argv[1], "steady") && argc > 4) {
    steady(seconds, atof(argv[4]));
  } else if (!strcmp(argv[1], "connections")) {
    connections(atoi(argv[3]));
  } else {
    return 2;
  }
  return 0;
}
