/*
 * The system under test while it runs: started, found ready, stopped, killed, restarted
 * and reloaded, all without blocking the loop. A system that its owner keeps running is
 * only reached; what can't be done with it is said.
 */
#ifndef SCENARIO_SUT_H
#define SCENARIO_SUT_H

#include "harness/profile/profile.h"
#include "harness/scenario/iut.h"
#include "harness/wire/journal.h"

struct sut;

struct sut_config {
    struct wire *wire;
    struct journal *journal;
    const char *scenario; /* for the journal */
    const struct iut *iut;
    const struct profile *profile;
    const char *dir; /* a folder of its own: state, outputs, provisioning file */
    const json_t *provisioning;
    /* For an overstapsysteem that we start: where the koppelpunt is, who it is there. */
    const char *koppelpunt_url, *token_url, *client_id, *client_secret, *ca_file;
    double interval_seconds;
    when_t aansluitdatum;
    double cursor_seconds;     /* for a koppelpunt; < 0: for ever */
    double notification_scale; /* likewise */
    /* Strict level: what a koppelpunt that we start is to show and to believe, and what
     * we show when we look whether it is ready. NULL: plain HTTP. Owned by the sut. */
    char *tls_cert_file, *tls_key_file, *client_ca_file, *own_cert_file, *own_key_file;
};

/* ok, or one sentence and whom it concerns ("system", "configuration", "environment"). */
typedef void sut_cb(void *arg, bool ok, const char *blame, const char *text);

struct sut *sut_new(const struct sut_config *c);
/* Starts it (when we are to) and waits until it is ready, at most 10 s. */
void sut_start(struct sut *s, sut_cb *cb, void *arg);
/* SIGTERM (5 s, then SIGKILL), or SIGKILL at once; ready when it is gone. */
void sut_stop(struct sut *s, bool kill, sut_cb *cb, void *arg);
/* SIGKILL at once, when everything is to end; whoever waits for it is told as usual. */
void sut_kill(struct sut *s);
/* Nanoseconds from its first start until it was ready; 0: it never was, or was not ours
 * to start. */
uint64_t sut_start_took(const struct sut *s);
/* Stop or kill, then start again in the same environment. */
void sut_restart(struct sut *s, bool kill, sut_cb *cb, void *arg);
/* Writes the changed provisioning in one step and makes the system read it. */
void sut_reload(struct sut *s, const json_t *provisioning, sut_cb *cb, void *arg);
/* Base URL of a koppelpunt under test. */
const char *sut_url(const struct sut *s);
const char *sut_observer_url(const struct sut *s);
bool sut_exited(const struct sut *s);  /* it ended by itself */
bool sut_hung_up(const struct sut *s); /* of the SIGHUP with which we ask for a reload */
void sut_free(struct sut *s);          /* kills what still runs */

#endif
