#ifndef MOCK_ITA_OPTIONS_H
#define MOCK_ITA_OPTIONS_H

/* The command line of mock-ita: one table. */

#include "base/option.h"

struct mock_options {
    char *listen;
    bool is_tls;
    char *tls_certificate, *tls_key; /* NULL: a fresh certificate */
    char *print_cert, *cert_pem;
    char *access_key, *secret_key, *app_key;
    bool is_secret_key_made_up; /* no option */
    char *profile;              /* file; NULL: the default one */
    int64_t unknown_members;    /* enum mock_unknown_members */
    bool is_locking, allows_replay, is_terse;
    bool is_aicc;
    char *aicc_app_key, *aicc_app_secret;
    bool is_aicc_app_secret_made_up; /* no option */
    char *aicc_connection_url, *aicc_hang_up_url, *aicc_shared_key;
    struct option_list aicc_callback_hosts;
    int64_t journal_size; /* bytes */
    struct option_list x_numbers;
    int64_t speed, calls_max;
    char *scenario; /* NULL: none */
    char *push_url, *push_ca;
    int64_t push_retries, push_timeout_ms;
    char *control;
    char *port_file, *control_port_file;
    int64_t ready_fd; /* 0: none */
    bool is_quiet, is_verbose, is_help, is_version;
};

enum mock_unknown_members { MOCK_UNKNOWN_MEMBERS_REFUSE, MOCK_UNKNOWN_MEMBERS_NOTE };

/* Takes argv without the program's name. On OK the caller ends it with mock_options_finish(), as
 * after a fault. */
MUST_CHECK enum status mock_options_read(struct mock_options *options, int argc, char **argv,
                                         struct fault *fault);
void mock_options_finish(struct mock_options *options);
void mock_options_append_help(struct buf *out);

#endif
