/*
 * How fast the server door is by itself: answers every request at once with a fixed JSON
 * text of 400 bytes, until it is killed. Prints its URL. See tests/bench/bench.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/wire/wire.h"

#define BODY_N 400

static void on_request(void *arg, struct inbound *in, const struct http_request *q)
{
    (void)q;
    struct http_reply r;
    http_reply_init(&r);
    r.response.status = 200;
    http_fields_add(&r.response.fields, "Content-Type", "application/json");
    char *body = xmalloc(BODY_N + 1);
    memset(body, 'x', BODY_N);
    body[BODY_N] = '\0';
    http_response_body(&r.response, body, BODY_N);
    wire_reply(arg, in, &r);
}

int main(void)
{
    struct wire *w;
    struct wire_listener *l;
    struct err e = {0};
    mem_install();
    if (wire_real_new(&w, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 3;
    }
    const struct listen spec = {.host = "127.0.0.1", .on_request = on_request, .arg = w};
    if (wire_listen(w, &spec, &l, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 3;
    }
    printf("%s\n", wire_listener_url(w, l));
    fflush(stdout);
    wire_run(w);
    wire_free(w);
    return 0;
}
