#include "mock_ita/check.h"

#include "mock_ita/scenario/scenario.h"

enum { ALL_GOOD = 0, ONE_BAD = 1, NO_FILE = 2 };

int mock_check_scenarios(int count, char *const *paths, FILE *out, FILE *errors)
{
    int code = count > 0 ? ALL_GOOD : NO_FILE;
    if (code == NO_FILE)
        fputs("usage: mock-ita check FILE...\n", errors);
    for (int i = 0; i < count; i++) {
        struct mock_scenario *scenario = NULL;
        struct fault fault = {0};
        if (mock_scenario_read(paths[i], &scenario, &fault) == OK) {
            fprintf(out, "%s: ok\n", paths[i]);
        } else {
            fprintf(errors, "%s\n", fault.text);
            code = ONE_BAD;
        }
        mock_scenario_release(scenario);
    }
    return code;
}
