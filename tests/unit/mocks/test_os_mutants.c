/* The table of mutants, and that each of them does something else than the reference in
 * one long story: a mutant that changed nothing would prove nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "mocks/null_role.h"
#include "mocks/os_mutants.h"
#include "tests/unit/mocks/os_fake.h"

/* ---- the table ---- */

static json_t *requirements(void)
{
    json_t *root = NULL;
    struct err e = {0};
    char *path = xasprintf("%s/requirements.json", profile_dir());
    if (file_read_json(path, &root, &e))
        fail_msg("%s", e.text);
    free(path);
    return root;
}

static const json_t *requirement(const json_t *root, const char *id, size_t n)
{
    const json_t *list = json_object_get(root, "requirements"), *q;
    size_t i;
    json_array_foreach (list, i, q) {
        const char *s = json_string_value(json_object_get(q, "id"));
        if (strlen(s) == n && strncmp(s, id, n) == 0)
            return q;
    }
    return NULL;
}

/* Is the id among the words? */
static bool turns_red(const struct mutant *m, const char *id)
{
    size_t n = strlen(id);
    for (const char *p = m->reds; (p = strstr(p, id)); p += n)
        if ((p == m->reds || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

static void names_and_sentences(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct mutant *m = overstapsysteem_mutants; m->name; m++, n++) {
        assert_string_equal(m->role, "overstapsysteem");
        assert_true(strncmp(m->name, "os-", 3) == 0);
        assert_ptr_equal(mutant_find(m->name), m); /* so the names are unique */
        assert_true(m->nl[0] && m->nl[strlen(m->nl) - 1] == '.');
        assert_true(m->en[0] && m->en[strlen(m->en) - 1] == '.');
        assert_int_not_equal(m->which, OS_MUTANT_NONE);
        for (const struct mutant *o = overstapsysteem_mutants; o < m; o++)
            assert_int_not_equal(o->which, m->which);
    }
    assert_true(n > 60);
    assert_null(mutant_find("os-"));
    assert_null(mutant_find(""));
}

static void reds_are_requirements(void **state)
{
    (void)state;
    json_t *root = requirements();
    for (const struct mutant *m = overstapsysteem_mutants; m->name; m++) {
        if (m->kind != MUTANT_DEFECT) {
            assert_string_equal(m->reds, "");
            continue;
        }
        assert_true(m->reds[0]);
        for (const char *p = m->reds; *p;) {
            size_t n = strcspn(p, " ");
            if (!requirement(root, p, n))
                fail_msg("%s: %.*s is no requirement", m->name, (int)n, p);
            p += n;
            if (*p) {
                p++;
                assert_true(*p && *p != ' ');
            }
        }
    }
    json_decref(root);
}

static void each_requirement_has_a_mutant(void **state)
{
    (void)state;
    json_t *root = requirements(), *q;
    size_t i, n = 0;
    json_array_foreach (json_object_get(root, "requirements"), i, q) {
        const char *id = json_string_value(json_object_get(q, "id"));
        const char *role = json_string_value(json_object_get(q, "role"));
        bool found = false;
        if (strcmp(role, "overstapsysteem") != 0)
            continue;
        for (const struct mutant *m = overstapsysteem_mutants; m->name; m++)
            found = found || turns_red(m, id);
        if (!found)
            fail_msg("no mutant turns %s red", id);
        n++;
    }
    assert_true(n >= 32);
    json_decref(root);
}

static void unusual_and_null_ones(void **state)
{
    (void)state;
    size_t unusual = 0, nothing = 0;
    for (const struct mutant *m = overstapsysteem_mutants; m->name; m++) {
        unusual += m->kind == MUTANT_UNUSUAL;
        nothing += m->kind == MUTANT_NULL;
        assert_int_equal(m->kind == MUTANT_NULL, m->which >= NULL_SILENT);
    }
    assert_true(unusual >= 6);
    assert_int_equal(nothing, 4);
}

/* ---- the story ---- */

#define SEM    "000000012" /* zeros in front */
#define MEES   "999990020"
#define NOBODY "999990032" /* no pupil of the schools that look */
#define JSON   "application/json"

struct story {
    struct fake *f;
    struct buf told; /* all that was seen from outside */
    char *bodies[8]; /* of answers that may still be given */
    size_t n_bodies;
};

static char *keep(struct story *s, char *body)
{
    assert_true(s->n_bodies < ARRAY_LEN(s->bodies));
    return s->bodies[s->n_bodies++] = body;
}

/* What happened since the last time. */
static void tell(struct story *s)
{
    struct fake *f = s->f;
    for (size_t i = 0; i < f->n; i++) {
        const struct request_seen *q = &f->seen[i];
        buf_addf(&s->told, "%" PRIu64 " asks %d %s%s %s %d\n", q->at, q->op, q->url,
                 q->target, q->token, q->trust);
    }
    for (size_t i = 0; i < f->n_replies; i++) {
        const struct reply_seen *r = &f->replies[i];
        char *body = r->body ? json_dumps(r->body, JSON_COMPACT) : xstrdup("");
        buf_addf(&s->told, "%" PRIu64 " says %d %s %" PRIu64 " %s\n", r->at, r->status,
                 r->retry_after, r->delay, body);
        free(body);
    }
    fake_forget(f);
}

/* Lets intervals pass, while two schools keep looking. */
static void pass(struct story *s, int intervals)
{
    struct fake *f = s->f;
    for (int i = 0; i < 2 * intervals; i++) {
        fake_until(f, fake_time(f) + SECOND / 2);
        observe(f, "POST", "/waarnemingen", "{\"school\":\"02QZ00\"}");
        observe(f, "POST", "/waarnemingen", "{\"school\":\"99AA00\"}");
        tell(s);
    }
}

/* An entry at another instelling and opleiding than entry_of's. */
static void add(struct fake *f, const char *id, const char *bsn, const char *status,
                const char *begin, const char *brin, const char *opleiding)
{
    feed_add(f, id, bsn, status, begin);
    json_t *e = json_array_get(f->feed, json_array_size(f->feed) - 1);
    json_object_set_new(json_object_get(e, "instelling"), "code", json_string(brin));
    json_object_set_new(json_object_get(e, "opleiding"), "code", json_string(opleiding));
    json_object_set_new(json_object_get(e, "opleiding"), "naam",
                        json_string("Coördinator"));
}

/* The koppelpunt's next answers on the feed; status 0: its own. */
static void answers(struct fake *f, int count, int status, const char *type,
                    const char *body)
{
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = count,
                                    .status = status,
                                    .type = type,
                                    .body = body});
}

