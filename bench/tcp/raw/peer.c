// The same roles in C, on epoll: a row to compare with, and the other side where only one is measured.
// Frames are four bytes of length, most significant first, and the payload.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, MOST_SAMPLES = 1 << 20, EVENTS = 256 };

struct peer {
  int fd;
  int shut;                       // reading has stopped until what waits has left
  unsigned char *in, *out;        // bytes of a frame that is not whole, bytes that wait to leave
  size_t in_length, in_size, out_length, out_at, out_size;
  uint64_t messages, bytes, firsts;
  double sent_at;
};

static unsigned char chunk[2 * CHUNK + 8];
static int echo;

static void die(const char *what) { perror(what); exit(1); }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static double processor(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

static uint32_t length_at(const unsigned char *at) {
  uint32_t length;
  memcpy(&length, at, 4);
  return ntohl(length);
}

static void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static struct sockaddr_in address_of(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

static void keep(unsigned char **to, size_t *length, size_t *size, const unsigned char *from, size_t count) {
  if (*length + count > *size) {
    *size = (*length + count) * 2;
    *to = realloc(*to, *size);
  }
  memcpy(*to + *length, from, count);
  *length += count;
}

static void put(struct peer *peer, const unsigned char *payload, uint32_t length) {
  unsigned char header[4];
  uint32_t big = htonl(length);
  memcpy(header, &big, 4);
  keep(&peer->out, &peer->out_length, &peer->out_size, header, 4);
  keep(&peer->out, &peer->out_length, &peer->out_size, payload, length);
}

// Writes what waits. Returns whether all of it has left.
static int leave(struct peer *peer) {
  while (peer->out_at < peer->out_length) {
    ssize_t count = write(peer->fd, peer->out + peer->out_at, peer->out_length - peer->out_at);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count < 0) { peer->out_at = peer->out_length; break; }
    peer->out_at += count;
  }
  peer->out_at = peer->out_length = 0;
  return 1;
}

static void visit(struct peer *peer, const unsigned char *frame, uint32_t length) {
  if (echo) return put(peer, frame, length);
  if (length == 1) {
    char text[96];
    int size = sprintf(text, "[%lu,%lu,%lu]", (unsigned long)peer->messages, (unsigned long)peer->bytes,
                       (unsigned long)peer->firsts);
    peer->messages = peer->bytes = peer->firsts = 0;
    return put(peer, (unsigned char *)text, size);
  }
  peer->messages++;
  peer->bytes += length;
  peer->firsts += frame[0];
}

// Reads once. Returns whether the connection lives.
static int take(struct peer *peer) {
  memcpy(chunk, peer->in, peer->in_length < CHUNK ? peer->in_length : 0);
  unsigned char *all = chunk;
  size_t room = CHUNK;
  if (peer->in_length >= CHUNK) {
    if (peer->in_length + CHUNK > peer->in_size) peer->in = realloc(peer->in, peer->in_size = peer->in_length * 2);
    all = peer->in;
  }
  ssize_t count = read(peer->fd, all + peer->in_length, room);
  if (count < 0) return errno == EAGAIN;
  if (count == 0) return 0;
  size_t length = peer->in_length + count, at = 0;
  while (length - at >= 4 && length - at - 4 >= length_at(all + at)) {
    uint32_t size = length_at(all + at);
    visit(peer, all + at + 4, size);
    at += 4 + size;
  }
  if (all == peer->in) {
    memmove(peer->in, all + at, length - at);
    peer->in_length = length - at;
  } else {
    peer->in_length = 0;
    keep(&peer->in, &peer->in_length, &peer->in_size, chunk + at, length - at);
  }
  return 1;
}

static void tell_use(void) {
  char line[4096];
  if (read(0, line, sizeof line) <= 0) exit(0);
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file != NULL) fclose(file);
  printf("{\"memory\":%ld,\"processor\":%.0f}\n", pages * sysconf(_SC_PAGESIZE), processor());
  fflush(stdout);
}

static void serve(const char *host) {
  int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = address_of(host, 0);
  socklen_t length = sizeof address;
  if (bind(door, (struct sockaddr *)&address, length) || listen(door, 1024)) die("listen");
  getsockname(door, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int poll = epoll_create1(0);
  struct peer at_door = {.fd = door}, input = {.fd = 0};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &at_door}, events[EVENTS];
  epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
  event.data.ptr = &input;
  epoll_ctl(poll, EPOLL_CTL_ADD, 0, &event);
  for (;;) {
    int count = epoll_wait(poll, events, EVENTS, -1);
    for (int index = 0; index < count; index++) {
      struct peer *peer = events[index].data.ptr;
      if (peer == &input) { tell_use(); continue; }
      if (peer == &at_door) {
        int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0) continue;
        no_delay(fd);
        peer = calloc(1, sizeof *peer);
        peer->fd = fd;
        event = (struct epoll_event){.events = EPOLLIN, .data.ptr = peer};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        continue;
      }
      if (!peer->shut && !take(peer)) {
        close(peer->fd);
        free(peer->in);
        free(peer->out);
        free(peer);
        continue;
      }
      int shut = !leave(peer);
      if (shut != peer->shut) {
        peer->shut = shut;
        event = (struct epoll_event){.events = shut ? EPOLLOUT : EPOLLIN, .data.ptr = peer};
        epoll_ctl(poll, EPOLL_CTL_MOD, peer->fd, &event);
      }
    }
  }
}

