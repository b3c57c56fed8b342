#include "mocks/host_record.h"

#include <stdio.h>
#include <string.h>

/* Larger bodies are not read for the journal: of requests what a batch of the contract
 * may hold, of responses a page of a thousand entries and more. */
#define REQUEST_MAX  (256u << 10)
#define RESPONSE_MAX (4u << 20)
/* Of a page with more entries than this only how many they were is kept: a full state of
 * hundreds of thousands would make the journal larger than what it tells. */
#define ENTRIES_MAX 200
/* A page that is not even this large need not be tried for it. */
#define LARGE_MIN (16u << 10)

const char *host_observer_operation(const char *target)
{
    static const struct {
        const char *path, *name;
    } operations[] = {
        {"/waarnemingen", "waarnemer.waarnemingen"},
        {"/leerlingen", "waarnemer.leerlingen"},
        {"/eigen-aanmeldingen", "waarnemer.eigen-aanmeldingen"},
        {"/ophalen", "waarnemer.ophalen"},
    };
    size_t n = strcspn(target, "?");
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strlen(operations[i].path) == n &&
            strncmp(target, operations[i].path, n) == 0)
            return operations[i].name;
    return NULL;
}

/* Operations whose messages mean something. */
static bool speaks(const struct host_config *c, enum op op)
{
    return c->profile && op != OP_NONE && op != OP_OPENAPI && op != OP_GEZONDHEID;
}

/* What a refusal says is wrong. A fault of the whole message (its media type, its size)
 * has no pointer of its own. */
static json_t *faults_of(const struct rejection *why)
{
    if (json_array_size(why->fouten) > 0)
        return json_incref(why->fouten);
    char reden[16];
    snprintf(reden, sizeof reden, "status-%d", problem_status(why->problem));
    return json_pack("[{s:s,s:s}]", "pointer", "", "reden", reden);
}

static void read_request(const struct host_config *c, enum op op,
                         const struct http_request *req, json_t **message,
                         json_t **faults)
{
    if (!speaks(c, op) || req->body_n > REQUEST_MAX)
        return;
    struct rejection why;
    rejection_init(&why);
    int rc = profile_read(c->profile, op, req, message, &why);
    *faults = rc < 0 ? faults_of(&why) : json_array();
    rejection_done(&why);
}

static void read_response(const struct host_config *c, enum op op,
                          const struct http_response *resp, json_t **answer,
                          json_t **faults)
{
    if (!speaks(c, op) || resp->body_n > RESPONSE_MAX)
        return;
    if (!profile_understand(c->profile, op, resp, answer, faults)) {
        json_decref(*answer);
        *answer = NULL;
    }
}

/* A page that is to be shortened anyway, without making a tree of it first. */
static bool read_large_page(const struct host_config *c, enum op op,
                            const struct http_response *resp, json_t **answer,
                            json_t **faults)
{
    struct read_page page;
    if (!c->profile || op != OP_OPHALEN || resp->body_n < LARGE_MIN ||
        resp->body_n > RESPONSE_MAX || !profile_page_read(c->profile, resp, &page))
        return false;
    bool large = page.n > ENTRIES_MAX;
    if (large) {
        *answer =
            json_pack("{s:[],s:s,s:b,s:I}", "aanmeldstatussen", "volgende", page.volgende,
                      "meer", page.meer, "leftOut", (json_int_t)page.n);
        *faults = json_array();
    }
    profile_page_done(&page);
    return large;
}

/* The page without its entries: "leftOut" says how many there were. */
static json_t *shortened(json_t *answer)
{
    size_t n = json_array_size(json_object_get(answer, "aanmeldstatussen"));
    if (n <= ENTRIES_MAX)
        return answer;
    json_object_set_new(answer, "aanmeldstatussen", json_array());
    json_object_set_new(answer, "leftOut", json_integer((json_int_t)n));
    return answer;
}

/* The observer speaks plain JSON, the same in every profile. */
static json_t *plain_json(const char *body, size_t n)
{
    if (!body || n > RESPONSE_MAX)
        return NULL;
    return json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
}

static bool is_observer(const struct exchange *x)
{
    return x->operation && strncmp(x->operation, "waarnemer.", 10) == 0;
}

void host_record(const struct host_config *c, struct exchange *x, enum op op,
                 json_t *message)
{
    json_t *read = NULL, *answer = NULL, *of_request = NULL, *of_response = NULL;
    bool whole = x->response && strcmp(x->outcome, "answered") == 0;
    if (c->canonical && is_observer(x)) {
        read = plain_json(x->request->body, x->request->body_n);
        if (whole)
            answer = plain_json(x->response->body, x->response->body_n);
    } else if (c->canonical) {
        if (!message)
            read_request(c, op, x->request, &read, &of_request);
        if (whole && !read_large_page(c, op, x->response, &answer, &of_response)) {
            read_response(c, op, x->response, &answer, &of_response);
            answer = shortened(answer);
        }
    }
    if (c->canonical) {
        x->message = message ? message : read;
        x->answer = answer;
        x->faults = strcmp(x->side, "server") == 0 ? of_request : of_response;
    }
    if (c->journal)
        journal_exchange(c->journal, x);
    if (c->seen)
        c->seen(c->arg, x);
    json_decref(read);
    json_decref(answer);
    json_decref(of_request);
    json_decref(of_response);
}
