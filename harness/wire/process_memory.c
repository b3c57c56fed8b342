/* How much memory a program took: proc(5), VmHWM of /proc/PID/status. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/wire/process.h"

/* A start script with a system that is itself made of several. */
#define PROCESSES_MAX 256

struct family {
    int pid[PROCESSES_MAX];
    size_t n;
};

static uint64_t peak_of(int pid)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %llu kB", &kib) == 1)
            break;
    fclose(f);
    return (uint64_t)kib * 1024;
}

static void add_children(struct family *all, int pid, const char *thread)
{
    char path[320];
    int child;
    snprintf(path, sizeof path, "/proc/%d/task/%s/children", pid, thread);
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    while (all->n < PROCESSES_MAX && fscanf(f, "%d", &child) == 1)
        all->pid[all->n++] = child;
    fclose(f);
}

/* A child belongs to the thread that made it. */
static void add_family_of(struct family *all, int pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    if (!threads)
        return;
    for (struct dirent *d; (d = readdir(threads));)
        if (d->d_name[0] != '.')
            add_children(all, pid, d->d_name);
    closedir(threads);
}

uint64_t process_peak_memory(const struct process *p)
{
    struct family all = {.pid = {process_pid(p)}, .n = 1};
    uint64_t sum = 0;
    for (size_t i = 0; i < all.n; i++) {
        sum += peak_of(all.pid[i]);
        add_family_of(&all, all.pid[i]);
    }
    return sum;
}
