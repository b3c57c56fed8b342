/* The small readers of HTTP text, and the masking that everything captured goes through.
 */
#include <math.h>

#include "tests/fuzz/fuzz.h"

#include "harness/base/domain.h"
#include "harness/base/when.h"
#include "harness/wire/http.h"
#include "harness/wire/secrets.h"

static void fields(const char *text)
{
    struct http_fields f = {0};
    http_fields_add(&f, "Retry-After", text);
    double seconds = http_retry_after(&f, 1700000000 * NS_PER_S);
    must(seconds == -1 || (seconds >= 0 && isfinite(seconds)));
    http_media_is(text, "application/json");
    must(strcmp(http_fields_get(&f, "retry-after"), text) == 0);
    http_fields_done(&f);
}

static void queries(const char *text, size_t n)
{
    char *value = http_query_get(text, "sinds");
    must(!value || strlen(value) <= n);
    char *encoded = http_percent_encode(text);
    char *target = xasprintf("/x?sinds=%s", encoded);
    char *back = http_query_get(target, "sinds");
    must(back && strcmp(back, text) == 0);
    free(back);
    free(target);
    free(encoded);
    free(value);
}

static void base64(const char *text, size_t n)
{
    size_t decoded_n = 0, back_n = 0;
    char *decoded = http_base64_decode(text, &decoded_n);
    must(!decoded || decoded_n <= n);
    free(decoded);
    char *encoded = http_base64(text, n);
    char *back = http_base64_decode(encoded, &back_n);
    must(back && back_n == n && memcmp(back, text, n) == 0);
    free(back);
    free(encoded);
}

static void times(const char *text, size_t n)
{
    when_t t, again;
    uint64_t ns;
    char shown[32];
    if (when_parse(text, n, &t) == 0)
        must(when_parse(when_format(t, shown), strlen(shown), &again) == 0 && again == t);
    if (when_parse_offset(text, n, &t) == 0)
        must(when_parse(when_format(t, shown), strlen(shown), &again) == 0 && again == t);
    if (when_parse_http(text, &t) == 0)
        must(when_parse_http(when_format_http(t, shown), &again) == 0 && again == t);
    (void)when_parse_date(text, n, &t);
    (void)when_parse_duration(text, &ns);
}

static void masks(const char *text, size_t n)
{
    struct mask m;
    struct buf out;
    mask_init(&m, 1);
    buf_init(&out, 1 << 20);
    mask_add(&m, &out, text, n);
    must(out.n == 0 || !mask_needed(out.p, out.n));
    must(mask_needed(text, n) || (out.n == n && (n == 0 || memcmp(out.p, text, n) == 0)));
    buf_reset(&out);
    secrets_add(&m, &out, text, n);
    must(secrets_possible(text, n) || out.n == n);
    buf_reset(&out);
    secrets_add_authorization(&m, &out, text);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xmemdup(data, size);
    size_t n = strlen(text); /* these readers take text: up to the first NUL */
    fields(text);
    queries(text, n);
    base64(text, n);
    times(text, n);
    masks(text, n);
    free(text);
    return 0;
}
