/* koppelproef provision: the clients that a running system has to know. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "harness/cli/cli.h"

const struct cli_option cli_provision_options[] = {
    {"out", 'o', "FILE", "where to write it (default: standard output)"},
    {"seed", 's', "N", "the secrets follow from it (default: a fresh one)"},
    {NULL, 0, NULL, NULL},
};

/* Readable by its owner only, and never over another file: who loaded the old secrets
 * into a system would lose them. */
static int create(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    if (errno == EEXIST)
        return err_set(
            e, E_INVALID,
            "%s exists already and may be in use: choose another name, or remove it",
            path);
    return err_set(e, E_ENV, "can't write %s: %s", path, strerror(errno));
}

static int write_to(int fd, const char *text, const char *where, struct err *e)
{
    FILE *f = fdopen(fd, "w");
    bool bad = !f || fputs(text, f) < 0 || fputc('\n', f) < 0;
    int why = errno;
    if (f && fclose(f) && !bad) {
        bad = true;
        why = errno;
    }
    return bad ? err_set(e, E_ENV, "can't write %s: %s", where, strerror(why)) : 0;
}

int cmd_provision(const struct cli_args *a)
{
    struct tables *tables = NULL;
    struct err e = {0};
    const char *path = cli_value(a, "out");
    uint64_t seed = rng_fresh_seed();
    int rc = cli_operands(a, 0, 0, &e);
    if (!rc)
        rc = cli_seed(a, &seed, &e);
    if (!rc)
        rc = cli_load_tables(&tables, &e);
    int fd = rc ? -1 : path ? create(path, &e) : dup(STDOUT_FILENO);
    if (!rc && fd < 0)
        rc = e.set ? e.code : err_set(&e, E_ENV, "standard output is closed");
    if (!rc) {
        json_t *p = runner_provisioning(tables, seed, when_wall());
        char *text = json_dumps(p, JSON_INDENT(1));
        rc = write_to(fd, text, path ? path : "standard output", &e);
        free(text);
        json_decref(p);
    }
    tables_free(tables);
    if (rc)
        return cli_fail(&e);
    if (path)
        printf("%s: for seed %llu\n", path, (unsigned long long)seed);
    return EXIT_CONFORM;
}