static int connect_to(const char *host, int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = address_of(host, port);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) die("connect");
  no_delay(fd);
  return fd;
}

static void write_all(int fd, const unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(fd, bytes, length);
    if (count < 0) die("write");
    bytes += count;
    length -= count;
  }
}

static void read_all(int fd, unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = read(fd, bytes, length);
    if (count <= 0) die("read");
    bytes += count;
    length -= count;
  }
}

static void tell(uint64_t messages, double begun, double used, double p50) {
  printf("{\"messages\":%lu,\"nanoseconds\":%.0f,\"processor\":%.0f,\"p50\":%.0f}\n", (unsigned long)messages,
         now() - begun, processor() - used, p50);
  fflush(stdout);
}

static int compare(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return difference < 0 ? -1 : difference > 0;
}

static unsigned char *frame;
static size_t frame_length;

static void make_frame(size_t size) {
  frame = malloc(frame_length = size + 4);
  uint32_t big = htonl(size);
  memcpy(frame, &big, 4);
  for (size_t at = 0; at < size; at++) frame[4 + at] = (at * 167 + 13) % 256;
}

static void ping_pong(const char *host, int port, int connections) {
  struct peer *peers = calloc(connections, sizeof *peers);
  double *times = malloc(sizeof *times * MOST_SAMPLES);
  unsigned char *reply = malloc(frame_length);
  int poll = epoll_create1(0);
  struct epoll_event events[EVENTS];
  for (int index = 0; index < connections; index++) {
    peers[index].fd = connect_to(host, port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[index]};
    epoll_ctl(poll, EPOLL_CTL_ADD, peers[index].fd, &event);
  }
  printf("\"ready\"\n");
  fflush(stdout);
  double milliseconds;
  while (scanf("%lf", &milliseconds) == 1) {
    double begun = now(), used = processor(), deadline = begun + milliseconds * 1e6;
    uint64_t messages = 0;
    int playing = connections;
    for (int index = 0; index < connections; index++) {
      peers[index].sent_at = now();
      write_all(peers[index].fd, frame, frame_length);
    }
    while (playing > 0) {
      int count = epoll_wait(poll, events, EVENTS, -1);
      for (int index = 0; index < count; index++) {
        struct peer *peer = events[index].data.ptr;
        read_all(peer->fd, reply, frame_length);
        double time = now();
        if (messages < MOST_SAMPLES) times[messages] = time - peer->sent_at;
        messages++;
        peer->sent_at = time;
        if (time < deadline) write_all(peer->fd, frame, frame_length);
        else playing--;
      }
    }
    size_t samples = messages < MOST_SAMPLES ? messages : MOST_SAMPLES;
    qsort(times, samples, sizeof *times, compare);
    tell(messages, begun, used, times[samples / 2]);
  }
}

static void flood(const char *host, int port) {
  int fd = connect_to(host, port);
  size_t per_block = frame_length < CHUNK ? CHUNK / frame_length : 1;
  unsigned char *block = malloc(per_block * frame_length), answer[128], expected[128];
  unsigned char mark[5] = {0, 0, 0, 1, 0};
  printf("\"ready\"\n");
  fflush(stdout);
  double milliseconds;
  while (scanf("%lf", &milliseconds) == 1) {
    double begun = now(), used = processor(), deadline = begun + milliseconds * 1e6;
    uint64_t messages = 0;
    while (now() < deadline) {
      for (size_t index = 0; index < per_block; index++) memcpy(block + index * frame_length, frame, frame_length);
      write_all(fd, block, per_block * frame_length);
      messages += per_block;
    }
    write_all(fd, mark, sizeof mark);
    read_all(fd, answer, 4);
    uint32_t length = length_at(answer);
    if (length >= sizeof answer) die("answer");
    read_all(fd, answer, length);
    answer[length] = 0;
    sprintf((char *)expected, "[%lu,%lu,%lu]", (unsigned long)messages,
            (unsigned long)(messages * (frame_length - 4)), (unsigned long)(messages * frame[4]));
    if (strcmp((char *)answer, (char *)expected)) {
      fprintf(stderr, "The sink has found %s, not %s\n", answer, expected);
      exit(1);
    }
    tell(messages, begun, used, 0);
  }
}

// peer NAME HOST PORT CONNECTIONS SIZE
int main(int count, char **arguments) {
  if (count < 6) return 2;
  const char *name = arguments[1], *host = arguments[2];
  make_frame(atoi(arguments[5]));
  if (!strcmp(name, "echo") || !strcmp(name, "sink")) {
    echo = name[0] == 'e';
    serve(host);
  } else if (!strcmp(name, "pingPong")) {
    ping_pong(host, atoi(arguments[3]), atoi(arguments[4]));
  } else if (!strcmp(name, "flood")) {
    flood(host, atoi(arguments[3]));
  }
  return 0;
}
