/* What holds for every response of a koppelpunt: the API rules (KP-API-*). A check that
 * needs a certain kind of response is silent where there is none. */
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"

/* HEAD, OPTIONS and what no HTTP is are not judged (CONTRACT.md 2).
 */
static bool judged(const struct seen_exchange *x)
{
    return of_koppelpunt(x) && !x->raw && strcmp(x->method, "HEAD") &&
           strcmp(x->method, "OPTIONS");
}

/* A refusal that may come from below the application: the general fields are not judged
 * there. 502 and 504 are a gateway's. */
static bool below_application(const struct seen_exchange *x)
{
    static const int codes[] = {408, 413, 414, 417, 431, 501, 502, 504, 505};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (x->status == codes[i])
            return true;
    return x->status == 400 && !*x->op;
}

static bool general(const struct seen_exchange *x)
{
    return judged(x) && !below_application(x);
}

static const char *field(const struct seen_exchange *x, const char *name)
{
    return message_field(x->response, name, 0);
}

/* What a header field holds, for "seen". */
static json_t *seen_field(const char *value)
{
    return json_string(value ? value : "<undef>");
}

/* digits '.' digits '.' digits, and whatever follows a '-' or '+' (semver.org). */
static bool is_semver(const char *s)
{
    for (int part = 0; part < 3; part++) {
        if (part && *s++ != '.')
            return false;
        size_t digits = strspn(s, "0123456789");
        if (!digits)
            return false;
        s += digits;
    }
    return !*s || *s == '-' || *s == '+';
}

void check_api_version(struct look *l, const struct seen_exchange *x)
{
    if (!general(x))
        return;
    const char *v = field(x, "API-Version");
    if (!v)
        look_bad(l, x->seq, 0, json_string("API-Version: 1.0.0"), seen_field(v),
                 "the response %d to %s has no API-Version", x->status, asked(x));
    else if (!is_semver(v))
        look_bad(l, x->seq, 0, json_string("1.0.0"), seen_field(v),
                 "API-Version is no full version number");
    else if (x->proper)
        look_good(l, x->seq);
}

/* Does a list of directives, in one or more fields, hold this one? Compared without case.
 */
static bool has_directive(const struct seen_exchange *x, const char *name,
                          const char *directive, const char *separators)
{
    size_t n = strlen(directive);
    const char *v;
    for (size_t i = 0; (v = message_field(x->response, name, i)); i++)
        while (*v) {
            v += strspn(v, " \t");
            size_t len = strcspn(v, separators), end = len;
            while (end && (v[end - 1] == ' ' || v[end - 1] == '\t'))
                end--;
            if (end == n && strncasecmp(v, directive, n) == 0)
                return true;
            v += len;
            v += strspn(v, separators);
        }
    return false;
}

void check_security_fields(struct look *l, const struct seen_exchange *x)
{
    static const struct {
        const char *field, *directive, *separators;
    } rules[] = {
        {"Cache-Control", "no-store", ","},
        {"X-Content-Type-Options", "nosniff", ","},
        {"X-Frame-Options", "DENY", ","},
        {"Content-Security-Policy", "frame-ancestors 'none'", ";,"},
    };
    if (!general(x))
        return;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (!has_directive(x, rules[i].field, rules[i].directive, rules[i].separators)) {
            look_bad(l, x->seq, 0,
                     json_sprintf("%s: %s", rules[i].field, rules[i].directive),
                     seen_field(field(x, rules[i].field)),
                     "the response %d to %s lacks %s: %s", x->status, asked(x),
                     rules[i].field, rules[i].directive);
            return;
        }
    if (x->url && !strncasecmp(x->url, "https:", 6) &&
        !field(x, "Strict-Transport-Security"))
        look_bad(l, x->seq, 0, json_string("Strict-Transport-Security"), seen_field(NULL),
                 "the response %d to %s over TLS has no Strict-Transport-Security",
                 x->status, asked(x));
    else if (x->proper)
        look_good(l, x->seq);
}

