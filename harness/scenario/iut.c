#include "harness/scenario/iut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/when.h"

static const char *const capabilities[] = {"reload",   "restart", "notificaties",
                                           "observer", "ophalen", "eigen-aanmeldingen",
                                           "zoeken",   "stand",   "strict"};

/* Where the reference koppelpunt begins to refuse a client: more than any asks in a
 * second of an ordinary conversation, little enough to be brought about on a busy
 * machine. */
#define REFERENCE_OVERLOAD 300

/* One member of iut.json. */
enum kind { TEXT, DATE, URL, ARGV, WORDS, NUMBER, OBSERVER, OVERLOAD, COMMANDS };
struct member {
    const char *name;
    enum kind kind;
    size_t offset; /* in struct iut */
};
#define AT(field) offsetof(struct iut, field)
static const struct member members[] = {
    {"role", TEXT, AT(role)},
    {"name", TEXT, AT(name)},
    {"version", TEXT, AT(version)},
    {"goLive", DATE, AT(go_live)},
    {"start", ARGV, AT(start)},
    {"baseUrl", URL, AT(base_url)},
    {"tokenUrl", URL, AT(token_url)},
    {"koppelpuntListen", TEXT, AT(koppelpunt_listen)},
    {"observer", OBSERVER, 0},
    {"observerToken", TEXT, AT(observer_token)},
    {"provisioning", TEXT, AT(provisioning)},
    {"caFile", TEXT, AT(ca_file)},
    {"stop", ARGV, AT(stop)},
    {"reload", ARGV, AT(reload)},
    {"restart", ARGV, AT(restart)},
    {"commands", COMMANDS, 0},
    {"capabilities", WORDS, AT(capabilities)},
    {"profiles", WORDS, AT(profiles)},
    {"ophaalintervalSeconds", NUMBER, AT(interval_seconds)},
    {"volledigeStandSeconds", NUMBER, AT(full_state_seconds)},
    {"overloadAt", OVERLOAD, 0},
};

/* What is being read, for errors with a place. */
struct reading {
    struct iut *iut;
    char pointer[200];
    struct err *e;
};

static int fault(struct reading *r, const char *what)
{
    int rc = err_set(r->e, E_INVALID, "%s", what);
    err_at(r->e, NULL, 0, 0, r->pointer);
    return rc;
}

