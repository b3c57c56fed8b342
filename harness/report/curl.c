/* An exchange as lines for a shell that work: what a journal doesn't hold (secrets and
 * numbers of persons are masked there) stands in variables above it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/domain.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/finding.h"

#define MASK     14 /* "bsn~" and ten hex digits */
#define NUMBERS  64 /* different persons in one body */
#define FIRST_NO 999900000

/* One argument for a shell, whatever it holds. */
static void quoted(struct buf *out, const char *s)
{
    buf_addc(out, '\'');
    for (; *s; s++) {
        if (*s == '\'')
            buf_adds(out, "'\\''");
        else
            buf_addc(out, *s);
    }
    buf_addc(out, '\'');
}

struct numbers {
    char mask[NUMBERS][MASK + 1];
    size_t n;
};

static bool mask_at(const char *s)
{
    return (!strncmp(s, "bsn~", 4) || !strncmp(s, "own~", 4)) &&
           strspn(s + 4, "0123456789abcdef") >= MASK - 4;
}

/* The n-th number of nine digits that passes the test; test numbers begin with 9999. */
static void number_add(struct buf *out, bool bsn, size_t n)
{
    char digits[24];
    long at = FIRST_NO;
    for (;; at++) {
        snprintf(digits, sizeof digits, "%09ld", at);
        bool fits = bsn ? bsn_valid(digits, 9) : onderwijsnummer_valid(digits, 9);
        if (fits && n-- == 0)
            break;
    }
    buf_adds(out, digits);
}

/* Which of the numbers the mask at `s` is, from 0; NUMBERS: one too many. */
static size_t number_of(struct numbers *all, const char *s)
{
    size_t k = 0;
    while (k < all->n && strncmp(all->mask[k], s, MASK))
        k++;
    if (k == all->n && k < NUMBERS)
        snprintf(all->mask[all->n++], MASK + 1, "%.*s", MASK, s);
    return k;
}

static void variable(struct buf *out, bool bsn, size_t k)
{
    buf_addf(out, "%s%zu", bsn ? "BSN" : "ONDERWIJSNUMMER", k + 1);
}

/* One argument for a shell, with a variable for each masked number: the same mask gives
 * the same one throughout. */
static void filled(struct buf *out, struct numbers *all, const char *s)
{
    buf_addc(out, '\'');
    while (*s) {
        if (mask_at(s)) {
            buf_adds(out, "'\"$");
            variable(out, *s == 'b', number_of(all, s));
            buf_adds(out, "\"'");
            s += MASK;
            continue;
        }
        if (*s == '\'')
            buf_adds(out, "'\\''");
        else
            buf_addc(out, *s);
        s++;
    }
    buf_addc(out, '\'');
}

static void set_numbers(struct buf *out, const struct numbers *all)
{
    for (size_t k = 0; k < all->n; k++) {
        bool bsn = all->mask[k][0] == 'b';
        variable(out, bsn, k);
        buf_adds(out, "='");
        number_add(out, bsn, k);
        buf_adds(out, "'\n");
    }
}

/* "sis:25LH" is the client sis-25LH, "overstapsysteem:intergrip" is intergrip. */
static char *client_of(const char *actor)
{
    const char *colon = strchr(actor, ':');
    if (!strncmp(actor, "sis:", 4))
        return xasprintf("sis-%s", colon + 1);
    return xstrdup(colon ? colon + 1 : actor);
}

static void user(struct buf *out, const char *from)
{
    char *client = client_of(from), *text = xasprintf("%s:", client);
    buf_adds(out, " -u ");
    quoted(out, text);
    buf_adds(out, "\"$SECRET\"");
    free(text);
    free(client);
}

/* Where a token is had the journal says: the road there is the business of the profile.
 */
static void token(struct buf *out, const char *from, const char *base, const char *url,
                  const char *target)
{
    size_t n = strlen(base);
    bool ours = url && strncmp(url, base, n);
    if (!url && !target) {
        buf_adds(out, "TOKEN='TOKEN'\n");
        return;
    }
    buf_adds(out, ours ? "TOKEN=$(curl -s " : "TOKEN=$(curl -s \"$URL\"");
    quoted(out, ours ? url : url ? url + n : target);
    user(out, from);
    buf_adds(out, " -d grant_type=client_credentials |\n"
                  "  sed 's/.*\"access_token\" *: *\"\\([^\"]*\\)\".*/\\1/')\n");
}