static void asks_to_wait(struct fake *f, const char *retry_after)
{
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .type = "application/problem+json",
                                    .body = "{}",
                                    .field = "Retry-After",
                                    .value = retry_after});
}

/* The page with "gone" on it, from before it lapsed. */
static void from_before(struct story *s)
{
    struct fake *f = s->f;
    size_t n = json_array_size(f->feed), i;
    json_t *page, *entry, *old = json_array();
    char cursor[40];
    json_array_foreach (f->feed, i, entry) {
        const char *id = json_string_value(json_object_get(entry, "aanmeldId"));
        if (strcmp(id, "gone") == 0 && !json_object_get(entry, "vervallen"))
            json_array_append(old, entry);
    }
    snprintf(cursor, sizeof(cursor), "c%d.%zu", f->epoch, n);
    page = json_pack("{s:o,s:s,s:b}", "aanmeldstatussen", old, "volgende", cursor, "meer",
                     0);
    answers(f, 1, 200, JSON, keep(s, json_dumps(page, 0)));
    pass(s, 2);
    json_decref(page);
}

static void chapter_statuses(struct story *s)
{
    struct fake *f = s->f;
    add(f, "late", LOTTE, "ENROLLED", DAY3, "25LH", "25655");
    add(f, "tie", LOTTE, "OFFERED", DAY2, "25LH", "25001");
    add(f, "text", LOTTE, "OFFERED", "2023-04-01T08:00:00.5Z", "25LH", "25002");
    add(f, "burst", LOTTE, "RECEIVED", DAY1, "25LH", "25003");
    add(f, "gone", LOTTE, "OFFERED", DAY2, "25LH", "25004");
    add(f, "old", LOTTE, "WITHDRAWN", DAY2, "25PT", "25006");
    add(f, "new", LOTTE, "ENROLLED", DAY2, "25PT", "25007");
    add(f, "no", MEES, "REJECTED", DAY3, "25LH", "25655");
    add(f, "sem", SEM, "RECEIVED", DAY1, "25LH", "25655");
    pass(s, 3);
    add(f, "late", LOTTE, "RECEIVED", DAY1, "25LH", "25655");
    add(f, "tie", LOTTE, "RECEIVED", DAY2, "25LH", "25011");
    add(f, "text", LOTTE, "RECEIVED", DAY1, "25LH", "25002");
    add(f, "burst", LOTTE, "RECEIVED", "2023-04-01T08:00:01Z", "25LH", "25003");
    add(f, "sem", SEM, "RECEIVED", DAY1, "25LH", "25655");
    add(f, "no", MEES, "ENROLLED", DAY2, "25LH", "25655");
    add(f, "old", LOTTE, "RECEIVED", DAY3, "25PT", "25006");
    feed_lapse(f, "gone");
    pass(s, 2);
    from_before(s);
    add(f, "gone", LOTTE, "RECEIVED", DAY1, "25LH", "25004");
    add(f, "late", LOTTE, "OFFERED", "2023-04-04T08:00:00Z", "25LH", "25655");
    pass(s, 2);
}

