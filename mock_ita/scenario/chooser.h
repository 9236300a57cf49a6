#ifndef MOCK_ITA_SCENARIO_CHOOSER_H
#define MOCK_ITA_SCENARIO_CHOOSER_H

/* What a scenario says to this request: the running state of its rules, which is how often each was
 * met and chosen. The first rule that fits wins; else a magic number, else the ordinary course.
 * Pure.
 *
 * The same scenario, seed and requests give the same run. Every rule counts the requests that its
 * patterns fit, whether or not another rule took them, and what it draws depends on nothing but the
 * scenario's seed, the rule's name and that count: neither other rules, nor other requests, nor
 * time change it. Of requests that run side by side the order of arrival decides which is the
 * nth. */

#include "base/json.h"
#include "mock_ita/scenario/scenario.h"

struct mock_question {
    struct str action;              /* enum mock_action (rule.h), as text */
    struct str tel_a, tel_b, tel_x; /* of the request or of the call it is about; may be empty */
};

struct mock_choice {
    struct mock_script script;
    struct str rule;                /* its name; "magic number"; empty: the ordinary course */
    struct mock_scenario *scenario; /* a reference: what the script borrows from; or NULL */
};

struct mock_chooser;

/* Keeps a reference to the scenario, which may be NULL: then magic numbers only. */
struct mock_chooser *mock_chooser_create(struct mock_scenario *scenario);
void mock_chooser_destroy(struct mock_chooser *chooser); /* takes NULL */
/* Another scenario, or the same again, from its beginning. */
void mock_chooser_load(struct mock_chooser *chooser, struct mock_scenario *scenario);
/* NULL when there is none. */
struct mock_scenario *mock_chooser_scenario(const struct mock_chooser *chooser);

/* The caller ends it with mock_choice_finish(), once the request has been answered. */
struct mock_choice mock_chooser_choose(struct mock_chooser *chooser,
                                       const struct mock_question *question);
void mock_choice_finish(struct mock_choice *choice);
/* For a call that somebody dials through a binding: rules are for requests, magic numbers count as
 * the scenario says. */
struct mock_script mock_chooser_dialled(const struct mock_chooser *chooser, struct str tel_b);
/* For a connection that was accepted now; *rule as in a choice, good until the next load. */
enum mock_connection mock_chooser_connection(struct mock_chooser *chooser, struct str *rule);

/* {"name","description","seed","listening","magicNumbers",
 *  "rules":[{"name","met","chosen"}],"connections":[...]}; null without a scenario. */
void mock_chooser_write(const struct mock_chooser *chooser, struct json_writer *w,
                        const char *name);

#endif
