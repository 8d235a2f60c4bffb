/* A server that serves one connection in a child, and its client: what a first program with sockets does. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void serve(int listener) {
  int connection = accept(listener, NULL, NULL);
  pid_t child = fork();
  if (child == 0) {
    char buffer[64];
    ssize_t count;
    close(listener);
    while ((count = recv(connection, buffer, sizeof buffer, 0)) > 0)
      write(connection, buffer, count);
    close(connection);
    _exit(0);
  }
  close(connection);
  close(listener);
  waitpid(child, NULL, 0);
}

static void ask(struct sockaddr_in address) {
  char answer[64];
  int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("connect");
    exit(1);
  }
  send(client, "hello \001\xec\x95\x88\xeb\x85\x95 9\n", 16, 0);
  recv(client, answer, sizeof answer, 0);
  shutdown(client, SHUT_WR);
  recv(client, answer, sizeof answer, 0);
  close(client);
  exit(0);
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int on = 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind(listener, (struct sockaddr *)&address, sizeof address);
  listen(listener, 5);
  getsockname(listener, (struct sockaddr *)&address, &length);
  if (fork() == 0) {
    close(listener);
    ask(address);
  }
  serve(listener);
  wait(NULL);
  return 0;
}