/* What is new: a status, a key. And what is old: the last page, a large one. */
static void chapter_pages(struct story *s)
{
    struct fake *f = s->f;
    json_t *again = json_array();
    char cursor[40];
    add(f, "odd", LOTTE, "ONBEKEND", DAY1, "25LH", "25005");
    pass(s, 2);
    add(f, "odd", LOTTE, "OFFERED", DAY2, "25LH", "25005");
    add(f, "odd", LOTTE, "WACHTLIJST", DAY3, "25LH", "25005");
    json_object_set_new(json_array_get(f->feed, json_array_size(f->feed) - 1), "nieuw",
                        json_true());
    pass(s, 2);
    size_t n = json_array_size(f->feed);
    for (size_t i = n - 3; i < n; i++)
        json_array_append(again, json_array_get(f->feed, i));
    snprintf(cursor, sizeof(cursor), "c%d.%zu", f->epoch, n);
    json_t *page = json_pack("{s:o,s:s,s:b}", "aanmeldstatussen", again, "volgende",
                             cursor, "meer", 0);
    answers(f, 1, 200, JSON, keep(s, json_dumps(page, 0)));
    pass(s, 2);
    json_decref(page);
    f->page = 100;
    for (int i = 0; i < 130; i++) {
        char id[20];
        snprintf(id, sizeof(id), "crowd%d", i);
        add(f, id, i < 129 ? NOBODY : MEES, "RECEIVED", DAY1, "25LH", "25655");
    }
    pass(s, 2);
    f->page = 3;
}

static void chapter_schools(struct story *s)
{
    struct fake *f = s->f;
    static const char *const own[][3] = {{"25655", "RECEIVED", "2023-04-05T08:00:00Z"},
                                         {"25011", "REJECTED", DAY1}};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        char *body = xasprintf(
            "{\"aanmeldingen\":[{\"bsn\":\"" LOTTE "\",\"instelling\":{\"code\":\"25LH\","
            "\"naam\":\"ROC\"},\"opleiding\":{\"code\":\"%s\",\"naam\":\"Vpk\"},"
            "\"status\":\"%s\",\"statusBegin\":\"%s\"}]}",
            own[i][0], own[i][1], own[i][2]);
        observe(f, "POST", "/eigen-aanmeldingen", body);
        free(body);
    }
    pass(s, 1);
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\",\"" SEM "\"]}");
    pass(s, 1);
}

static void chapter_failures(struct story *s)
{
    struct fake *f = s->f;
    char when[64];
    asks_to_wait(f, "4");
    pass(s, 2);
    observe(f, "POST", "/ophalen", "{}");
    pass(s, 4);
    when_format_http(fake_now(f).wall + 6 * (when_t)SECOND, when);
    asks_to_wait(f, when);
    pass(s, 8);
    answers(f, 4, 500, "application/problem+json", "{}");
    pass(s, 24);
    answers(f, 3, 401, "application/problem+json", "{}");
    pass(s, 12);
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 307,
                                    .field = "Location",
                                    .value = "http://elsewhere/v1/aanmeldstatussen"});
    pass(s, 4);
    answers(f, 1, 200, "text/html", "<h1>Onderhoud</h1>");
    pass(s, 4);
}