static bool left_out(const char *field)
{
    static const char *const names[] = {"Host",       "Content-Length",
                                        "User-Agent", "Authorization",
                                        "Connection", "Transfer-Encoding"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcasecmp(field, names[i]))
            return true;
    return false;
}

static const char *pair(const json_t *field, size_t i)
{
    const char *s = json_string_value(json_array_get(field, i));
    return s ? s : "";
}

static void fields(struct buf *out, struct numbers *all, const json_t *list,
                   const char *from)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = pair(json_array_get(list, i), 0);
        const char *value = pair(json_array_get(list, i), 1);
        if (!strcasecmp(name, "Authorization") && !strncmp(value, "Basic secret~", 13)) {
            buf_adds(out, " \\\n ");
            user(out, from);
        } else if (!strcasecmp(name, "Authorization")) {
            buf_adds(out, " \\\n  -H \"Authorization: Bearer $TOKEN\"");
        }
        if (left_out(name))
            continue;
        char *line = xasprintf("%s: %s", name, value);
        buf_adds(out, " \\\n  -H ");
        filled(out, all, line);
        free(line);
    }
}

/* Is the token or the secret of a client needed? */
static bool authorized(const json_t *list, const char *how)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcasecmp(pair(json_array_get(list, i), 0), "Authorization") &&
            !strncasecmp(pair(json_array_get(list, i), 1), how, strlen(how)))
            return true;
    return false;
}

/* The command alone; what it needs is gathered in `all`. */
static void command(struct buf *out, struct numbers *all, const json_t *request,
                    const char *from)
{
    const char *body = json_text(request, "body");
    buf_adds(out, "curl -i -g --path-as-is -X ");
    quoted(out, json_text(request, "method"));
    buf_adds(out, " \"$URL\"");
    filled(out, all, json_text(request, "target"));
    fields(out, all, json_object_get(request, "fields"), from);
    if (body) {
        buf_adds(out, " \\\n  --data-binary ");
        filled(out, all, body);
    }
    buf_addc(out, '\n');
}

bool curl_add(struct buf *out, const json_t *exchange, const char *token_target)
{
    const json_t *request = json_object_get(exchange, "request");
    const json_t *list = json_object_get(request, "fields");
    const json_t *whole = json_object_get(request, "body");
    const char *target = json_text(request, "target"), *body = json_text(request, "body");
    const char *url = json_text(exchange, "url"), *from = json_text(exchange, "from");
    struct numbers all = {.n = 0};
    struct buf line;
    if (!json_text(request, "method") || !target || json_object_get(request, "bytes") ||
        (body && strlen(body) != json_string_length(whole)))
        return false;
    size_t n = url ? strlen(url) : 0;
    char *base =
        n ? xstrndup(url, n - (url[n - 1] == '/')) : xstrdup("http://127.0.0.1:8180");
    buf_init(&line, out->max);
    command(&line, &all, request, from ? from : "");
    buf_adds(out, "URL=");
    quoted(out, base);
    buf_addc(out, '\n');
    const char *token_url = json_text(exchange, "tokenUrl");
    bool bearer = authorized(list, "Bearer");
    if ((bearer && (token_url || token_target)) || authorized(list, "Basic secret~"))
        buf_adds(out, "SECRET='SECRET'\n");
    set_numbers(out, &all);
    if (bearer)
        token(out, from ? from : "", base, token_url, token_target);
    bool fits = !line.full && all.n < NUMBERS;
    buf_add(out, line.p, line.n);
    buf_done(&line);
    free(base);
    return fits;
}

void replay_add(struct buf *out, const char *scenario)
{
    bool plain =
        strspn(scenario, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(scenario);
    if (!strcmp(scenario, "preflight")) {
        buf_adds(out, "koppelproef preflight --iut iut.json\n");
        return;
    }
    buf_adds(out, "koppelproef replay . ");
    if (plain)
        buf_adds(out, scenario);
    else
        quoted(out, scenario);
    buf_addc(out, '\n');
}
