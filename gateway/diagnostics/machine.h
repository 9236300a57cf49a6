#ifndef GATEWAY_DIAGNOSTICS_MACHINE_H
#define GATEWAY_DIAGNOSTICS_MACHINE_H

/* What the machine and the gateway's files look like now. Blocking, a few system calls. */

#include "gateway/config.h"
#include "gateway/diagnostics/process.h"
#include "net/tls.h"

enum machine_file_kind {
    MACHINE_FILE_DATABASE,
    MACHINE_FILE_MASTER_KEY,
    MACHINE_FILE_TLS_KEY,
    MACHINE_FILE_COUNT,
};

struct machine_file {
    const char *option, *path; /* the configuration's; path NULL: not configured */
    int error;                 /* errno of looking at it; 0: seen */
    unsigned mode;             /* the most that it may allow */
    bool is_open_to_others;    /* it allows its group or others more */
};

struct machine {
    struct machine_file files[MACHINE_FILE_COUNT];

    bool has_clock; /* the kernel told */
    bool is_clock_synchronised;
    int64_t clock_error_ms; /* the kernel's estimate, at most */

    bool has_certificate;           /* TLS is configured */
    struct fault certificate_fault; /* empty: it can be used */
    struct tls_certificate certificate;
    bool is_for_public_host;

    struct process process;
};

/* The configuration is kept. */
void machine_look(struct machine *machine, const struct config *config);

#endif
