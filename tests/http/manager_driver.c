/*
 * A service manager in small, for tests: holds a listening socket, starts the program with it as
 * systemd does (file 3, LISTEN_FDS, LISTEN_PID, NOTIFY_SOCKET), starts it again whenever it ends in
 * order, and says what it was told.
 *
 *   manager_driver PROGRAM WORD...      ends when its standard input ends
 *
 * Prints "port N", then for each start "started PID", "notified STATE" for each notification, and
 * "ended STATUS". Sources: sd_listen_fds(3), sd_notify(3). One thread.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
  perror(what);
  exit(1);
}

static int listen_anywhere(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0 || bind(handle, (struct sockaddr *)&address, length) != 0 ||
      listen(handle, SOMAXCONN) != 0 ||
      getsockname(handle, (struct sockaddr *)&address, &length) != 0)
    fail("listen");
  printf("port %u\n", ntohs(address.sin_port));
  return handle;
}

/* A datagram socket under an abstract name of this process. */
static int hear(char name[64])
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int handle = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int length = snprintf(name, 64, "@fairlead-test-%ld", (long)getpid());
  memcpy(address.sun_path + 1, name + 1, (size_t)length - 1);
  if (handle < 0 || bind(handle, (struct sockaddr *)&address,
                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)) != 0)
    fail("notify socket");
  return handle;
}

static pid_t start(char **words, int listener, const char *notify)
{
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) {
    printf("started %ld\n", (long)child);
    return child;
  }
  char self[24];
  snprintf(self, sizeof self, "%ld", (long)getpid());
  setenv("LISTEN_PID", self, 1);
  setenv("LISTEN_FDS", "1", 1);
  setenv("NOTIFY_SOCKET", notify, 1);
  if (dup2(listener, 3) != 3 || (listener == 3 && fcntl(3, F_SETFD, 0) != 0)) fail("dup2");
  execv(words[0], words);
  fail(words[0]);
  return -1;
}

static void tell(int notified)
{
  char state[256];
  ssize_t length = recv(notified, state, sizeof state - 1, MSG_DONTWAIT);
  if (length > 0) printf("notified %.*s\n", (int)length, state);
}

int main(int argc, char **argv)
{
  char name[64];
  if (argc < 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = listen_anywhere(), notified = hear(name);
  pid_t child = start(argv + 1, listener, name);
  for (bool ending = false; child > 0;) {
    struct pollfd files[2] = {{notified, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(files, ending ? 1 : 2, 20);
    tell(notified);
    char byte;
    if (!ending && files[1].revents && read(STDIN_FILENO, &byte, 1) <= 0) {
      ending = true;
      kill(child, SIGTERM);
    }
    int status;
    if (waitpid(child, &status, WNOHANG) != child) continue;
    tell(notified);
    printf("ended %d\n", status);
    child = ending || status != 0 ? 0 : start(argv + 1, listener, name);
  }
  return 0;
}
