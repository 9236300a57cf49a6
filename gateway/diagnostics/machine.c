#include "gateway/diagnostics/machine.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/timex.h>

static void look_at_file(struct machine_file *file, const char *option, const char *path,
                         mode_t mode)
{
    struct stat seen;
    *file = (struct machine_file){.option = option, .path = path, .mode = mode};
    if (path == NULL)
        return;
    if (stat(path, &seen) != 0)
        file->error = errno;
    else
        file->is_open_to_others = (seen.st_mode & (S_IRWXG | S_IRWXO) & ~mode) != 0;
}

static void look_at_clock(struct machine *machine)
{
    struct timex seen = {0};
    int state = adjtimex(&seen);
    machine->has_clock = state >= 0;
    machine->is_clock_synchronised = state != TIME_ERROR && (seen.status & STA_UNSYNC) == 0;
    machine->clock_error_ms = seen.maxerror / 1000;
}

/* The name, without a port. */
static struct str host_of(const char *public_host)
{
    struct str host = str_of(public_host);
    if (str_starts(host, STR("[")))
        return str_slice(host, 1, str_find(host, ']') - 1);
    return str_slice(host, 0, str_find(host, ':'));
}

static void look_at_certificate(struct machine *machine, const struct config *config)
{
    struct tls_identity *identity;
    machine->has_certificate = config->tls_certificate != NULL;
    if (!machine->has_certificate ||
        tls_identity_load(config->tls_certificate, config->tls_key, &identity,
                          &machine->certificate_fault) != OK)
        return;
    if (tls_identity_describe(identity, host_of(config->public_host), &machine->certificate,
                              &machine->is_for_public_host, &machine->certificate_fault) == OK)
        machine->certificate_fault.text[0] = '\0';
    tls_identity_release(identity);
}

void machine_look(struct machine *machine, const struct config *config)
{
    *machine = (struct machine){0};
    look_at_file(&machine->files[MACHINE_FILE_DATABASE], "database", config->database, 0600);
    look_at_file(&machine->files[MACHINE_FILE_MASTER_KEY], "master-key-file",
                 config->master_key_file, 0600);
    /* Debian's group ssl-cert reads the keys of services, and the unit's user is in it. */
    look_at_file(&machine->files[MACHINE_FILE_TLS_KEY], "tls-key", config->tls_key, 0640);
    look_at_clock(machine);
    look_at_certificate(machine, config);
    process_look(&machine->process);
}
