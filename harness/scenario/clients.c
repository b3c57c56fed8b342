/* Who may call the koppelpunt: the clients of the provisioning file, with what a scenario
 * changes in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

static void add_client(struct trial *t, const json_t *record)
{
    struct client *c = xcalloc(1, sizeof *c);
    c->id = xstrdup(json_text(record, "clientId"));
    c->secret = xstrdup(json_text(record, "clientSecret"));
    c->soort = xstrdup(json_text(record, "soort"));
    const char *brin =
        json_string_value(json_array_get(json_object_get(record, "brins"), 0));
    c->brin = xstrdup(brin);
    if (!strcmp(c->soort, "sis"))
        c->actor = xasprintf("sis:%s", brin ? brin : c->id);
    else if (!strcmp(c->soort, "cambo"))
        c->actor = xstrdup("cambo");
    else
        c->actor = xasprintf("overstapsysteem:%s", c->id);
    t->client_list =
        xrealloc(t->client_list, (t->n_clients + 1) * sizeof *t->client_list);
    t->client_list[t->n_clients++] = c;
    map_put(t->clients, c->actor, c);
    map_put(t->clients, c->id, c);
    if (!strcmp(c->soort, "overstapsysteem"))
        trial_event(
            t, "client",
            json_pack(
                "{ss,ss,ss*,so}", "name", c->actor, "soort", c->soort, "aansluitdatum",
                json_text(record, "aansluitdatum"), "ingetrokken",
                json_boolean(json_is_true(json_object_get(record, "ingetrokken")))));
}

/* "+2s" is from when the system will be ready, "-1h" from now; anything else is a
 * date-time already. */
static char *moment_text(struct trial *t, const char *s)
{
    uint64_t ns;
    char out[32];
    if ((*s != '+' && *s != '-') || when_parse_duration(s + 1, &ns))
        return xstrdup(s);
    when_t now = wire_wall(t->wire);
    if (*s == '+')
        now += (when_t)t->c.start_allowance;
    /* Whole milliseconds: sources and provisioning send none or exactly three digits. */
    when_t at = (now + (*s == '+' ? 1 : -1) * (when_t)ns) / NS_PER_MS * NS_PER_MS;
    return xstrdup(when_format(at, out));
}

/* What "given" changes in the provisioning: connecting dates, newcomers, tokens. */
static void change_provisioning(struct trial *t)
{
    const json_t *tokens = json_object_get(t->c.scenario->given, "tokens");
    uint64_t ns;
    if (tokens && !when_parse_duration(json_string_value(tokens), &ns))
        json_object_set_new(t->provisioning, "tokenSeconds",
                            json_integer((json_int_t)((ns + NS_PER_S - 1) / NS_PER_S)));
    const char *name;
    json_t *wish;
    json_object_foreach (json_object_get(t->c.scenario->given, "overstapsystemen"), name,
                         wish) {
        const char *id = strcmp(name, "main") ? name : "intergrip";
        json_t *record = provisioning_client(t->provisioning, id);
        if (!record) {
            struct rng r;
            char secret[37];
            rng_init(&r, t->seed, id, "client-secret");
            rng_uuid(&r, secret);
            record = json_pack("{ss,ss,ss,ss,sb}", "clientId", id, "clientSecret", secret,
                               "soort", "overstapsysteem", "oin", "00000099000000003000",
                               "ingetrokken", 0);
            json_array_append_new(json_object_get(t->provisioning, "clients"), record);
        }
        const char *connects = json_text(wish, "connects");
        if (connects && !strcmp(connects, "never")) {
            json_object_del(record, "aansluitdatum");
        } else if (connects) {
            char *at = moment_text(t, connects);
            json_object_set_new(record, "aansluitdatum", json_string(at));
            free(at);
        }
        if (json_is_true(json_object_get(wish, "withdrawn")))
            json_object_set_new(record, "ingetrokken", json_true());
    }
}

void setup_clients(struct trial *t)
{
    t->clients = map_new();
    t->provisioning = t->c.provisioning
                          ? json_deep_copy(t->c.provisioning)
                          : provisioning_make(t->tables, t->seed, wire_wall(t->wire));
    if (!t->c.provisioning)
        change_provisioning(t);
    const json_t *clients = json_object_get(t->provisioning, "clients");
    for (size_t i = 0; i < json_array_size(clients); i++)
        add_client(t, json_array_get(clients, i));
}

struct client *trial_client(struct trial *t, const char *actor_or_id)
{
    return map_get(t->clients, actor_or_id);
}

struct client *trial_client_of_sis(struct trial *t, const char *brin)
{
    char actor[32];
    snprintf(actor, sizeof actor, "sis:%s", brin);
    return map_get(t->clients, actor);
}

void trial_client_free(struct client *c)
{
    free(c->actor);
    free(c->id);
    free(c->secret);
    free(c->soort);
    free(c->brin);
    free(c->token);
    free(c->old_token);
    free(c);
}

bool trial_connects(const struct trial *t, const struct client *c, when_t *out)
{
    const char *at =
        json_text(provisioning_client(t->provisioning, c->id), "aansluitdatum");
    return at && !when_parse(at, strlen(at), out);
}