/* Pages that break a reading. */
static void chapter_broken(struct story *s)
{
    struct fake *f = s->f;
    answers(f, 1, 200, JSON, "{\"lijst\":[]}");
    pass(s, 4);
    f->page = 1;
    feed_add(f, "x", LOTTE, "RECEIVED", DAY1);
    feed_add(f, "y", LOTTE, "RECEIVED", DAY2);
    feed_add(f, "z", LOTTE, "RECEIVED", DAY3);
    answers(f, 1, 0, NULL, NULL);
    answers(f, 1, 500, JSON, "{}");
    pass(s, 4);
    char *faulty = keep(s, xasprintf("{\"aanmeldstatussen\":[{\"volgnummer\":\"een\"}],"
                                     "\"volgende\":\"c%d.%zu\",\"meer\":false}",
                                     f->epoch, json_array_size(f->feed) + 1));
    answers(f, 1, 200, JSON, faulty);
    feed_add(f, "w", LOTTE, "OFFERED", DAY1);
    pass(s, 5);
}

/* Cursors that are gone, full states that can't be believed, a restart. */
static void chapter_full_states(struct story *s)
{
    struct fake *f = s->f;
    f->page = 3;
    f->epoch++;
    answers(f, 1, 0, NULL, NULL);
    answers(f, 1, 200, JSON,
            "{\"aanmeldstatussen\":[],\"volgende\":\"c2.0\",\"meer\":false}");
    pass(s, 4);
    f->epoch++;
    char *page = json_dumps(json_array_get(f->feed, 0), 0);
    char *half = keep(s, xasprintf("{\"aanmeldstatussen\":[%s,{\"volg", page));
    answers(f, 1, 0, NULL, NULL);
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .outcome = CALL_TRUNCATED,
                                    .status = 200,
                                    .type = JSON,
                                    .body = half});
    pass(s, 4);
    free(page);
    json_array_remove(f->feed, json_array_size(f->feed) - 1);
    f->epoch++;
    pass(s, 2);
    fake_kill(f);
    tell(s);
    fake_start(f);
    pass(s, 2);
}

/* The story with this mutant; the caller frees. */
static char *story_of(int mutant)
{
    void *state = NULL;
    size_t n;
    struct story s = {0};
    assert_int_equal(fake_setup(&state), 0);
    s.f = state;
    buf_init(&s.told, SIZE_MAX);
    struct fake *f = s.f;
    f->config.url = "https://kp";
    f->config.mutant = mutant;
    f->config.has_aansluitdatum = true;
    f->config.aansluitdatum = fake_now(f).wall + (when_t)(2 * SECOND);
    f->token_seconds = 20;
    f->page = 3;
    fake_start(f);
    pupils(f,
           "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\",\"" SEM "\",\"" MEES "\"]}");
    pupils(f, "{\"school\":\"99AA00\",\"bsns\":[\"" MEES "\"]}");
    pass(&s, 4);
    observe(f, "POST", "/ophalen", "{}");
    chapter_statuses(&s);
    chapter_pages(&s);
    chapter_schools(&s);
    chapter_broken(&s);
    chapter_full_states(&s);
    chapter_failures(&s);
    assert_false(s.told.full);
    char *told = buf_take(&s.told, &n);
    fake_teardown(&state);
    for (size_t i = 0; i < s.n_bodies; i++)
        free(s.bodies[i]);
    return told;
}

static void none_changes_nothing(void **state)
{
    (void)state;
    char *a = story_of(OS_MUTANT_NONE), *b = story_of(OS_MUTANT_NONE);
    assert_true(strlen(a) > 10000);
    assert_string_equal(a, b);
    /* Beyond the last mutant there is nothing that could be asked for. */
    free(b);
    b = story_of(NULL_SILENT);
    assert_string_equal(a, b);
    free(a);
    free(b);
}

static void each_does_something_else(void **state)
{
    (void)state;
    char *reference = story_of(OS_MUTANT_NONE);
    size_t same = 0;
    for (const struct mutant *m = overstapsysteem_mutants; m->name; m++) {
        if (m->kind == MUTANT_NULL || m->which == OS_ONLY_NOTIFIED)
            continue; /* that one needs notifications: test_os_notify.c */
        char *told = story_of(m->which);
        if (strcmp(told, reference) == 0) {
            print_error("%s does what the reference does\n", m->name);
            same++;
        }
        free(told);
    }
    free(reference);
    assert_int_equal(same, 0);
}

