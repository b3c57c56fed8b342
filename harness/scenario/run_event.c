/* What a run tells of itself in its journal: by what it was made, and how to do it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/profile/profile.h"
#include "harness/scenario/runner_parts.h"

/* One that was read from elsewhere, such as a journal, has none. */
static void set_file(json_t *planned, const char *file)
{
    char *absolute = file ? realpath(file, NULL) : NULL;
    if (absolute)
        json_object_set_new(planned, "file", json_string(absolute));
    free(absolute);
}

/* Each with its whole text, by which it can be done again. `digest`: over all. */
static json_t *planned_of(const struct leg *g, char digest[65])
{
    struct digest *all = digest_new();
    json_t *planned = json_array();
    const char *prefix = !strcmp(g->iut->role, "koppelpunt") ? "KP-" : "OS-";
    for (size_t k = 0; k < g->n; k++) {
        json_t *proves = json_array();
        for (size_t i = 0; i < json_array_size(g->v[k]->proves); i++) {
            const char *id = json_string_value(json_array_get(g->v[k]->proves, i));
            if (!strncmp(id, prefix, 3) || !strncmp(id, "KT-", 3))
                json_array_append_new(proves, json_string(id));
        }
        char *name = xasprintf("%s/%s", g->iut->role, g->v[k]->name), own[65];
        scenario_digest(g->v[k], own);
        digest_add(all, own, strlen(own));
        digest_add(all, "\n", 1);
        json_array_append_new(
            planned, json_pack("{ss,so,sO,ss,ss,sO}", "scenario", name, "proves", proves,
                               "title", g->v[k]->title, "family", g->v[k]->family,
                               "digest", own, "text", g->v[k]->root));
        set_file(json_array_get(planned, k), g->v[k]->file);
        free(name);
    }
    digest_end(all, digest);
    return planned;
}

/* How the system was told to us. */
static json_t *configuration_of(const struct iut *i)
{
    if (!i->content)
        return json_pack("{sb}", "bundled", true);
    char *file = realpath(i->file, NULL), *folder = realpath(i->folder, NULL);
    json_t *o = json_pack("{ss,ss,sO}", "file", file ? file : i->file, "folder",
                          folder ? folder : i->folder, "content", i->content);
    free(file);
    free(folder);
    return o;
}

static void set_evidence(struct leg *g, json_t *e, const char *scenarios)
{
    const struct runner_config *c = &g->r->c;
    json_t *digests = c->digests ? json_deep_copy(c->digests) : json_object();
    json_object_set_new(digests, "scenarios", json_string(scenarios));
    json_object_set_new(e, "digests", digests);
    if (c->options)
        json_object_set_new(e, "options", json_deep_copy(c->options));
    json_object_set_new(e, "configuration", configuration_of(g->iut));
}

static bool has_rounds(const struct runner *r)
{
    return r->c.repeat || r->c.for_seconds > 0;
}

static void set_round(const struct leg *g, json_t *e)
{
    json_object_set_new(e, "round", json_integer(g->r->round));
    json_object_set_new(e, "persons", json_string(g->population ? "fresh" : "same"));
}

/* Of a further round only what differs. */
void run_tells_round(struct leg *g)
{
    json_t *e = json_pack("{ss}", "role", g->iut->role);
    set_round(g, e);
    journal_event(g->r->c.journal, wire_now(g->r->c.wire), "run", NULL, e);
}

void run_tells_itself(struct leg *g)
{
    struct runner *r = g->r;
    char wall[32], scenarios[65];
    const struct iut *i = g->iut;
    json_t *planned = planned_of(g, scenarios);
    json_t *capabilities = json_copy(i->capabilities);
    if (profile_scope(r->c.profile, OP_OPHALEN)) /* not the system's, but the profile's */
        json_array_append_new(capabilities, json_string("tokens"));
    if (iut_has(i, "overloadAt"))
        json_array_append_new(capabilities, json_string("overloadAt"));
    json_t *e = json_pack(
        "{ss,ss,ss,sI,ss,ss,s{ss,ss,ss,so,sb,ss*},sI,so}", "version", KOPPELPROEF_VERSION,
        "role", i->role, "profile", profile_name(r->c.profile), "seed",
        (json_int_t)r->c.seed, "planDigest", r->digest, "wall",
        when_format(wire_wall(r->c.wire), wall), "iut", "name", i->name, "version",
        i->version, "role", i->role, "capabilities", capabilities, "started",
        i->start != NULL, "goLive", i->go_live, "interval",
        (json_int_t)((i->start ? 0.5 : i->interval_seconds) * (double)NS_PER_S),
        "planned", planned);
    double patience = r->c.patience > 0 ? r->c.patience : 60;
    json_object_set_new(e, "patience",
                        json_integer((json_int_t)(patience * (double)NS_PER_S)));
    json_object_set_new(e, "whole", json_boolean(r->c.whole));
    set_evidence(g, e, scenarios);
    if (r->c.repeat)
        json_object_set_new(e, "repeat", json_integer(r->c.repeat));
    if (r->c.for_seconds > 0)
        json_object_set_new(e, "for", json_real(r->c.for_seconds));
    if (has_rounds(r))
        set_round(g, e);
    journal_event(r->c.journal, wire_now(r->c.wire), "run", NULL, e);
}
