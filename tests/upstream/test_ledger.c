#include "tests/test.h"

#include <stdio.h>

#include "upstream/ledger.h"

struct account {
    struct ledger_entry entry;
    char *secret; /* as an AICC's token */
};

static size_t forgotten;

static void on_forget(struct ledger_entry *entry)
{
    mem_free(CONTAINER_OF(entry, struct account, entry)->secret);
    forgotten++;
}

static struct account *hold(struct ledger *ledger, int number)
{
    char name[16];
    (void)snprintf(name, sizeof(name), "%d", number);
    return CONTAINER_OF(ledger_hold(ledger, str_of(name)), struct account, entry);
}

static void set_up(struct ledger *ledger)
{
    ledger_init(ledger, sizeof(struct account));
    ledger->on_forget = on_forget;
    forgotten = 0;
}

/* One more than it keeps; each owns something. */
static void fill(struct ledger *ledger)
{
    for (int i = 0; i <= LEDGER_MAX; i++) {
        struct account *account = hold(ledger, i);
        if (account->secret == NULL)
            account->secret = str_copy(STR("fake"));
        ledger_release(&account->entry);
    }
}

TEST(the_oldest_that_nobody_uses_is_forgotten_with_what_it_owns)
{
    UNUSED(state);
    struct ledger ledger;
    set_up(&ledger);
    struct account *used = hold(&ledger, 0);
    fill(&ledger);
    assert_int_equal(forgotten, 1);
    struct account *again = hold(&ledger, 0), *fresh = hold(&ledger, 1);
    assert_ptr_equal(again, used);
    assert_null(fresh->secret);
    ledger_finish(&ledger);
}

TEST(all_are_forgotten_at_the_end)
{
    UNUSED(state);
    struct ledger ledger;
    set_up(&ledger);
    fill(&ledger);
    ledger_finish(&ledger);
    assert_int_equal(forgotten, LEDGER_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_that_nobody_uses_is_forgotten_with_what_it_owns),
        cmocka_unit_test(all_are_forgotten_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
