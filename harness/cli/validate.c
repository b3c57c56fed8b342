/*
 * koppelproef validate SCHEMA INSTANCE...: JSON instances against a JSON Schema.
 * Faults go to standard output, one a line, as FILE:LINE:COLUMN: POINTER: text; what
 * cannot be read goes to standard error in the same form. 0: all valid, 1: some invalid,
 * 2: the schema cannot be used or an instance cannot be read.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/profile/schema.h"

#define INSTANCE_MAX ((size_t)1 << 30)

enum { ALL_VALID = 0, SOME_INVALID = 1, UNUSABLE = 2 };

struct options {
    bool json;
    unsigned flags;
};

/* 0, or UNUSABLE with the reason said. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"format", required_argument, NULL, 'f'},
        {"formats", required_argument, NULL, 'F'},
        {NULL, 0, NULL, 0},
    };
    int c;

    optind = 0; /* GNU: begin anew */
    opterr = 0; /* main() has refused what is not in its table */
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c == 'f' && (strcmp(optarg, "json") == 0 || strcmp(optarg, "text") == 0)) {
            o->json = strcmp(optarg, "json") == 0;
        } else if (c == 'F' && strcmp(optarg, "annotation") == 0) {
            o->flags |= SCHEMA_FORMAT_ANNOTATION;
        } else if (c == 'F' && strcmp(optarg, "assert") == 0) {
            o->flags &= ~SCHEMA_FORMAT_ANNOTATION;
        } else {
            if (c == 'f')
                cli_say("--format is text or json, not \"%s\"", optarg);
            else if (c == 'F')
                cli_say("--formats is assert or annotation, not \"%s\"", optarg);
            else
                cli_say("unknown option \"%s\"", argv[optind - 1]);
            return UNUSABLE;
        }
    }
    if (argc - optind < 2) {
        cli_say("validate needs a schema and at least one instance");
        return UNUSABLE;
    }
    return 0;
}

static int read_input(const char *path, char **text, size_t *n, struct err *e)
{
    char chunk[16384];
    struct buf all;
    size_t got;

    if (strcmp(path, "-") != 0)
        return file_read(path, INSTANCE_MAX, text, n, e);
    buf_init(&all, INSTANCE_MAX);
    while ((got = fread(chunk, 1, sizeof chunk, stdin)) > 0)
        buf_add(&all, chunk, got);
    if (ferror(stdin) || all.full) {
        buf_done(&all);
        return err_set(e, E_ENV, "standard input cannot be read: %s",
                       ferror(stdin) ? strerror(errno) : "too long");
    }
    *text = buf_take(&all, n);
    return 0;
}

/* Reads an instance; the error has its place. */
static int read_instance(const char *path, char **text, size_t *n, json_t **out,
                         struct err *e)
{
    json_error_t why;
    int rc = read_input(path, text, n, e);

    if (rc) {
        err_at(e, path, 0, 0, NULL);
        return rc;
    }
    *out = json_loadb(*text, *n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (*out)
        return 0;
    free(*text);
    err_set(e, E_INVALID, "%s", why.text);
    err_at(e, path, why.line > 0 ? why.line : 1, why.column > 0 ? why.column : 1, NULL);
    return E_INVALID;
}

/* Adds line and column to each fault. */
static void place_faults(json_t *faults, const char *text, size_t n)
{
    struct json_places *places = json_places_new(text, n);
    json_t *fault;
    size_t i;

    json_array_foreach (faults, i, fault) {
        const char *pointer = json_string_value(json_object_get(fault, "pointer"));
        int line, column;

        json_places_find(places, pointer, &line, &column);
        json_object_set_new(fault, "line", json_integer(line));
        json_object_set_new(fault, "column", json_integer(column));
    }
    json_places_free(places);
}

static void print_faults(const char *path, const json_t *faults)
{
    const json_t *fault;
    size_t i;

    json_array_foreach (faults, i, fault) {
        const char *pointer = json_string_value(json_object_get(fault, "pointer"));

        printf("%s:%d:%d: %s: %s\n", path,
               (int)json_integer_value(json_object_get(fault, "line")),
               (int)json_integer_value(json_object_get(fault, "column")),
               *pointer ? pointer : "\"\"",
               json_string_value(json_object_get(fault, "text")));
    }
}

static json_t *error_json(const struct err *e)
{
    return json_pack("{s:i, s:i, s:s}", "line", e->line, "column", e->column, "text",
                     e->text);
}

static int validate_one(const struct schema *s, const char *path, const struct options *o,
                        json_t *report)
{
    struct err e = {0};
    json_t *instance, *faults, *entry = json_pack("{s:s}", "file", path);
    bool valid;
    char *text;
    size_t n;

    if (!entry) /* a file name that is not UTF-8 */
        entry = json_object();
    json_array_append_new(report, entry);
    if (read_instance(path, &text, &n, &instance, &e)) {
        char *sentence = err_sentence(&e);

        fprintf(stderr, "%s\n", sentence);
        free(sentence);
        json_object_set_new(entry, "valid", json_false());
        json_object_set_new(entry, "error", error_json(&e));
        return UNUSABLE;
    }
    faults = json_array();
    valid = schema_valid(s, instance, faults, 0);
    place_faults(faults, text, n);
    if (!o->json)
        print_faults(path, faults);
    json_object_set_new(entry, "valid", json_boolean(valid));
    json_object_set_new(entry, "faults", faults);
    json_decref(instance);
    free(text);
    return valid ? ALL_VALID : SOME_INVALID;
}

int cmd_validate(int argc, char **argv)
{
    struct options o = {0};
    struct schema *s;
    struct err e = {0};
    json_t *report;
    int worst = read_options(argc, argv, &o);

    if (worst)
        return worst;
    if (schema_load_as(argv[optind], o.flags, &s, &e)) {
        char *sentence = err_sentence(&e);

        fprintf(stderr, "%s\n", sentence);
        free(sentence);
        return UNUSABLE;
    }
    report = json_array();
    for (int i = optind + 1; i < argc; i++) {
        int result = validate_one(s, argv[i], &o, report);

        if (result > worst)
            worst = result;
    }
    if (o.json) {
        json_dumpf(report, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(report);
    schema_free(s);
    return worst;
}
