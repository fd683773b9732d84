/*
 * The roles in C, for one connection: an entry to compare with, and the neutral side where only the
 * other is measured. Frames are a length in four bytes, most significant first, and the payload.
 *
 *     peer echo|sink|pingPong|flood HOST PORT SIZE
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, MAX_SAMPLES = 1 << 20 };

static unsigned char *frame, *input;
static size_t frame_length, input_length;
static uint64_t messages, bytes, firsts;
static double samples[MAX_SAMPLES];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static double processor(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e9 +
         (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e3;
}

static uint32_t length_at(const unsigned char *at) {
  uint32_t length;
  memcpy(&length, at, 4);
  return ntohl(length);
}

static size_t put(unsigned char *to, const void *payload, uint32_t length) {
  uint32_t header = htonl(length);
  memcpy(to, &header, 4);
  memcpy(to + 4, payload, length);
  return 4 + length;
}

static void write_all(int fd, const unsigned char *from, size_t length) {
  while (length > 0) {
    ssize_t count = write(fd, from, length);
    if (count < 0) fail("write");
    from += count;
    length -= count;
  }
}

static void read_all(int fd, unsigned char *to, size_t length) {
  while (length > 0) {
    ssize_t count = read(fd, to, length);
    if (count <= 0) fail("read");
    to += count;
    length -= count;
  }
}

/* Reads one chunk, and replies to its frames. Returns whether the connection is still open. */
static int serve_chunk(int fd, int echo) {
  ssize_t count = read(fd, input + input_length, CHUNK);
  if (count <= 0) return 0;
  size_t at = 0, end = input_length + count, length;
  for (; end - at >= 4 && end - at - 4 >= (length = length_at(input + at)); at += 4 + length) {
    unsigned char *payload = input + at + 4, reply[128];
    if (!echo && length == 1) {
      char text[96];
      int size = sprintf(text, "[%lu,%lu,%lu]", messages, bytes, firsts);
      write_all(fd, reply, put(reply, text, size));
      messages = bytes = firsts = 0;
    } else {
      messages++;
      bytes += length;
      firsts += payload[0];
    }
  }
  if (echo) write_all(fd, input, at);
  memmove(input, input + at, input_length = end - at);
  return 1;
}

static void serve(struct sockaddr_in address, int echo) {
  char line[64];
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1)) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  struct pollfd polled[] = {{.fd = 0, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
  while (poll(polled, 2, -1) > 0) {
    if (polled[1].revents && polled[1].fd == listener) {
      polled[1].fd = accept(listener, NULL, NULL);
      setsockopt(polled[1].fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    } else if (polled[1].revents && !serve_chunk(polled[1].fd, echo)) {
      polled[1].fd = -1;
    }
    if (polled[0].revents == 0) continue;
    if (read(0, line, sizeof line) <= 0) return;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    if (file != NULL) fclose(file);
    printf("{\"memory\":%ld,\"processor\":%.0f}\n", pages * sysconf(_SC_PAGESIZE), processor());
    fflush(stdout);
  }
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static double ping_pong(int fd, double deadline) {
  for (double sent_at = now(), time = sent_at; time < deadline; sent_at = time) {
    write_all(fd, frame, frame_length);
    read_all(fd, input, frame_length);
    time = now();
    if (messages < MAX_SAMPLES) samples[messages] = time - sent_at;
    messages++;
  }
  size_t count = messages < MAX_SAMPLES ? messages : MAX_SAMPLES;
  qsort(samples, count, sizeof *samples, compare);
  return samples[count / 2];
}

static void flood(int fd, double deadline) {
  static unsigned char block[CHUNK], mark[5] = {0, 0, 0, 1, 0};
  char expected[96] = "";
  size_t burst = frame_length < CHUNK ? CHUNK / frame_length : 1;
  while (now() < deadline) {
    for (size_t at = 0; burst > 1 && at < burst; at++) {
      memcpy(block + at * frame_length, frame, frame_length);
    }
    write_all(fd, burst > 1 ? block : frame, burst * frame_length);
    messages += burst;
  }
  write_all(fd, mark, sizeof mark);
  int size = sprintf(expected, "[%lu,%lu,%lu]", messages, messages * (frame_length - 4),
                     messages * frame[4]);
  read_all(fd, input, 4 + size);
  if (length_at(input) == (uint32_t)size && !memcmp(input + 4, expected, size)) return;
  fprintf(stderr, "The sink counted %.*s, expected %s\n", size, input + 4, expected);
  exit(1);
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  const char *role = arguments[1];
  size_t size = atoi(arguments[4]);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[3]))};
  inet_pton(AF_INET, arguments[2], &address.sin_addr);
  input = malloc(2 * CHUNK + size);
  unsigned char *payload = malloc(size);
  for (size_t at = 0; at < size; at++) payload[at] = (at * 167 + 13) % 256;
  frame_length = put(frame = malloc(4 + size), payload, size);
  if (!strcmp(role, "echo") || !strcmp(role, "sink")) {
    serve(address, role[0] == 'e');
    return 0;
  }
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  printf("\"ready\"\n");
  fflush(stdout);
  for (double milliseconds; scanf("%lf", &milliseconds) == 1;) {
    double begun = now(), used = processor(), deadline = begun + milliseconds * 1e6, p50 = 0;
    messages = 0;
    if (role[0] == 'p') p50 = ping_pong(fd, deadline);
    else flood(fd, deadline);
    printf("{\"messages\":%lu,\"nanoseconds\":%.0f,\"processor\":%.0f,\"p50\":%.0f}\n", messages,
           now() - begun, processor() - used, p50);
    fflush(stdout);
  }
  return 0;
}
