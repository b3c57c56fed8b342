/* What an aanmeldId tells about a person (KP-LEV-13, CONTRACT.md 6): the number in a
 * coat, or a hash of it, which is undone in a minute by trying all numbers. A secret in
 * the hash can't be seen from outside. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"
#include "harness/wire/http.h"

/* So many of the first characters of a hash are no accident, and a UUID made of a hash
 * still has them. */
#define TELLING 12

/* Lower case, without hyphens; base64 in its ordinary alphabet keeps its case. */
static char *plain(const char *id, bool base64)
{
    char *out = xmalloc(strlen(id) + 5), *to = out;
    for (; *id; id++) {
        if (base64)
            *to++ = *id == '-' ? '+' : *id == '_' ? '/' : *id;
        else if (*id != '-')
            *to++ = (char)tolower((unsigned char)*id);
    }
    while (base64 && (to - out) % 4)
        *to++ = '=';
    *to = '\0';
    return out;
}

static bool holds(const void *p, size_t n, const char *text)
{
    return memmem(p, n, text, strlen(text)) != NULL;
}

/* Two hex digits for each byte. */
static bool hex_holds(const char *id, const char *number)
{
    char hex[32];
    for (size_t i = 0; i <= strlen(number); i++)
        snprintf(hex + 2 * i, sizeof hex - 2 * i, number[i] ? "%02x" : "", number[i]);
    return strstr(id, hex) != NULL;
}

static bool base64_holds(const char *id, const char *number)
{
    size_t n = 0;
    char *padded = plain(id, true), *bytes = http_base64_decode(padded, &n);
    bool is = bytes && holds(bytes, n, number);
    free(padded);
    free(bytes);
    return is;
}

static bool is_hash(const char *id, const char *low, const char *name, const char *number)
{
    unsigned char raw[DIGEST_MAX];
    char hex[TELLING + 1];
    size_t n = digest_named(name, number, strlen(number), raw);
    if (!n)
        return false;
    for (size_t i = 0; i < TELLING / 2; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
    char *base64 = http_base64(raw, n), *same = plain(id, true);
    base64[TELLING] = '\0';
    bool is = strstr(low, hex) || strstr(same, base64);
    free(base64);
    free(same);
    return is;
}

char *trial_id_tells(const char *id, const char *number)
{
    static const char *const hashes[] = {"md5", "sha1", "sha256", "sha384", "sha512"};
    char *low = plain(id, false), *why = NULL;
    if (strstr(low, number))
        why = xstrdup("an aanmeldId holds a personal number");
    else if (hex_holds(low, number) || base64_holds(id, number))
        why = xstrdup("an aanmeldId holds a personal number in another coding");
    for (size_t i = 0; i < ARRAY_LEN(hashes) && !why; i++)
        if (is_hash(id, low, hashes[i], number))
            why = xasprintf("an aanmeldId holds the %s hash of a personal number",
                            hashes[i]);
    free(low);
    return why;
}
