/* Provisioning: which clients a koppelpunt knows, and the tables of instellingen and
 * opleidingen (CONTRACT.md 9). Made for systems that we start; read for systems
 * that keep running. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

static const char *const overstapsystemen[] = {"intergrip", "voroc", "digidoor",
                                               "paspoort-voor-succes"};

static json_t *new_client(uint64_t seed, const char *id, const char *soort,
                          const char *oin)
{
    struct rng r;
    char secret[37];
    rng_init(&r, seed, id, "client-secret");
    rng_uuid(&r, secret);
    return json_pack("{ss,ss,ss,ss}", "clientId", id, "clientSecret", secret, "soort",
                     soort, "oin", oin);
}

json_t *provisioning_make(const struct tables *t, uint64_t seed, when_t now)
{
    json_t *clients = json_array(), *instellingen = json_array(),
           *opleidingen = json_array();
    char id[48], oin[32], connected[32];
    for (size_t i = 0; i < t->n_instellingen; i++) {
        const char *brin = t->instellingen[i].code;
        snprintf(id, sizeof id, "sis-%s", brin);
        /* BRIN as OIN: prefix 7, BRIN, zeros (OIN-Stelsel). */
        snprintf(oin, sizeof oin, "00000007000%s00000", brin);
        json_t *c = new_client(seed, id, "sis", oin);
        json_object_set_new(c, "brins", json_pack("[s]", brin));
        json_array_append_new(clients, c);
        json_array_append_new(instellingen, json_pack("{ss,ss}", "code", brin, "naam",
                                                      t->instellingen[i].name));
    }
    for (size_t i = 0; i < t->n_opleidingen; i++)
        json_array_append_new(opleidingen,
                              json_pack("{ss,ss}", "code", t->opleidingen[i].code, "naam",
                                        t->opleidingen[i].name));
    json_array_append_new(clients,
                          new_client(seed, "cambo", "cambo", "00000099000000001000"));
    when_format(now - 3600 * NS_PER_S, connected);
    connected[19] = 'Z'; /* whole seconds */
    connected[20] = 0;
    for (size_t i = 0; i < ARRAY_LEN(overstapsystemen); i++) {
        snprintf(oin, sizeof oin, "00000099000000002%03zu", i);
        json_t *c = new_client(seed, overstapsystemen[i], "overstapsysteem", oin);
        json_object_set_new(c, "aansluitdatum", json_string(connected));
        json_object_set_new(c, "ingetrokken", json_false());
        json_array_append_new(clients, c);
    }
    return json_pack("{so,so,so,si}", "clients", clients, "instellingen", instellingen,
                     "opleidingen", opleidingen, "tokenSeconds", 900);
}

json_t *runner_provisioning(const struct tables *t, uint64_t seed, when_t now)
{
    return provisioning_make(t, seed, now);
}

json_t *provisioning_client(const json_t *provisioning, const char *id)
{
    json_t *clients = json_object_get(provisioning, "clients");
    for (size_t i = 0; i < json_array_size(clients); i++) {
        json_t *c = json_array_get(clients, i);
        const char *s = json_string_value(json_object_get(c, "clientId"));
        if (s && !strcmp(s, id))
            return c;
    }
    return NULL;
}

/* What we need of a file that may have been edited by hand. */
static int check(const json_t *root, struct err *e)
{
    const json_t *clients = json_object_get(root, "clients");
    size_t sis = 0, readers = 0;
    for (size_t i = 0; i < json_array_size(clients); i++) {
        const json_t *c = json_array_get(clients, i);
        const char *soort = json_string_value(json_object_get(c, "soort"));
        if (!soort || !json_is_string(json_object_get(c, "clientId")) ||
            !json_is_string(json_object_get(c, "clientSecret"))) {
            char pointer[48];
            snprintf(pointer, sizeof pointer, "/clients/%zu", i);
            int rc =
                err_set(e, E_INVALID, "a client needs clientId, clientSecret and soort");
            err_at(e, NULL, 0, 0, pointer);
            return rc;
        }
        sis += !strcmp(soort, "sis");
        readers += !strcmp(soort, "overstapsysteem");
    }
    if (!sis || !readers)
        return err_set(e, E_INVALID,
                       "a provisioning file needs at least one client of soort "
                       "sis and one of soort overstapsysteem");
    return 0;
}

int provisioning_load(const char *path, json_t **out, struct err *e)
{
    json_t *root;
    int rc = file_read_json(path, &root, e);
    if (rc)
        return E_INVALID;
    rc = check(root, e);
    if (rc) {
        err_at(e, path, 0, 0, NULL);
        json_decref(root);
        return rc;
    }
    *out = root;
    return 0;
}
