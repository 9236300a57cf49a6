#include "mock_ita/scenario/chooser.h"

#include "base/mem.h"
#include "mock_ita/scenario/magic.h"
#include "mock_ita/scenario/pattern.h"
#include "mock_ita/scenario/rule.h"

/* What has become of a rule so far. */
struct tally {
    uint64_t met, chosen;
};

struct mock_chooser {
    struct mock_scenario *scenario;    /* a reference, or NULL */
    struct tally *rules, *connections; /* one for each of the scenario's */
};

/* --- Loading --- */

static void unload(struct mock_chooser *chooser)
{
    mock_scenario_release(chooser->scenario);
    mem_free(chooser->rules);
    mem_free(chooser->connections);
    *chooser = (struct mock_chooser){0};
}

void mock_chooser_load(struct mock_chooser *chooser, struct mock_scenario *scenario)
{
    mock_scenario_hold(scenario); /* first: it may be the same again */
    unload(chooser);
    if (scenario == NULL)
        return;
    chooser->scenario = scenario;
    chooser->rules = mem_alloc(scenario->rule_count * sizeof(struct tally));
    chooser->connections = mem_alloc(scenario->connection_count * sizeof(struct tally));
}

struct mock_chooser *mock_chooser_create(struct mock_scenario *scenario)
{
    struct mock_chooser *chooser = NEW(struct mock_chooser);
    mock_chooser_load(chooser, scenario);
    return chooser;
}

void mock_chooser_destroy(struct mock_chooser *chooser)
{
    if (chooser == NULL)
        return;
    unload(chooser);
    mem_free(chooser);
}

struct mock_scenario *mock_chooser_scenario(const struct mock_chooser *chooser)
{
    return chooser->scenario;
}

/* --- Which rule --- */

static bool pattern_fits(struct str pattern, struct str number)
{
    return pattern.ptr == NULL || mock_pattern_fits(pattern, number);
}

static bool match_fits(const struct mock_match *match, const struct mock_question *question)
{
    bool is_action = match->action == MOCK_ACTION_ANY ||
                     str_is(question->action, str_of(mock_action_text(match->action)));
    return is_action && pattern_fits(match->tel_a, question->tel_a) &&
           pattern_fits(match->tel_b, question->tel_b) &&
           pattern_fits(match->tel_x, question->tel_x);
}

static bool count_fits(const struct mock_which *which, uint64_t n)
{
    uint64_t every = which->every == 0 ? 1 : (uint64_t)which->every;
    uint64_t from = which->from == 0 ? every : (uint64_t)which->from; /* every 5: the fifth first */
    if (which->nth != 0)
        return n == (uint64_t)which->nth;
    return n >= from && (n - from) % every == 0;
}

/* Counts one that fits the patterns. Whether it is meant; *random goes on where the probability
 * has drawn. */
static bool is_meant(const struct mock_scenario *scenario, const struct mock_which *which,
                     struct str name, struct tally *tally, struct mock_random *random)
{
    tally->met++;
    *random = mock_random_of((uint64_t)scenario->seed, name, tally->met);
    double drawn = mock_random_unit(random);
    return count_fits(which, tally->met) &&
           (which->times == 0 || tally->chosen < (uint64_t)which->times) &&
           drawn < which->probability;
}

/* --- Choosing --- */

static struct mock_script draw(const struct mock_rule *rule, struct mock_random *random)
{
    struct mock_script script = rule->script;
    script.answer.delay_ms = mock_spread_draw_ms(&rule->delay, random);
    script.call.a_rings_ms = mock_spread_draw_ms(&rule->a_rings, random);
    script.call.b_rings_ms = mock_spread_draw_ms(&rule->b_rings, random);
    script.call.talk_ms = mock_spread_draw_ms(&rule->talk, random);
    for (size_t i = 0; i < MOCK_PUSHES_MAX; i++)
        script.call.pushes[i].delay_ms = mock_spread_draw_ms(&rule->push_delays[i], random);
    for (size_t i = 0; i < MOCK_CONNECTION_PUSHES_MAX; i++)
        script.call.connections[i].delay_ms =
            mock_spread_draw_ms(&rule->connection_delays[i], random);
    return script;
}

