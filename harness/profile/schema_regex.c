/*
 * JSON Schema: patterns. They are ECMA-262 expressions with the u flag (validation 6.3.3,
 * core 6.4), PCRE2 does the matching. The two languages share most of their syntax and
 * differ in traps: \v, \s, '.', '$', "[[:alpha:]]", \A, (?i). So a pattern is first read
 * by ECMA's grammar and written anew in the words that mean the same to PCRE2.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

/* A match that needs more steps than this is given up. */
#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 20000
#define GROUP_DEPTH 200

/* ECMA's white space and what is not, as ranges for the inside of a class. */
#define SPACE                                                                            \
    "\\x09-\\x0d\\x20\\xa0\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}"                \
    "\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NO_SPACE                                                                         \
    "\\x00-\\x08\\x0e-\\x1f\\x21-\\x9f\\xa1-\\x{167f}\\x{1681}-\\x{1fff}"                \
    "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}"                          \
    "\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

struct scan {
    const char *p, *end;
    struct buf out;
    const char *why; /* NULL: fine so far */
    unsigned groups; /* capturing groups in the whole pattern */
};

static int peek(const struct scan *c, size_t ahead)
{
    return (size_t)(c->end - c->p) > ahead ? (unsigned char)c->p[ahead] : -1;
}

static bool fail(struct scan *c, const char *why)
{
    if (!c->why)
        c->why = why;
    return false;
}

static bool is_digit(int ch)
{
    return ch >= '0' && ch <= '9';
}

/* Reads exactly n hex digits at p + from, or -1. */
static long hex(const struct scan *c, size_t from, size_t n)
{
    long v = 0;

    for (size_t i = 0; i < n; i++) {
        int ch = peek(c, from + i);

        if (is_digit(ch))
            v = v * 16 + ch - '0';
        else if ((ch | 32) >= 'a' && (ch | 32) <= 'f' && ch > 0)
            v = v * 16 + (ch | 32) - 'a' + 10;
        else
            return -1;
    }
    return v;
}

/* The code point of \u at p: \uXXXX, a surrogate pair of two, or \u{X...}. */
static bool unicode_escape(struct scan *c, long *out)
{
    long v, low;

    if (peek(c, 1) == '{') {
        size_t n = 0;

        while (n < 7 && hex(c, 2 + n, 1) >= 0)
            n++;
        v = hex(c, 2, n);
        if (n == 0 || peek(c, 2 + n) != '}' || v > 0x10FFFF)
            return fail(c, "\\u{...} needs a code point up to 10FFFF");
        c->p += n + 3;
    } else {
        v = hex(c, 1, 4);
        if (v < 0)
            return fail(c, "\\u needs four hex digits or {...}");
        c->p += 5;
        if (v >= 0xD800 && v <= 0xDBFF && peek(c, 0) == '\\' && peek(c, 1) == 'u') {
            low = hex(c, 2, 4);
            if (low >= 0xDC00 && low <= 0xDFFF) {
                v = 0x10000 + ((v - 0xD800) << 10) + (low - 0xDC00);
                c->p += 6;
            }
        }
    }
    if (v >= 0xD800 && v <= 0xDFFF)
        return fail(c, "half a surrogate pair");
    *out = v;
    return true;
}

