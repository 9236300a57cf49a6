#ifndef GATEWAY_DIAGNOSTICS_PROCESS_H
#define GATEWAY_DIAGNOSTICS_PROCESS_H

/* What this process uses of the machine. Blocking, a few system calls, and a step for each open
 * file. */

#include <stdint.h>

struct process {
    int64_t cpu_us; /* user and system, of all threads */
    int64_t resident_bytes, virtual_bytes;
    int64_t files_open, files_max;
}; /* -1: not known */

void process_look(struct process *process);

#endif