/* False: no rule fits. */
static bool choose_by_rules(struct mock_chooser *chooser, const struct mock_question *question,
                            struct mock_choice *out)
{
    struct mock_scenario *scenario = chooser->scenario;
    bool is_found = false;
    for (size_t i = 0; scenario != NULL && i < scenario->rule_count; i++) {
        const struct mock_rule *rule = &scenario->rules[i];
        struct tally *tally = &chooser->rules[i];
        struct mock_random random;
        if (!match_fits(&rule->match, question) ||
            !is_meant(scenario, &rule->match.which, rule->name, tally, &random) || is_found)
            continue; /* all rules count, so that none depends on another */
        tally->chosen++;
        is_found = true;
        *out = (struct mock_choice){draw(rule, &random), rule->name, mock_scenario_hold(scenario)};
    }
    return is_found;
}

static bool has_magic_numbers(const struct mock_chooser *chooser)
{
    return chooser->scenario == NULL || chooser->scenario->has_magic_numbers;
}

static bool places_a_call(struct str action)
{
    return str_is(action, str_of(mock_action_text(MOCK_ACTION_PLACE))) ||
           str_is(action, str_of(mock_action_text(MOCK_ACTION_CREATE_CALL)));
}

struct mock_choice mock_chooser_choose(struct mock_chooser *chooser,
                                       const struct mock_question *question)
{
    struct mock_choice choice = {.script = mock_script_ordinary()};
    if (choose_by_rules(chooser, question, &choice))
        return choice;
    if (has_magic_numbers(chooser) && places_a_call(question->action) &&
        mock_magic_find(question->tel_b, &choice.script))
        choice.rule = STR("magic number");
    return choice;
}

void mock_choice_finish(struct mock_choice *choice)
{
    mock_scenario_release(choice->scenario);
    *choice = (struct mock_choice){0};
}

struct mock_script mock_chooser_dialled(const struct mock_chooser *chooser, struct str tel_b)
{
    return has_magic_numbers(chooser) ? mock_magic_script(tel_b) : mock_script_ordinary();
}

enum mock_connection mock_chooser_connection(struct mock_chooser *chooser, struct str *rule)
{
    const struct mock_scenario *scenario = chooser->scenario;
    enum mock_connection chosen = MOCK_CONNECTION_SERVED;
    *rule = STR("");
    for (size_t i = 0; scenario != NULL && i < scenario->connection_count; i++) {
        const struct mock_connection_rule *connection = &scenario->connections[i];
        struct tally *tally = &chooser->connections[i];
        struct mock_random random;
        if (!is_meant(scenario, &connection->which, connection->name, tally, &random) ||
            rule->len > 0)
            continue;
        tally->chosen++;
        *rule = connection->name;
        chosen = connection->fault;
    }
    return chosen;
}

/* --- Telling --- */

static void write_tally(struct json_writer *w, struct str name, struct str description,
                        const struct tally *tally)
{
    json_write_object(w, NULL);
    json_write_str(w, "name", name);
    if (description.len > 0)
        json_write_str(w, "description", description);
    json_write_i64(w, "met", (int64_t)tally->met);
    json_write_i64(w, "chosen", (int64_t)tally->chosen);
    json_write_object_end(w);
}

void mock_chooser_write(const struct mock_chooser *chooser, struct json_writer *w, const char *name)
{
    const struct mock_scenario *scenario = chooser->scenario;
    if (scenario == NULL) {
        json_write_null(w, name);
        return;
    }
    json_write_object(w, name);
    json_write_str(w, "name", scenario->name);
    json_write_str(w, "description", scenario->description);
    json_write_i64(w, "seed", scenario->seed);
    json_write_bool(w, "listening", scenario->is_listening);
    json_write_bool(w, "magicNumbers", scenario->has_magic_numbers);
    json_write_array(w, "rules");
    for (size_t i = 0; i < scenario->rule_count; i++)
        write_tally(w, scenario->rules[i].name, scenario->rules[i].description, &chooser->rules[i]);
    json_write_array_end(w);
    json_write_array(w, "connections");
    for (size_t i = 0; i < scenario->connection_count; i++)
        write_tally(w, scenario->connections[i].name, scenario->connections[i].description,
                    &chooser->connections[i]);
    json_write_array_end(w);
    json_write_object_end(w);
}
