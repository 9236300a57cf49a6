#include "mock_ita/scenario/scenario.h"

#include <assert.h>

#include "base/file.h"
#include "base/mem.h"
#include "mock_ita/scenario/rule.h"

enum { SEED_DEFAULT = 1 };

/* --- Reading --- */

/* Rules of one name would draw the same, and nobody could tell them apart in the journal. */
static enum status refuse_name(const struct mock_value *item)
{
    struct mock_value name = mock_value_member(item, "name");
    return mock_value_refuse(name.json == NULL ? item : &name, "another one has this name");
}

static enum status read_rule(const struct mock_value *item, void *data)
{
    struct mock_scenario *scenario = data;
    struct mock_rule *rule = &scenario->rules[scenario->rule_count++];
    enum status status = mock_rule_read(item, rule);
    for (size_t i = 0; status == OK && i < item->index; i++)
        if (str_is(scenario->rules[i].name, rule->name))
            status = refuse_name(item);
    return status;
}

static enum status read_rules(const struct mock_value *value, void *data)
{
    struct mock_scenario *scenario = data;
    size_t count = mock_value_count(value);
    if (count <= MOCK_SCENARIO_RULES_MAX) /* else it is refused before any is read */
        scenario->rules = mem_alloc(count * sizeof(*scenario->rules));
    return mock_value_read_items(value, MOCK_SCENARIO_RULES_MAX, read_rule, scenario);
}

static enum status read_connection(const struct mock_value *item, void *data)
{
    struct mock_scenario *scenario = data;
    struct mock_connection_rule *rule = &scenario->connections[scenario->connection_count++];
    enum status status = mock_connection_rule_read(item, rule);
    for (size_t i = 0; status == OK && i < item->index; i++)
        if (str_is(scenario->connections[i].name, rule->name))
            status = refuse_name(item);
    return status;
}

static enum status read_connections(const struct mock_value *value, void *data)
{
    struct mock_scenario *scenario = data;
    size_t count = mock_value_count(value);
    if (count <= MOCK_SCENARIO_RULES_MAX)
        scenario->connections = mem_alloc(count * sizeof(*scenario->connections));
    return mock_value_read_items(value, MOCK_SCENARIO_RULES_MAX, read_connection, scenario);
}

static enum status read_scenario(const struct mock_value *value, struct mock_scenario *scenario)
{
#define AT(field) .offset = offsetof(struct mock_scenario, field)
    static const struct mock_member members[] = {
        {"name", MOCK_MEMBER_TEXT, AT(name), .min = 1, .max = MOCK_RULE_NAME_MAX},
        {"description", MOCK_MEMBER_TEXT, AT(description), .max = MOCK_RULE_DESCRIPTION_MAX},
        {"seed", MOCK_MEMBER_WHOLE, AT(seed), .max = JSON_WHOLE_MAX},
        {"listening", MOCK_MEMBER_SWITCH, AT(is_listening)},
        {"magicNumbers", MOCK_MEMBER_SWITCH, AT(has_magic_numbers)},
        {"rules", MOCK_MEMBER_OWN, .read = read_rules},
        {"connections", MOCK_MEMBER_OWN, .read = read_connections},
    };
#undef AT
    return mock_value_read(value, members, COUNT_OF(members), scenario);
}

enum status mock_scenario_parse(struct str text, struct mock_scenario **out, struct fault *fault)
{
    struct json *json;
    if (text.len > MOCK_SCENARIO_TEXT_MAX)
        return fault_set(fault, ERR_TOO_BIG, "must have at most %d bytes", MOCK_SCENARIO_TEXT_MAX);
    enum status status = json_parse(text, &json, fault);
    if (status != OK)
        return status;
    struct mock_scenario *scenario = NEW(struct mock_scenario);
    *scenario = (struct mock_scenario){
        .references = 1,
        .text = str_copy(text),
        .json = json,
        .seed = SEED_DEFAULT,
        .is_listening = true,
        .has_magic_numbers = true,
    };
    struct mock_value whole = {.json = json, .fault = fault};
    status = read_scenario(&whole, scenario);
    if (status == OK)
        *out = scenario;
    else
        mock_scenario_release(scenario);
    return status;
}

enum status mock_scenario_read(const char *path, struct mock_scenario **out, struct fault *fault)
{
    struct buf text;
    buf_init(&text, MOCK_SCENARIO_TEXT_MAX);
    enum status status = file_read(path, &text, fault);
    if (status == OK) {
        status = mock_scenario_parse(buf_str(&text), out, fault);
        if (status != OK)
            fault_prefix(fault, "%s", path);
    }
    buf_finish(&text);
    return status;
}

/* --- References --- */

struct mock_scenario *mock_scenario_hold(struct mock_scenario *scenario)
{
    if (scenario != NULL)
        scenario->references++;
    return scenario;
}

void mock_scenario_release(struct mock_scenario *scenario)
{
    if (scenario == NULL)
        return;
    assert(scenario->references > 0);
    if (--scenario->references > 0)
        return;
    for (size_t i = 0; i < scenario->rule_count; i++)
        mock_rule_finish(&scenario->rules[i]);
    mem_free(scenario->rules);
    mem_free(scenario->connections);
    json_destroy(scenario->json);
    mem_free(scenario->text);
    mem_free(scenario);
}

/* --- Telling --- */

struct str mock_scenario_text(const struct mock_scenario *scenario)
{
    return str_of(scenario->text);
}

bool mock_scenario_has_connections(const struct mock_scenario *scenario)
{
    return scenario->connection_count > 0 || !scenario->is_listening;
}

bool mock_scenario_is_listening(const struct mock_scenario *scenario)
{
    return scenario->is_listening;
}
