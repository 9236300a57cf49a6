#include "gateway/diagnostics/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t count_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t count = -3; /* ".", ".." and the folder itself */
    if (folder == NULL)
        return -1;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static int64_t cpu_us(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0)
        return -1;
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

/* proc(5), statm: pages in all, pages that are resident. */
static void look_at_memory(struct process *process)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long long pages = 0, resident = 0;
    long page_bytes = sysconf(_SC_PAGESIZE);
    process->resident_bytes = process->virtual_bytes = -1;
    if (file == NULL)
        return;
    if (fscanf(file, "%lld %lld", &pages, &resident) == 2) {
        process->virtual_bytes = pages * page_bytes;
        process->resident_bytes = resident * page_bytes;
    }
    (void)fclose(file);
}

void process_look(struct process *process)
{
    struct rlimit limit;
    process->cpu_us = cpu_us();
    process->files_open = count_open_files();
    process->files_max = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (int64_t)limit.rlim_cur : -1;
    look_at_memory(process);
}