/* clang-format off */
/* General categories by ECMA's long names; the short ones are PCRE2's as well. */
static const struct {
    const char *name, *category;
} categories[] = {
    {"Letter", "L"}, {"Cased_Letter", "L&"}, {"LC", "L&"}, {"Lowercase_Letter", "Ll"},
    {"Uppercase_Letter", "Lu"}, {"Titlecase_Letter", "Lt"}, {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"}, {"Mark", "M"}, {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"}, {"Spacing_Mark", "Mc"}, {"Enclosing_Mark", "Me"},
    {"Number", "N"}, {"Decimal_Number", "Nd"}, {"digit", "Nd"}, {"Letter_Number", "Nl"},
    {"Other_Number", "No"}, {"Punctuation", "P"}, {"punct", "P"},
    {"Connector_Punctuation", "Pc"}, {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"}, {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"}, {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"}, {"Symbol", "S"}, {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"}, {"Modifier_Symbol", "Sk"}, {"Other_Symbol", "So"},
    {"Separator", "Z"}, {"Space_Separator", "Zs"}, {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"}, {"Other", "C"}, {"Control", "Cc"}, {"cntrl", "Cc"},
    {"Format", "Cf"}, {"Surrogate", "Cs"}, {"Private_Use", "Co"}, {"Unassigned", "Cn"},
};

static const char *const short_categories[] = {
    "L",  "Ll", "Lu", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd", "Nl",
    "No", "P",  "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk",
    "So", "Z",  "Zs", "Zl", "Zp", "C",  "Cc", "Cf", "Cs", "Co", "Cn",
};

static const char *const binary_properties[] = {
    "Any", "Alphabetic", "Alpha", "ASCII_Hex_Digit", "AHex", "Hex_Digit", "Hex",
    "White_Space", "space", "Lowercase", "Lower", "Uppercase", "Upper", "Cased",
    "Emoji", "Emoji_Presentation", "Emoji_Modifier", "Emoji_Modifier_Base",
    "Emoji_Component", "Extended_Pictographic", "ID_Start", "IDS", "ID_Continue", "IDC",
    "XID_Start", "XIDS", "XID_Continue", "XIDC", "Ideographic", "Dash", "Math",
    "Diacritic", "Noncharacter_Code_Point", "Default_Ignorable_Code_Point",
};
/* clang-format on */

static const char *category_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (strcmp(name, categories[i].name) == 0)
            return categories[i].category;
    for (size_t i = 0; i < ARRAY_LEN(short_categories); i++)
        if (strcmp(name, short_categories[i]) == 0)
            return name;
    return NULL;
}

/* p at the p or P of \p{...}. Writes it as PCRE2 wants it. */
static bool property(struct scan *c)
{
    static const char *const scripts[] = {"Script=", "sc=", "Script_Extensions=", "scx="};
    static const char *const general[] = {"General_Category=", "gc="};
    bool negated = *c->p == 'P';
    const char *s, *close, *written = NULL;
    char name[80], script[90];

    close = peek(c, 1) == '{' ? memchr(c->p, '}', (size_t)(c->end - c->p)) : NULL;
    if (!close || (size_t)(close - c->p) >= sizeof name)
        return fail(c, "\\p needs a property in braces");
    snprintf(name, sizeof name, "%.*s", (int)(close - c->p - 2), c->p + 2);
    c->p = close + 1;
    if (strcmp(name, "ASCII") == 0) {
        buf_adds(&c->out, negated ? "\\x{80}-\\x{10ffff}" : "\\x00-\\x7f");
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        size_t n = strlen(scripts[i]);

        if (strncmp(name, scripts[i], n) == 0) {
            snprintf(script, sizeof script, "%s%s", i < 2 ? "sc=" : "scx=", name + n);
            written = script;
        }
    }
    s = name;
    for (size_t i = 0; i < ARRAY_LEN(general); i++)
        if (strncmp(name, general[i], strlen(general[i])) == 0)
            s = name + strlen(general[i]);
    if (!written)
        written = category_of(s);
    for (size_t i = 0; !written && i < ARRAY_LEN(binary_properties); i++)
        if (strcmp(name, binary_properties[i]) == 0)
            written = name;
    if (!written)
        return fail(c, "unknown property in \\p{}");
    buf_addf(&c->out, "\\%c{%s}", negated ? 'P' : 'p', written);
    return true;
}

/* An escape that means one character: p behind the backslash. Sets *out and moves on, or
 * leaves p alone and returns false. */
