/* A request with its answer, for reading, and as something to try oneself. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/finding.h"

/* JSON is laid out for reading; anything else stands as it came. */
static void body(struct page *p, const json_t *message, size_t max)
{
    const char *text = json_text(message, "body");
    json_t *value = text && strlen(text) <= max * 2 ? json_loads(text, 0, NULL) : NULL;
    if (value)
        say_json(p, value, max);
    else if (text)
        say_cut(p, text, max);
    json_decref(value);
    if (json_object_get(message, "bytes"))
        putf(p, "\n(%lld bytes)",
             (long long)json_integer_value(json_object_get(message, "bytes")));
}

static void fields(struct page *p, const json_t *message, size_t max)
{
    const json_t *list = json_object_get(message, "fields");
    for (size_t i = 0; i < json_array_size(list) && i < 60; i++) {
        const json_t *field = json_array_get(list, i);
        say_cut(p, json_string_value(json_array_get(field, 0)), 200);
        put(p, ": ");
        say_cut(p, json_string_value(json_array_get(field, 1)), max);
        put(p, "\n");
    }
    put(p, "\n");
}

static void message_heading(struct page *p, const struct finding_view *v, const char *nl,
                            const char *en)
{
    putf(p, "<div><h%d>", v->heading + 1);
    say_in(p, nl, en);
    putf(p, "</h%d><pre tabindex=\"0\">", v->heading + 1);
}

void finding_exchange(struct page *p, const struct finding_view *v, const json_t *x)
{
    const json_t *request = json_object_get(x, "request");
    const json_t *response = json_object_get(x, "response");
    const char *outcome = json_text(x, "outcome");
    struct buf curl;
    put(p, "<details><summary>");
    say_in(p, "Het verzoek en het antwoord: ", "Request and response: ");
    say_cut(p, member(x, "from"), 80);
    put(p, " → ");
    say_cut(p, member(x, "to"), 80);
    put(p, "</summary><div class=\"two\">");
    message_heading(p, v, "Verzoek", "Request");
    say_cut(p, member(request, "method"), 40);
    put(p, " ");
    say_cut(p, member(request, "target"), 2000);
    put(p, "\n");
    fields(p, request, v->body_max);
    body(p, request, v->body_max);
    put(p, "</pre></div>");
    message_heading(p, v, "Antwoord", "Response");
    if (response) {
        putf(p, "%lld\n",
             (long long)json_integer_value(json_object_get(response, "status")));
        fields(p, response, v->body_max);
        body(p, response, v->body_max);
    }
    if (outcome && strcmp(outcome, "answered"))
        say_cut(p, outcome, 200);
    put(p, "</pre></div></div>\n");
    buf_init(&curl, 128u << 10);
    if (curl_add(&curl, x, v->tape->token_target) && curl.p && shown_whole(curl.p) &&
        !curl.full && curl.n <= v->body_max * 3) {
        putf(p, "<h%d>", v->heading + 1);
        say_in(p, "Zelf vragen met curl", "Ask it yourself with curl");
        putf(p, "</h%d><pre tabindex=\"0\">", v->heading + 1);
        say(p, curl.p);
        put(p, "</pre>");
    }
    buf_done(&curl);
    put(p, "</details>\n");
}

void curl_words(struct page *p)
{
    put(p, "<p class=\"small\">");
    say_in(
        p,
        "Bij een verzoek staat hoe u het zelf kunt doen met curl. Eerst staan daar de "
        "invulplekken: URL is het adres van een systeem dat draait, SECRET het geheim "
        "van "
        "de aansluiting (TOKEN wordt daarmee opgehaald), BSN1, BSN2 en verder zijn "
        "verzonnen burgerservicenummers die door de elfproef komen, ONDERWIJSNUMMER1 en "
        "verder verzonnen onderwijsnummers. De nummers en geheimen van de proef zelf "
        "staan niet in het journaal.",
        "With a request stands how to do it yourself with curl. First come the places to "
        "fill in: URL is the address of a system that runs, SECRET the secret of the "
        "client (TOKEN is fetched with it), BSN1, BSN2 and so on are made up "
        "burgerservicenummers that pass the elfproef, ONDERWIJSNUMMER1 and so on made up "
        "onderwijsnummers. The numbers and secrets of the trial itself are not in the "
        "journal.");
    put(p, "</p>\n");
}