/* "word" and what is wrong with it, with a suggestion when there is one. */
static int suggest(struct reading *r, const char *what, const char *word,
                   const char *near)
{
    char text[300];
    snprintf(text, sizeof text, "\"%s\" %s%s%s%s", word, what,
             near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return fault(r, text);
}

static int read_argv(struct reading *r, const json_t *v, char ***out)
{
    if (json_is_string(v)) {
        *out = xcalloc(2, sizeof **out);
        (*out)[0] = xstrdup(json_string_value(v));
        return 0;
    }
    size_t n = json_array_size(v);
    if (n == 0)
        return fault(r, "a command is a list of words: [\"./start.sh\", \"--quiet\"]");
    char **argv = xcalloc(n + 1, sizeof *argv);
    *out = argv;
    for (size_t i = 0; i < n; i++) {
        const char *s = json_string_value(json_array_get(v, i));
        if (!s)
            return fault(r, "each word of a command is a string");
        argv[i] = xstrdup(s);
    }
    return 0;
}

static int read_url(struct reading *r, const json_t *v, char **out)
{
    const char *s = json_string_value(v);
    if (!s || (strncmp(s, "http://", 7) && strncmp(s, "https://", 8)))
        return fault(r, "this must be an address that begins with http:// or https://");
    if (strlen(strstr(s, "://") + 3) == 0)
        return fault(r, "this address has no host");
    *out = xstrdup(s);
    for (size_t n = strlen(*out); n && (*out)[n - 1] == '/'; n--)
        (*out)[n - 1] = 0;
    return 0;
}

static int read_date(struct reading *r, const json_t *v, char **out)
{
    const char *s = json_string_value(v);
    when_t day;
    if (!s || when_parse_date(s, strlen(s), &day))
        return fault(r, "this must be a date that exists: \"2027-05-01\"");
    *out = xstrdup(s);
    return 0;
}

static int read_overload(struct reading *r, const json_t *v)
{
    r->iut->overload_connections =
        (int)json_integer_value(json_object_get(v, "connections"));
    r->iut->overload_requests = (int)json_integer_value(json_object_get(v, "requests"));
    if (r->iut->overload_connections <= 0 && r->iut->overload_requests <= 0)
        return fault(r, "overloadAt holds a positive number of connections or requests");
    return 0;
}

static int read_observer(struct reading *r, const json_t *v)
{
    if (json_is_string(v))
        return read_url(r, v, &r->iut->observer_url);
    const json_t *cmd = json_is_object(v) ? json_object_get(v, "command") : NULL;
    if (!cmd)
        return fault(
            r, "the observer is an address (\"http://...\") or {\"command\": [...]}");
    return read_argv(r, cmd, &r->iut->observer_command);
}

static int read_commands(struct reading *r, json_t *v)
{
    const char *key;
    json_t *command;
    json_object_foreach (v, key, command) {
        char ***to = !strcmp(key, "stop")      ? &r->iut->stop
                     : !strcmp(key, "reload")  ? &r->iut->reload
                     : !strcmp(key, "restart") ? &r->iut->restart
                                               : NULL;
        if (!to)
            return fault(r, "commands may hold stop, reload and restart");
        int rc = read_argv(r, command, to);
        if (rc)
            return rc;
    }
    return 0;
}

static int read_member(struct reading *r, const struct member *m, json_t *v)
{
    char *at = (char *)r->iut + m->offset;
    switch (m->kind) {
    case TEXT:
        if (!json_is_string(v) || !*json_string_value(v))
            return fault(r, "this must be a text that is not empty");
        *(char **)(void *)at = xstrdup(json_string_value(v));
        return 0;
    case DATE:
        return read_date(r, v, (char **)(void *)at);
    case URL:
        return read_url(r, v, (char **)(void *)at);
    case ARGV:
        return read_argv(r, v, (char ***)(void *)at);
    case NUMBER:
        if (!json_is_number(v) || json_number_value(v) <= 0)
            return fault(r, "this must be a number of seconds above 0");
        *(double *)(void *)at = json_number_value(v);
        return 0;
    case WORDS:
        if (!json_is_array(v))
            return fault(r, "this must be a list of words");
        *(json_t **)(void *)at = json_incref(v);
        return 0;
    case OBSERVER:
        return read_observer(r, v);
    case OVERLOAD:
        return read_overload(r, v);
    case COMMANDS:
        return read_commands(r, v);
    }
    return 0;
}

static int unknown_key(struct reading *r, const char *key)
{
    const char *names[ARRAY_LEN(members)];
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        names[i] = members[i].name;
    const char *near = word_nearest(key, names, ARRAY_LEN(members));
    return suggest(r, "is not known in an iut.json", key, near);
}

static int check_capabilities(struct reading *r)
{
    for (size_t i = 0; i < json_array_size(r->iut->capabilities); i++) {
        snprintf(r->pointer, sizeof r->pointer, "/capabilities/%zu", i);
        const char *s = json_string_value(json_array_get(r->iut->capabilities, i));
        bool known = false;
        for (size_t k = 0; s && k < ARRAY_LEN(capabilities); k++)
            known = known || !strcmp(s, capabilities[k]);
        if (known)
            continue;
        const char *near =
            s ? word_nearest(s, capabilities, ARRAY_LEN(capabilities)) : NULL;
        return suggest(r, "is not a capability", s ? s : "(no text)", near);
    }
    return 0;
}

/* What must be there, and what must not be there together. */
static int check_whole(struct reading *r)
{
    struct iut *i = r->iut;
    r->pointer[0] = 0;
    if (!i->role ||
        (strcmp(i->role, "koppelpunt") && strcmp(i->role, "overstapsysteem"))) {
        snprintf(r->pointer, sizeof r->pointer, "/role");
        return fault(r, "role must be \"koppelpunt\" or \"overstapsysteem\"");
    }
    if (!i->name || !i->version)
        return fault(
            r, "name and version of the system are needed: they stand in the report");
    bool kp = !strcmp(i->role, "koppelpunt");
    if (kp && !i->start && !i->base_url)
        return fault(
            r, "say how to reach the koppelpunt (baseUrl) or how to start it (start)");
    if (kp && i->base_url && !i->provisioning)
        return fault(
            r, "a koppelpunt that runs already needs \"provisioning\": the file made "
               "by `koppelproef provision` and loaded into it");
    if (!kp && !i->start && !i->koppelpunt_listen)
        return fault(r, "say on which host:port we are to be the koppelpunt "
                        "(koppelpuntListen) or how to start the system (start)");
    if (!kp && !i->start && !i->provisioning)
        return fault(
            r, "an overstapsysteem that runs already needs \"provisioning\": the file "
               "made by `koppelproef provision`, with the client that it uses");
    if (i->start && (i->base_url || i->koppelpunt_listen))
        return fault(r, "a system is either started by us (start) or running already "
                        "(baseUrl, koppelpuntListen), not both");
    return check_capabilities(r);
}

static void absolute(const char *file, char **path)
{
    if (!*path)
        return;
    char *whole = file_beside(file, *path);
    free(*path);
    *path = whole;
}

static int read_all(struct reading *r, json_t *root)
{
    if (!json_is_object(root))
        return fault(r, "an iut.json is one JSON object");
    const char *key;
    json_t *value;
    json_object_foreach (root, key, value) {
        struct buf pointer;
        buf_init(&pointer, sizeof r->pointer - 1);
        json_pointer_add(&pointer, key);
        snprintf(r->pointer, sizeof r->pointer, "%s", pointer.p ? pointer.p : "");
        buf_done(&pointer);
        const struct member *m = NULL;
        for (size_t i = 0; i < ARRAY_LEN(members); i++)
            if (!strcmp(members[i].name, key))
                m = &members[i];
        int rc = m ? read_member(r, m, value) : unknown_key(r, key);
        if (rc)
            return rc;
    }
    return check_whole(r);
}

/* ---- what may be told about it ---- */

/* "http://user:password@host/" -> "http://secret~@host/" */
static json_t *without_userinfo(const char *url)
{
    const char *host = strstr(url, "://");
    const char *at = host ? strchr(host + 3, '@') : NULL;
    if (!at || (size_t)(at - host - 3) > strcspn(host + 3, "/?#"))
        return json_string(url);
    char *clean = xasprintf("%.*s://secret~%s", (int)(host - url), url, at);
    json_t *out = json_string(clean);
    free(clean);
    return out;
}

/* The iut.json as it may stand in a journal: what is to be done is all there, what opens
 * a door is not. */
static json_t *without_credentials(const json_t *root)
{
    json_t *out = json_deep_copy(root), *value;
    const char *key;
    if (json_object_get(out, "observerToken"))
        json_object_set_new(out, "observerToken", json_string("secret~"));
    json_object_foreach (out, key, value)
        if (json_is_string(value) && strstr(json_string_value(value), "://"))
            json_object_set_new(out, key, without_userinfo(json_string_value(value)));
    return out;
}

int iut_from(const json_t *content, const char *file, struct iut **out, struct err *e)
{
    struct iut *i = xcalloc(1, sizeof *i);
    json_t *root = json_deep_copy(content);
    i->file = xstrdup(file);
    i->folder = file_beside(file, ".");
    struct reading r = {.iut = i, .e = e};
    int rc = read_all(&r, root);
    if (rc) {
        iut_free(i);
    } else {
        if (!i->capabilities)
            i->capabilities = json_array();
        if (!i->profiles)
            i->profiles = json_pack("[s]", "proef-1");
        i->content = without_credentials(root);
        absolute(file, &i->provisioning);
        absolute(file, &i->ca_file);
        *out = i;
    }
    json_decref(root);
    return rc;
}

int iut_load(const char *path, struct iut **out, struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    int rc = file_read(path, 1 << 20, &text, &n, e);
    if (rc)
        return rc == E_NOTFOUND ? E_INVALID : rc;
    json_t *root = NULL;
    struct err fault = {0};
    rc = file_read_json(path, &root, e);
    if (rc) {
        free(text);
        return rc;
    }
    rc = iut_from(root, path, out, &fault);
    if (rc) {
        struct json_places *places = json_places_new(text, n);
        int line = 0, column = 0;
        json_places_find(places, fault.pointer, &line, &column);
        err_set(e, rc, "%s", fault.text);
        err_at(e, path, line, column, fault.pointer);
        json_places_free(places);
    }
    json_decref(root);
    free(text);
    return rc;
}

struct iut *iut_reference(const char *role, const char *binary)
{
    bool kp = !strcmp(role, "koppelpunt");
    struct iut *i = xcalloc(1, sizeof *i);
    i->file = xstrdup("(bundled)");
    i->folder = xstrdup(".");
    i->role = xstrdup(role);
    i->name = xasprintf("reference %s", role);
    i->version = xstrdup(KOPPELPROEF_VERSION);
    i->start = xcalloc(6, sizeof *i->start);
    i->start[0] = xstrdup(binary);
    i->start[1] = xstrdup("mock");
    i->start[2] = xstrdup(role);
    if (kp) {
        i->overload_requests = REFERENCE_OVERLOAD;
        i->start[3] = xstrdup("--overload");
        i->start[4] = xasprintf("%d", REFERENCE_OVERLOAD);
    } else {
        i->start[3] = xstrdup("--notifications");
    }
    i->capabilities = kp ? json_pack("[ssssss]", "reload", "restart", "zoeken", "stand",
                                     "notificaties", "strict")
                         : json_pack("[sssss]", "observer", "ophalen",
                                     "eigen-aanmeldingen", "restart", "notificaties");
    i->profiles = json_pack("[ss]", "proef-1", "proef-2");
    return i;
}

static void free_argv(char **argv)
{
    for (size_t i = 0; argv && argv[i]; i++)
        free(argv[i]);
    free(argv);
}

void iut_free(struct iut *i)
{
    if (!i)
        return;
    char *texts[] = {i->file,    i->folder,       i->role,           i->name,
                     i->version, i->base_url,     i->token_url,      i->koppelpunt_listen,
                     i->ca_file, i->observer_url, i->observer_token, i->provisioning,
                     i->go_live};
    for (size_t k = 0; k < ARRAY_LEN(texts); k++)
        free(texts[k]);
    char **argvs[] = {i->start, i->observer_command, i->stop, i->reload, i->restart};
    for (size_t k = 0; k < ARRAY_LEN(argvs); k++)
        free_argv(argvs[k]);
    json_decref(i->capabilities);
    json_decref(i->profiles);
    json_decref(i->content);
    free(i);
}

static bool holds(const json_t *words, const char *word)
{
    for (size_t i = 0; i < json_array_size(words); i++)
        if (!strcmp(json_string_value(json_array_get(words, i)), word))
            return true;
    return false;
}

bool iut_has(const struct iut *i, const char *capability)
{
    if (!strcmp(capability, "overloadAt"))
        return i->overload_connections > 0 || i->overload_requests > 0;
    return holds(i->capabilities, capability);
}

bool iut_speaks(const struct iut *i, const char *profile)
{
    return holds(i->profiles, profile);
}