static bool character_escape(struct scan *c, long *out)
{
    static const char control[] = "t\tn\nv\vf\fr\r";
    int ch = peek(c, 0);
    long v;

    for (const char *s = control; *s; s += 2) {
        if (ch == *s) {
            c->p++;
            *out = s[1];
            return true;
        }
    }
    if (ch == 'c' && ((peek(c, 1) | 32) >= 'a' && (peek(c, 1) | 32) <= 'z')) {
        *out = peek(c, 1) & 31;
        c->p += 2;
        return true;
    }
    if (ch == '0' && !is_digit(peek(c, 1))) {
        c->p++;
        *out = 0;
        return true;
    }
    if (ch == 'x') {
        v = hex(c, 1, 2);
        if (v < 0)
            return fail(c, "\\x needs two hex digits");
        c->p += 3;
        *out = v;
        return true;
    }
    if (ch == 'u')
        return unicode_escape(c, out);
    /* Strictly only syntax characters may be escaped under the u flag; other ASCII
     * punctuation such as \- or \" does no harm and is common. */
    if (ch > 32 && ch < 127 && !((ch | 32) >= 'a' && (ch | 32) <= 'z') && !is_digit(ch) &&
        ch != '_') {
        c->p++;
        *out = ch;
        return true;
    }
    return false;
}

/* An escape that means a set: p behind the backslash. `inside`: within a class. */
static bool set_escape(struct scan *c, bool inside)
{
    int ch = peek(c, 0);
    bool bracket = !inside && strchr("sSpP", ch);

    if (ch <= 0 || !strchr("dDwWsSpP", ch))
        return false;
    if (bracket)
        buf_addc(&c->out, '[');
    if (ch == 'p' || ch == 'P') {
        if (!property(c))
            return false;
    } else {
        c->p++;
        if (ch == 's' || ch == 'S')
            buf_adds(&c->out, ch == 's' ? SPACE : NO_SPACE);
        else
            buf_addf(&c->out, "\\%c", ch);
    }
    if (bracket)
        buf_addc(&c->out, ']');
    return true;
}

/* Decodes one UTF-8 character at p; the pattern is valid UTF-8. */
static long next_character(struct scan *c)
{
    unsigned char lead = (unsigned char)*c->p++;
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    long v = more ? lead & (0x3F >> more) : lead;

    while (more-- > 0 && c->p < c->end)
        v = (v << 6) | (*c->p++ & 0x3F);
    return v;
}

/* One member of a class; *v is -1 when it is a set, which is written already. */
static bool class_atom(struct scan *c, long *v)
{
    if (peek(c, 0) != '\\') {
        *v = next_character(c);
        return true;
    }
    c->p++;
    if (peek(c, 0) == 'b') {
        c->p++;
        *v = 8;
        return true;
    }
    *v = -1;
    return set_escape(c, true) || (!c->why && character_escape(c, v)) ||
           fail(c, "unknown escape in a class");
}

/* p behind the opening bracket. */
static bool class_of(struct scan *c)
{
    long from, to;

    buf_addc(&c->out, '[');
    if (peek(c, 0) == '^') {
        buf_addc(&c->out, '^');
        c->p++;
    }
    while (peek(c, 0) != ']') {
        if (c->p >= c->end)
            return fail(c, "a class has no end");
        if (!class_atom(c, &from))
            return false;
        if (from >= 0)
            buf_addf(&c->out, "\\x{%lx}", (unsigned long)from);
        if (peek(c, 0) != '-' || peek(c, 1) == ']' || peek(c, 1) < 0)
            continue;
        c->p++;
        if (from < 0)
            return fail(c, "a set cannot be the end of a range");
        if (!class_atom(c, &to))
            return false;
        if (to < from)
            return fail(c, "a range in a class runs backwards or ends in a set");
        buf_addf(&c->out, "-\\x{%lx}", (unsigned long)to);
    }
    c->p++;
    buf_addc(&c->out, ']');
    return true;
}