/* Nine digits or more in a row may be taken for a personal number, also between letters.
 */
static bool may_hold_number(const char *s, size_t n)
{
    size_t digits = 0;
    for (size_t i = 0; i < n && digits < 9; i++)
        digits = s[i] >= '0' && s[i] <= '9' ? digits + 1 : 0;
    return digits >= 9 || mask_present(s, n);
}

/* The rule of section 8: 1-200 printable ASCII characters, and no personal number in it.
 * Outer blanks do not survive HTTP, so they are left out. */
static bool to_be_echoed(const char *id)
{
    size_t n = id ? strlen(id) : 0;
    if (n < 1 || n > 200 || may_hold_number(id, n) || id[0] == ' ' || id[n - 1] == ' ')
        return false;
    for (size_t i = 0; i < n; i++)
        if (id[i] < 0x20 || id[i] > 0x7e)
            return false;
    return true;
}

void check_request_id(struct look *l, const struct seen_exchange *x)
{
    const char *sent = message_field(x->request, "X-Request-Id", 0);
    if (!general(x) || !to_be_echoed(sent) ||
        message_field(x->request, "X-Request-Id", 1))
        return;
    const char *came = field(x, "X-Request-Id");
    if (!came || strcmp(came, sent))
        look_bad(l, x->seq, 0, json_string(sent), seen_field(came),
                 "the X-Request-Id of a request did not come back in its response");
    else if (x->proper)
        look_good(l, x->seq);
}

/* Type and subtype, compared without case. */
static bool media_is(const char *v, const char *type)
{
    size_t n = strlen(type);
    return v && !strncasecmp(v, type, n) && (!v[n] || v[n] == ';' || v[n] == ' ');
}

void check_problem(struct look *l, const struct seen_exchange *x)
{
    static const char *const texts[] = {"type", "title", "detail"};
    if (!general(x) || x->status < 400 || x->cut)
        return;
    const char *type = field(x, "Content-Type");
    if (!media_is(type, "application/problem+json")) {
        look_bad(l, x->seq, 0, json_string("application/problem+json"), seen_field(type),
                 "the error %d to %s is no application/problem+json", x->status,
                 asked(x));
        return;
    }
    json_t *body = x->body ? json_loadb(x->body, x->body_n, 0, NULL) : NULL;
    const char *missing = json_is_object(body) ? NULL : "a JSON object";
    for (size_t i = 0; !missing && i < ARRAY_LEN(texts); i++) {
        const char *v = json_string_value(json_object_get(body, texts[i]));
        if (!v || !*v)
            missing = texts[i];
    }
    json_t *status = json_object_get(body, "status");
    if (missing)
        look_bad(l, x->seq, 0, json_string(missing),
                 body ? json_incref(body) : json_string("<undef>"),
                 "the problem %d to %s lacks %s", x->status, asked(x), missing);
    else if (!json_is_integer(status) || json_integer_value(status) != x->status)
        look_bad(l, x->seq, 0, json_integer(x->status),
                 status ? json_incref(status) : json_string("<undef>"),
                 "the status in the problem is not that of the response");
    else
        look_good(l, x->seq);
    json_decref(body);
}

/* Operations whose bodies are validated, so that a 400 is about their content. */
static bool takes_input(const char *op)
{
    return !strcmp(op, "statusmeldingen.indienen") || !strcmp(op, "standen.indienen") ||
           !strcmp(op, "aanmeldstatussen.zoeken");
}

/* RFC 6901 without '#': empty, or begins with a slash. */
static bool is_pointer(const char *s)
{
    return s && (!*s || *s == '/');
}