/* What the scout said, and that it changed nothing. The caller frees. */
static char *scouted(const char *reference)
{
    char path[] = "/tmp/scout-XXXXXX", *said = NULL;
    size_t n;
    int to = mkstemp(path), stderr_was = dup(STDERR_FILENO);
    assert_true(to >= 0 && stderr_was >= 0);
    mutant_scout(overstapsysteem_mutants);
    dup2(to, STDERR_FILENO);
    char *told = story_of(MUTANT_SCOUT);
    dup2(stderr_was, STDERR_FILENO);
    close(stderr_was);
    close(to);
    assert_string_equal(told, reference);
    free(told);
    assert_int_equal(file_read(path, (size_t)1 << 20, &said, &n, NULL), 0);
    unlink(path);
    return said;
}

/* In this story every mutant behaves otherwise, so a scout must name them all. */
static void a_scout_names_every_defect(void **state)
{
    char *reference = story_of(OS_MUTANT_NONE), *said = scouted(reference);
    (void)state;
    for (const struct mutant *m = overstapsysteem_mutants; m->name; m++) {
        char *line = xasprintf(MUTANT_REACHED "%s\n", m->name);
        size_t times = 0;
        for (const char *at = said; (at = strstr(at, line)); at++)
            times++;
        if (times > 1 ||
            (m->kind == MUTANT_DEFECT && m->which != OS_ONLY_NOTIFIED && !times))
            fail_msg("%s was named %zu times", m->name, times);
        free(line);
    }
    free(reference);
    free(said);
}

/* Of the chain as a whole either role may break a requirement. */
static void each_requirement_of_the_chain_has_a_mutant(void **state)
{
    (void)state;
    json_t *root = requirements(), *q;
    size_t i, n = 0;
    json_array_foreach (json_object_get(root, "requirements"), i, q) {
        const char *id = json_string_value(json_object_get(q, "id"));
        const struct mutant *m;
        bool found = false;
        if (strcmp(json_string_value(json_object_get(q, "role")), "keten") != 0)
            continue;
        for (size_t k = 0; (m = mutant_at(k)); k++)
            found = found || turns_red(m, id);
        if (!found)
            fail_msg("no mutant turns %s red", id);
        n++;
    }
    assert_true(n >= 8);
    json_decref(root);
}

/* ---- null systems ---- */

static char *said_by(enum null_kind kind, const char *body)
{
    struct role *r = null_role_new("koppelpunt", kind);
    struct moment now = {0};
    struct outbox out;
    struct http_request req;
    struct http_reply reply;
    uint64_t ticket;
    char *said = NULL;
    outbox_init(&out);
    for (int i = 0; i < 2; i++) {
        http_request_init(&req);
        http_request_line(&req, "POST", "/x");
        const char *text = i == 0 ? body : "{\"second\":2}";
        http_request_body(&req, xstrdup(text), strlen(text));
        r->ops->request(r, 7, &req, now, &out);
        http_request_done(&req);
        free(said);
        said = NULL;
        if (!outbox_take_reply(&out, &ticket, &reply))
            continue;
        assert_int_equal(ticket, 7);
        assert_int_equal(reply.response.status, 200);
        said = xstrdup(reply.response.body);
        http_reply_done(&reply);
    }
    r->ops->tick(r, now, &out);
    assert_true(outbox_empty(&out));
    outbox_done(&out);
    assert_string_equal(r->ops->name, "koppelpunt");
    r->ops->free(r);
    return said ? said : xstrdup("nothing");
}

static void null_systems(void **state)
{
    (void)state;
    static const struct {
        enum null_kind kind;
        const char *says;
    } all[] = {{NULL_SILENT, "nothing"},
               {NULL_EMPTY, "{}"},
               {NULL_ECHO, "{\"second\":2}"},
               {NULL_REPLAY, "{\"first\":1}"}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        char *said = said_by(all[i].kind, "{\"first\":1}");
        assert_string_equal(said, all[i].says);
        free(said);
    }
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_sentences),
        cmocka_unit_test(reds_are_requirements),
        cmocka_unit_test(each_requirement_has_a_mutant),
        cmocka_unit_test(each_requirement_of_the_chain_has_a_mutant),
        cmocka_unit_test(unusual_and_null_ones),
        cmocka_unit_test(none_changes_nothing),
        cmocka_unit_test(each_does_something_else),
        cmocka_unit_test(a_scout_names_every_defect),
        cmocka_unit_test(null_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