/* An escape outside a class: p behind the backslash. */
static bool escape(struct scan *c, bool *atom)
{
    int ch = peek(c, 0);
    long v;

    if (ch == 'b' || ch == 'B') {
        buf_addf(&c->out, "\\%c", ch);
        c->p++;
        *atom = false;
        return true;
    }
    *atom = true;
    if (ch >= '1' && ch <= '9') {
        unsigned long n = strtoul(c->p, NULL, 10); /* the pattern ends in NUL */

        while (is_digit(peek(c, 0)))
            c->p++;
        if (n > c->groups)
            return fail(c, "a back reference to a group that is not there");
        buf_addf(&c->out, "\\g{%lu}", n);
        return true;
    }
    if (ch == 'k') {
        const char *close =
            peek(c, 1) == '<' ? memchr(c->p, '>', (size_t)(c->end - c->p)) : NULL;

        if (!close)
            return fail(c, "\\k needs a name in angle brackets");
        buf_addf(&c->out, "\\k<%.*s>", (int)(close - c->p - 2), c->p + 2);
        c->p = close + 1;
        return true;
    }
    if (set_escape(c, false))
        return true;
    if (!c->why && character_escape(c, &v)) {
        buf_addf(&c->out, "\\x{%lx}", (unsigned long)v);
        return true;
    }
    return fail(c, "unknown escape");
}

/* {n}, {n,} or {n,m} at p. */
static bool braces(struct scan *c)
{
    size_t n = 1;

    while (is_digit(peek(c, n)))
        n++;
    if (n == 1)
        return fail(c, "'{' must be escaped unless it begins a count");
    if (peek(c, n) == ',') {
        n++;
        while (is_digit(peek(c, n)))
            n++;
    }
    if (peek(c, n) != '}')
        return fail(c, "a count in braces has no end");
    buf_add(&c->out, c->p, n + 1);
    c->p += n + 1;
    return true;
}

/* What stands behind "(": writes it. *around: a look-around, which cannot be repeated. */
static bool group(struct scan *c, bool *around)
{
    static const char *const kinds[] = {"?:", "?=", "?!", "?<=", "?<!"};

    *around = false;
    buf_addc(&c->out, '(');
    if (peek(c, 0) != '?')
        return true;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t n = strlen(kinds[i]);

        if ((size_t)(c->end - c->p) >= n && memcmp(c->p, kinds[i], n) == 0) {
            buf_add(&c->out, c->p, n);
            c->p += n;
            *around = i > 0;
            return true;
        }
    }
    if (peek(c, 1) == '<' && memchr(c->p, '>', (size_t)(c->end - c->p))) {
        size_t n =
            (size_t)((const char *)memchr(c->p, '>', (size_t)(c->end - c->p)) - c->p);

        buf_add(&c->out, c->p, n + 1);
        c->p += n + 1;
        return true;
    }
    return fail(c, "unknown kind of group");
}

/* How many groups the pattern captures, for back references forward. */
static unsigned count_groups(const char *s, const char *end)
{
    unsigned n = 0;
    bool inside = false;

    for (; s < end; s++) {
        if (*s == '\\')
            s++;
        else if (*s == '[')
            inside = true;
        else if (*s == ']')
            inside = false;
        else if (*s == '(' && !inside &&
                 (s[1] != '?' || (s[2] == '<' && s[3] != '=' && s[3] != '!')))
            n++;
    }
    return n;
}

