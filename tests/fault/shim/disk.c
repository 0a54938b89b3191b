// Preloaded into the server: makes its disk fail or wait, as a file of numbers says.
// FAULT_FOLDER names the folder whose files are meant, FAULT_CONTROL the file of `struct control`,
// which the test changes while the server runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct control {
  int32_t sync_error;   // errno of fsync, fdatasync, sync_file_range; 0 for none
  int32_t write_error;  // errno of write, pwrite, posix_fallocate
  int32_t read_error;   // errno of pread
  int32_t hold_syncs;   // syncs wait while this is not 0
  int32_t syncs;        // counted here: those that were let through
  int32_t failed_syncs;
  int32_t create_error;  // errno of opening a file for writing
};

static volatile struct control* control(void) {
  static volatile struct control* shared;
  if (shared) return shared;
  const char* path = getenv("FAULT_CONTROL");
  const int file = path ? REAL(open)(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) abort();
  void* memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) abort();
  close(file);
  shared = memory;
  return shared;
}

static int is_path_meant(const char* path) {
  const char* folder = getenv("FAULT_FOLDER");
  return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_meant(int file) {
  char link[64], path[4096];
  const int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (size < 0) return 0;
  path[size] = 0;
  return is_path_meant(path);
}

static int fails(int32_t error) {
  if (error) errno = error;
  return error != 0;
}

static int sync_fails(int file) {
  if (!is_meant(file)) return 0;
  volatile struct control* shared = control();
  const struct timespec pause = {0, 2000000};
  while (shared->hold_syncs) nanosleep(&pause, NULL);
  if (shared->sync_error) {
    __sync_fetch_and_add(&shared->failed_syncs, 1);
    return fails(shared->sync_error);
  }
  __sync_fetch_and_add(&shared->syncs, 1);
  return 0;
}

int fsync(int file) {
  return sync_fails(file) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
  return sync_fails(file) ? -1 : REAL(fdatasync)(file);
}

int sync_file_range(int file, off64_t offset, off64_t size, unsigned flags) {
  return sync_fails(file) ? -1 : REAL(sync_file_range)(file, offset, size, flags);
}

ssize_t write(int file, const void* data, size_t size) {
  if (is_meant(file) && fails(control()->write_error)) return -1;
  return REAL(write)(file, data, size);
}

ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
  if (is_meant(file) && fails(control()->write_error)) return -1;
  return REAL(pwrite)(file, data, size, offset);
}

int posix_fallocate(int file, off_t offset, off_t size) {
  if (is_meant(file) && control()->write_error) return control()->write_error;
  return REAL(posix_fallocate)(file, offset, size);
}

ssize_t pread(int file, void* data, size_t size, off_t offset) {
  if (is_meant(file) && fails(control()->read_error)) return -1;
  return REAL(pread)(file, data, size, offset);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  const int writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
  if (writes && is_path_meant(path) && fails(control()->create_error)) return -1;
  return REAL(open)(path, flags, mode);
}