void check_invalid_input(struct look *l, const struct seen_exchange *x)
{
    if (!judged(x) || !takes_input(x->op) || x->cut ||
        (x->status != 400 && x->status != 422))
        return;
    if (x->status == 422) {
        look_bad(l, x->seq, 0, json_integer(400), json_integer(422),
                 "invalid input of %s was answered 422, not 400", asked(x));
        return;
    }
    const json_t *list = json_object_get(x->answer, "fouten");
    if (!json_array_size(list)) {
        look_bad(l, x->seq, 0, json_string("fouten with every fault"),
                 json_string("<undef>"), "a 400 to %s names no fault in fouten",
                 asked(x));
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        const char *why = json_string_value(json_object_get(f, "reden"));
        if (is_pointer(json_string_value(json_object_get(f, "pointer"))) && why && *why)
            continue;
        look_bad(l, x->seq, 0, json_string("{pointer, reden}"), json_deep_copy(f),
                 "a fault in a 400 to %s lacks its pointer or reden", asked(x));
        return;
    }
    look_good(l, x->seq);
}

void check_www_authenticate(struct look *l, const struct seen_exchange *x)
{
    if (!judged(x) || x->status != 401)
        return;
    const char *v = field(x, "WWW-Authenticate");
    if (!v || !*v)
        look_bad(l, x->seq, 0, json_string("WWW-Authenticate"), seen_field(v),
                 "the 401 to %s has no WWW-Authenticate", asked(x));
    else
        look_good(l, x->seq);
}

void check_allow(struct look *l, const struct seen_exchange *x)
{
    if (!judged(x) || x->status != 405)
        return;
    if (!field(x, "Allow"))
        look_bad(l, x->seq, 0, json_string("Allow"), seen_field(NULL),
                 "the 405 to %s has no Allow", asked(x));
    else
        look_good(l, x->seq);
}

void check_retry_after(struct look *l, const struct seen_exchange *x)
{
    when_t at;
    if (!judged(x) || (x->status != 429 && x->status != 503))
        return;
    const char *v = field(x, "Retry-After");
    bool seconds = v && *v && strspn(v, "0123456789") == strlen(v);
    if (!v || (!seconds && when_parse_http(v, &at)))
        look_bad(l, x->seq, 0, json_string("Retry-After in seconds or as an HTTP-date"),
                 seen_field(v), "the %d to %s has no usable Retry-After", x->status,
                 asked(x));
    else
        look_good(l, x->seq);
}

/* The last key of the place of a fault, in the contract's own words. */
static const char *key_of(const json_t *fault)
{
    const char *p = json_string_value(json_object_get(fault, "canonical"));
    if (!p)
        p = json_string_value(json_object_get(fault, "pointer"));
    const char *last = p ? strrchr(p, '/') : NULL;
    return last ? last + 1 : "";
}

/* A time that is there, but not in the form of the contract. */
static bool wrong_time(const json_t *fault)
{
    static const char *const times[] = {"statusBegin", "aansluitdatum"};
    const char *why = json_string_value(json_object_get(fault, "reden"));
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        if (!strcmp(key_of(fault), times[i]))
            return !why || strcmp(why, "verplicht");
    return false;
}

/* What was read of an answer has its times in one form, whatever they were on the wire:
 * the faults that the reader found say which were not right. */
void check_times(struct look *l, const struct seen_exchange *x)
{
    if (!judged(x))
        return;
    const json_t *entries = exchange_entries(x);
    for (size_t i = 0; i < json_array_size(x->faults); i++) {
        const json_t *f = json_array_get(x->faults, i);
        if (!wrong_time(f))
            continue;
        look_bad(l, x->seq, 0, json_string("YYYY-MM-DDThh:mm:ss[.sss]Z"),
                 json_deep_copy(f),
                 "a time in the answer to %s has not the agreed form (%s)", asked(x),
                 key_of(f));
        return;
    }
    bool any = json_object_get(x->answer, "aansluitdatum") != NULL;
    for (size_t i = 0; !any && i < json_array_size(entries); i++)
        any = json_object_get(json_array_get(entries, i), "statusBegin") != NULL;
    if (any)
        look_good(l, x->seq);
}
