/* ita-gateway: the daemon and its tools. */

#include "base/mem.h"
#include "gateway/cli/command.h"

const struct command commands[] = {
    {"serve", cmd_serve, "Run the gateway"},
    {"doctor", cmd_doctor, "Find out what is broken, step by step, and what to do"},
    {"call", cmd_call, "Place a call through a running gateway"},
    {"calls", cmd_calls, "List and show calls, and follow them as they change"},
    {"cdrs", cmd_cdrs, "List CDRs that no call was found for, and give them to one"},
    {"tenant", cmd_tenant, "Create, show, list, enable and disable tenants"},
    {"app-key", cmd_app_key, "Create and disable the keys with which agents' systems sign in"},
    {"bidirectional-call", cmd_bidirectional_call,
     "Set and show a tenant's two-party call settings"},
    {"xnumber", cmd_xnumber, "Add, remove and list a tenant's X numbers"},
    {"top", cmd_top, "Watch calls, the ITA's answers and callbacks as they go"},
    {"callbacks", cmd_callbacks, "List and show a tenant's callbacks, and send them again"},
    {"callback-trustlist", cmd_callback_trustlist, "List, add and remove where callbacks may go"},
    {"certificate", cmd_certificate, "Fetch, install and list certificates"},
    {"user", cmd_user, "Create, list, enable, disable and delete those who administer"},
    {"api-key", cmd_api_key, "Create, list and disable the keys of programs that administer"},
    {"backup", cmd_backup, "Copy the database while the gateway runs"},
    {"restore", cmd_restore, "Put a backup in the database's place"},
    {"export", cmd_export, "Write calls as CSV or JSON lines"},
    {"db", cmd_db, "Check the database, and say how it grows"},
    {"log-level", cmd_log_level, "Show and change how much the running gateway's log says"},
    {"flight-recorder", cmd_flight_recorder,
     "Show the last log lines of the running gateway, debug ones too"},
    {"profile", cmd_profile, "Show and check ITA wire profiles"},
    {"sign", cmd_sign, "Sign requests given as JSON lines"},
    {"verify", cmd_verify, "Verify signed requests, and explain why one is refused"},
    {"completion", cmd_completion, "Print the script that completes these words in a shell"},
    {"xnumbers", cmd_xnumber, NULL}, /* as `calls` and `callbacks` are called */
};
const size_t command_count = COUNT_OF(commands);

int main(int argc, char **argv)
{
    return command_run(commands, (unsigned)command_count, "ita-gateway", argc, argv);
}