/* One term at p: an assertion, or an atom with what repeats it. */
static bool term(struct scan *c, bool *around, size_t *depth)
{
    int ch = peek(c, 0);
    bool atom = true;

    c->p++;
    if (ch == '^' || ch == '$' || ch == '|') {
        buf_addc(&c->out, (char)ch);
        atom = false;
    } else if (ch == '(') {
        if (*depth == GROUP_DEPTH)
            return fail(c, "groups are nested too deeply");
        return group(c, &around[(*depth)++]);
    } else if (ch == ')') {
        if (*depth == 0)
            return fail(c, "')' without '('");
        atom = !around[--*depth];
        buf_addc(&c->out, ')');
    } else if (ch == '[') {
        if (!class_of(c))
            return false;
    } else if (ch == '\\') {
        if (!escape(c, &atom))
            return false;
    } else if (ch == '.') {
        buf_adds(&c->out, "[^\\n\\r\\x{2028}\\x{2029}]");
    } else if (strchr("*+?", ch)) {
        return fail(c, "nothing to repeat");
    } else if (strchr("{}]", ch)) {
        return fail(c, "'{', '}' and ']' must be escaped");
    } else {
        buf_addc(&c->out, (char)ch);
        while ((peek(c, 0) & 0xC0) == 0x80 && peek(c, 0) > 0)
            buf_addc(&c->out, *c->p++);
    }
    ch = peek(c, 0);
    if (ch <= 0 || !strchr("*+?{", ch))
        return true;
    if (!atom)
        return fail(c, "nothing to repeat");
    if (ch == '{' && !braces(c))
        return false;
    if (ch != '{')
        buf_addc(&c->out, *c->p++);
    if (peek(c, 0) == '?')
        buf_addc(&c->out, *c->p++);
    return true;
}

static bool translate(struct scan *c)
{
    bool around[GROUP_DEPTH];
    size_t depth = 0;

    if (memchr(c->p, '\0', (size_t)(c->end - c->p)))
        return fail(c, "a NUL must be written \\0");
    c->groups = count_groups(c->p, c->end);
    while (c->p < c->end)
        if (!term(c, around, &depth))
            return false;
    return depth == 0 || fail(c, "'(' without ')'");
}

struct regex {
    pcre2_code *code;
};

struct regex_room {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

struct regex *regex_new(const char *pattern, size_t n, char *why, size_t size)
{
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                       PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    struct scan c = {.p = pattern, .end = pattern + n};
    struct regex *re = NULL;
    pcre2_code *code;
    PCRE2_SIZE offset;
    int error;

    buf_init(&c.out, 1 << 20);
    if (translate(&c) && !c.out.full) {
        code = pcre2_compile((PCRE2_SPTR)(c.out.p ? c.out.p : ""), c.out.n, options,
                             &error, &offset, NULL);
        if (code) {
            pcre2_jit_compile(code,
                              PCRE2_JIT_COMPLETE); /* without it it is only slower */
            re = xcalloc(1, sizeof *re);
            re->code = code;
        } else {
            pcre2_get_error_message(error, (PCRE2_UCHAR *)why, size);
        }
    } else {
        snprintf(why, size, "%s", c.why ? c.why : "too long");
    }
    buf_done(&c.out);
    return re;
}

void regex_free(struct regex *re)
{
    if (!re)
        return;
    pcre2_code_free(re->code);
    free(re);
}

bool regex_is_valid(const char *pattern, size_t n)
{
    char why[200];
    struct regex *re = regex_new(pattern, n, why, sizeof why);

    regex_free(re);
    return re != NULL;
}

static struct regex_room *room_new(void)
{
    struct regex_room *room = xcalloc(1, sizeof *room);

    room->data = pcre2_match_data_create(1, NULL);
    room->context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(room->context, MATCH_LIMIT);
    pcre2_set_depth_limit(room->context, DEPTH_LIMIT);
    return room;
}

void regex_room_free(struct regex_room *room)
{
    if (!room)
        return;
    pcre2_match_data_free(room->data);
    pcre2_match_context_free(room->context);
    free(room);
}

enum regex_verdict regex_match(const struct regex *re, struct regex_room **room,
                               const char *s, size_t n)
{
    int rc;

    if (!*room)
        *room = room_new();
    /* jansson only lets valid UTF-8 in. */
    rc = pcre2_match(re->code, (PCRE2_SPTR)s, n, 0, PCRE2_NO_UTF_CHECK, (*room)->data,
                     (*room)->context);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
        rc = pcre2_match(re->code, (PCRE2_SPTR)s, n, 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                         (*room)->data, (*room)->context);
    if (rc >= 0)
        return REGEX_YES;
    return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_STUCK;
}
