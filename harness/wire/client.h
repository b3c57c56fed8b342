/*
 * The client half of the real door, between client.c (pools of connections on the loop)
 * and call.c (one call: its options, its callbacks, what became of it).
 */
#ifndef WIRE_CLIENT_H
#define WIRE_CLIENT_H

#include <curl/curl.h>

#include "harness/base/buf.h"
#include "harness/wire/real.h"

struct pool;

struct wire_call {
    struct client *client;
    struct pool *pool; /* NULL while it is in no multi handle */
    struct wire_call *prev, *next;
    wire_call_cb *cb;
    void *arg;
    struct call_result result;

    CURL *easy;
    struct curl_slist *headers;
    char *url, *target, *request_body;
    struct buf body;
    char words[CURL_ERROR_SIZE];

    bool drop_reply;  /* CALL_DROP_REPLY */
    bool fields_open; /* between a status line and its empty line */
    bool fields_done; /* the final response's header fields came whole */
    bool opened;      /* a connection was opened for it */
    bool sent;        /* the request was put on a connection */
    bool again;       /* libcurl wanted to send it a second time */
    bool dropped, too_large;
    int socket_errno; /* of our own socket(2), when it failed */
    bool over;        /* its callback is running, or on its way */
};

/* Sets all options of c->easy. Returns 0 or E_INVALID with the reason in
 * c->result.detail. */
int call_prepare(struct wire_call *c, const struct call *spec);
/* Fills in c->result from libcurl's code. */
void call_conclude(struct wire_call *c, CURLcode code);
/* Frees all but the easy handle. */
void call_free(struct wire_call *c);

/* client.c: sockets are made and closed by us, so that the loop's watchers live exactly
 * as long as they do. */
curl_socket_t client_open_socket(void *call, curlsocktype type, struct curl_sockaddr *a);
int client_close_socket(void *client, curl_socket_t fd);

#endif
