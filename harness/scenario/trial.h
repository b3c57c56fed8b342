/*
 * One conversation that is going on: a scenario, the parties in it, and the lanes along
 * which its steps move. Only this room includes this header.
 *
 * In a trial of a koppelpunt the laboratory plays the sources and the overstapsystemen;
 * in a trial of an overstapsysteem it plays the sources and the koppelpunt. Both look the
 * same to the steps: a koppelpunt at an address, overstapsystemen with an observer.
 */
#ifndef SCENARIO_TRIAL_H
#define SCENARIO_TRIAL_H

#include "harness/base/digest.h"
#include "harness/base/map.h"
#include "harness/scenario/runner.h"
#include "harness/scenario/sut.h"
#include "mocks/host.h"
#include "mocks/koppelpunt.h"
#include "mocks/overstapsysteem.h"
#include "mocks/sources.h"

struct trial;
struct lane;

/* Everything that a trial is given. Borrowed. */
struct trial_config {
    const struct runner_config *run;
    const struct iut *iut;
    const struct scenario *scenario;
    struct population *population;
    const char *drawn_as; /* in that population */
    unsigned generation;  /* of persons: 0, or in later rounds of a system that keeps
                             running, 1, 2, ... */
    const char *name;     /* "koppelpunt/late-message" */
    const char *dir;      /* a folder of its own */
    /* Of a system that keeps running: the provisioning that it has loaded. NULL: made. */
    const json_t *provisioning;
    void (*ended)(void *arg, struct trial *t);
    void *arg;
    /* How long a system that we start may take to be ready (ns): moments that "given"
     * sets ahead come that much later, or a slow starter would miss them. */
    uint64_t start_allowance;
    json_t *preflight; /* not NULL: faults [{"blame","text"}] are added to it */
};

struct trial *trial_new(const struct trial_config *c);
void trial_start(struct trial *t);
/* Ends it as soon as may be ("interrupted"). */
void trial_abort(struct trial *t, const char *blame, const char *why);
void trial_free(struct trial *t);
/* It is over before its steps were: "aborted" or "skipped", by whose doing, and why. */
void trial_end_soon(struct trial *t, const char *outcome, const char *blame,
                    const char *why);
/* Who is waited for now, for the progress line; never NULL. */
const char *trial_waits_for(const struct trial *t);

/* ---- parties ---- */

/* One that calls the koppelpunt with credentials of its own. */
struct client {
    char *actor; /* "sis:25LH", "cambo", "overstapsysteem:intergrip" */
    char *id, *secret;
    char *soort, *brin;
    char *token; /* NULL: none yet */
    uint64_t token_until;
    char *old_token; /* an earlier token of this client, perhaps expired */
};

struct reader { /* an overstapsysteem */
    char *name; /* "intergrip" */
    struct client *client;
    bool under_test;
    struct host *host; /* played by us */
    const char *observer;
};

struct pupil {
    char *name;
    const struct person *person;
    char school[16];
};

struct application {
    struct aanmelding a;
    json_t *last;   /* the last melding that was sent */
    json_t *begins; /* "STATUS nanoseconds": what was reported so far; NULL: nothing */
    when_t clock;   /* begindatum of the next report when the step names none */
    struct rng ids; /* meldingIds */
    char *sent_by;  /* actor of the last melding */
    bool confirmed; /* its named parent has been told */
    bool was_sent;  /* something was delivered for it */
};

/* A fault on a call that we make ourselves. */
struct own_fault {
    char id[16];
    enum op op;
    char from[16]; /* "sis", "cambo", "" any */
    int nth, count;
    enum call_cut cut;
    bool twice;
    bool hit;
};

struct lane_item {
    char scope[24]; /* "@12" within a "for each" region, else "" */
    char each[96];  /* what "each" stands for, else "" */
};

/* A report of CAMBO's that waits until its applicant can log in. */
struct held {
    json_t *steps;
    char pointer[200];
    struct lane_item item;
};

struct trial {
    struct trial_config c;
    struct wire *wire;
    struct journal *journal;
    const struct profile *profile;
    const struct tables *tables;
    uint64_t seed; /* of all that is drawn for it */
    bool koppelpunt_tested;
    double interval; /* seconds between fetches of the overstapsysteem under test */
    double patience; /* seconds that "within" means when a step names none */

    struct sut *sut;
    char *koppelpunt_url;
    char *ca_file;
    bool strict;                     /* client certificates (CONTRACT.md 11) */
    struct pki_authority *authority; /* of our certificates, or NULL */

    json_t *provisioning;
    struct map *clients; /* by actor and by id -> struct client (same object twice) */
    struct client **client_list;
    size_t n_clients;

    struct host *koppelpunt; /* played by us, or NULL */
    struct role *koppelpunt_role;
    struct koppelpunt_config koppelpunt_config;
    char *koppelpunt_state;
    struct wire_listener *elsewhere; /* another host, for redirects */
    uint64_t elsewhere_hits, elsewhere_with_token;

    struct map *readers; /* name -> struct reader */
    struct reader *main_reader;
    struct map *pupils;       /* name[@scope] -> struct pupil */
    struct map *applications; /* name[@scope] -> struct application */
    struct map *cursors;      /* actor -> json string: where it was with fetching */
    struct map *school_sets;  /* school -> json array of pupil keys */

    struct lane *root;
    bool finished, failed_hard, freed;
    char *end_why, *end_blame;
    const char *end_outcome;
    size_t waiting; /* outstanding callbacks of ours */
    char waits_for[160];

    bool digid_down;
    struct application **digid_out; /* only these can't log in; NULL: nobody can */
    size_t n_digid_out;
    struct held *held; /* applicants who wait for DigiD */
    size_t n_held;
    json_t *wrapped; /* single steps, wrapped into arrays for lanes */

    struct own_fault faults[16];
    size_t n_faults;
    int fault_number;

    /* What the koppelpunt that we play has seen of the system's fetches. */
    uint64_t fetch_runs_done; /* ended with meer=false */
    uint64_t fetch_requests, token_requests, fault_hits;
    uint64_t last_fetch_begin, last_run_began;
    struct waiter *waiters;
    struct pending *pending;
    struct receiver *receivers; /* of notifications; receiver.h */
    int audits;
    size_t deliveries;
    unsigned long served_entries;
};

/* Something happened that a waiting step may look at. */
void trial_happened(struct trial *t);
/* Waits until ready(l, base) or for `within` ns; then calls done with what came first. A
 * trial that is being ended stops waiting. */
void trial_wait(struct lane *l, bool (*ready)(struct lane *l, uint64_t base),
                uint64_t base, uint64_t within, void (*done)(struct lane *l, bool met));

/* Work under way that need not be waited for once the trial is aborted: `hurry` makes its
 * callback come soon. */
struct pending {
    void (*hurry)(struct pending *p);
    struct pending *next, **at;
};
void trial_pending(struct trial *t, struct pending *p, void (*hurry)(struct pending *p));
void trial_settled(struct pending *p); /* it is over, or was never begun */

/* The array [step], kept until the trial is freed. */
json_t *trial_wrap(struct trial *t, json_t *step);

/* ---- lanes ---- */

/* A lane runs the steps of one array, one after the other. Sub-lanes join it. */
struct lane {
    struct trial *t;
    struct lane *parent;
    const json_t *steps;
    char *pointer; /* of the array */
    size_t at;     /* index of the current step */
    struct lane_item item;
    struct lane_item *items; /* a sequence: once for each of these; else NULL */
    size_t n_items, at_item;
    size_t children; /* sub-lanes still running */
    uint64_t step_began;
    uint64_t quiet_until; /* "sees no fetch": what begins later is allowed */
    bool done;
    void (*when_done)(struct lane *l);
};

/* The lane over the scenario's own steps; it is freed by lane_root_free. */
struct lane *lane_root(struct trial *t, void (*when_done)(struct lane *l));
void lane_root_free(struct lane *l);

/* The step is over; the next begins at the next turn of the loop. */
void lane_next(struct lane *l);
/* Starts a sub-lane over `steps`; the step of `parent` is over when all its children are.
 */
void lane_spawn(struct lane *parent, const json_t *steps, const char *pointer,
                const char *scope, const char *each);
/* One sub-lane that runs the steps for each item in turn (at least one). */
void lane_spawn_sequence(struct lane *parent, const json_t *steps, const char *pointer,
                         const struct lane_item *items, size_t n);
/* JSON pointer of the current step, "/steps/3". */
void lane_pointer(const struct lane *l, char *out, size_t n);
const json_t *lane_step(const struct lane *l);

struct application *lane_application(const struct lane *l, const char *name);
struct pupil *lane_pupil(const struct lane *l, const char *name);
struct reader *lane_reader(const struct lane *l); /* by "which", else the main one */
/* A duration of the step: "5s", "3 intervals", "promised"; `otherwise` seconds when it is
 * absent. */
uint64_t lane_duration(const struct lane *l, const char *key, double otherwise);

/* An expectation has been settled. met: 1, 0, or -1 when it could not be observed. `what`
 * says in a sentence what was expected. Takes expected and seen. `blame` NULL: the
 * system, or the harness when our own side answered. */
struct outcome {
    int met;
    const char *what, *why, *blame;
    json_t *expected, *seen;
    const char *proves; /* one id instead of the step's or scenario's, or NULL */
    uint64_t began, within;
};
void lane_expect(struct lane *l, struct outcome *o);
/* Ends the conversation here: what follows makes no sense any more. */
void lane_stop(struct lane *l, const char *blame, const char *why);
/* As lane_stop after an expectation that the system did not meet and that was written
 * already: what the scenario had still to prove was not reached, which is no failure. */
void lane_unreached(struct lane *l, const char *why);

/* ---- calls to the koppelpunt (asking.c) ---- */

enum token_mode {
    TOKEN_OWN, /* a valid token of the client, fetched when needed */
    TOKEN_NONE,
    TOKEN_INVALID, /* never handed out by anyone */
    TOKEN_OLD,     /* one that has expired */
};

struct ask {
    enum op op;
    const json_t *message; /* borrowed until ask returns */
    struct client *client;
    struct client *token_of; /* whose token; NULL: the client's */
    enum token_mode token;
    const char *manipulate; /* profile_manipulations[], or NULL */
    bool patient;           /* on 429/503 with Retry-After: wait and repeat */
    bool persistent;    /* on an unknown outcome: send the same again, as a source does */
    bool use_faults;    /* own faults may hit this call */
    const char *reader; /* label in the journal instead of the client's actor */
    const char *certificate; /* strict level: "none", "of X", a kind; NULL: its own */
    bool old_tls;            /* offer nothing newer than TLS 1.1 */
    const char *request_id;  /* X-Request-Id; NULL: one is made */
    uint64_t timeout_ns;
};
struct said {
    enum call_outcome outcome;
    int status;
    const char *word;     /* profile_answer_word, or the outcome's name */
    const json_t *answer; /* canonical, NULL when unreadable */
    const json_t *faults;
    const char *detail;
    const struct http_response *response; /* NULL when not answered */
    int tries;
    uint64_t began, ended;
};
typedef void said_cb(void *arg, const struct said *s);
/* Calls cb exactly once, never from inside, unless the trial is freed first. */
void trial_ask(struct lane *l, const struct ask *a, said_cb *cb, void *arg);
/* False in a profile in which the client's secret itself is sent as a key. */
bool trial_has_tokens(const struct trial *t);
/* Where tokens are had: iut.json's tokenUrl, else the profile's path. Caller frees. */
char *trial_token_url(const struct trial *t);
struct client *trial_client(struct trial *t, const char *actor_or_id);
struct client *trial_client_of_sis(struct trial *t, const char *brin);
/* From when an overstapsysteem may fetch, as it was provisioned last; false: never. */
bool trial_connects(const struct trial *t, const struct client *c, when_t *out);
/* Strict level: the files of this client's certificate of a kind ("own", "untrusted",
 * "expired"), made when they are first wanted. 0 or E_*. The caller frees both. */
int trial_certificate(struct trial *t, const struct client *c, const char *kind,
                      char **cert_file, char **key_file, struct err *e);
void trial_client_free(struct client *c);

/* ---- the observer (observer.c) ---- */
struct observed {
    bool answered;
    int status;         /* HTTP status; 200 for a command */
    const json_t *body; /* NULL when it is no JSON */
    const char *detail; /* when not answered */
};
typedef void observed_cb(void *arg, const struct observed *o);
/* operation: "waarnemingen", "leerlingen", "eigen-aanmeldingen", "ophalen". Takes body.
 */
void observer_ask(struct lane *l, struct reader *r, const char *operation, json_t *body,
                  uint64_t timeout_ns, observed_cb *cb, void *arg);
/* The main reader can be observed at all. */
bool observer_present(const struct trial *t, const struct reader *r);

/* ---- setting up (setup.c, persons.c, provisioning.c) ---- */
/* Parties, persons and applications from "given". */
void setup_parties(struct trial *t);
void setup_clients(struct trial *t); /* clients.c */
void setup_done(struct trial *t);
json_t *provisioning_make(const struct tables *t, uint64_t seed, when_t now);
json_t *provisioning_client(const json_t *provisioning, const char *id); /* borrowed */
/* Reads and checks one for a system that keeps running. */
int provisioning_load(const char *path, json_t **out, struct err *e);
/* Only the persons, schools and aanmeldingen (persons.c). */
void setup_persons(struct trial *t);
/* Draws all persons of a scenario in a fixed order, by the name `as`, and adds them to
 * the digest. */
void setup_plan_persons(struct population *p, const struct tables *t,
                        const struct scenario *s, const char *as, struct digest *d);
/* Starts what we play, then calls next(l) on the root lane. */
/* strict.c: the authority of this trial, whose certificate is t->ca_file from then on. */
int setup_authority(struct trial *t, struct err *e);
/* Strict level: authority, and the certificate of the koppelpunt that we start. */
int setup_strict(struct trial *t, struct sut_config *sc, struct err *e);
void setup_host_koppelpunt(struct trial *t, struct err *e);
struct reader *setup_reader(struct trial *t, const char *name, struct err *e);
/* From now on it shows another certificate (a kind of wire/pki.h), on the same port. */
int setup_certificate(struct trial *t, const char *kind, struct err *e);
/* The koppelpunt that we play, again from what it kept. */
int setup_koppelpunt_again(struct trial *t, struct err *e);

/* Many aanmeldingen ("given": crowd), then next(t). Into a koppelpunt under test by its
 * sources; into the one that we play without the wire. */
void crowd_begin(struct trial *t, void (*next)(struct trial *t));

/* ---- notifications (receiver.c) ---- */
/* The factor on the contract's gaps between attempts (25 s, 100 s, ...) in a trial. */
#define NOTIFICATION_SCALE 0.01
void receivers_free(struct trial *t);
/* The koppelpunt that we play has none where the scenario is not about them, so that what
 * an overstapsysteem does by itself can be seen. */
bool trial_has_notifications(const struct trial *t);

/* ---- verbs ---- */
enum key_type {
    KEY_TEXT,
    KEY_BOOL,
    KEY_COUNT,    /* an integer >= 0 */
    KEY_STATUS,   /* a status name or null */
    KEY_REPORTS,  /* status, or list of statuses or {"status",...} */
    KEY_TIME,     /* RFC 3339, or "+1s"/"-1h" relative to now */
    KEY_DURATION, /* "5s", "3 intervals" */
    KEY_APPLICATION,
    KEY_PUPIL,
    KEY_APPLICATIONS, /* a list of them */
    KEY_PUPILS,
    KEY_SCHOOL, /* a school code, or a pupil's name (its school) */
    KEY_SEES,   /* {application: status|null} */
    KEY_ANSWER, /* word or list of words */
    KEY_WORD,   /* one of `words` */
    KEY_STEPS,
    KEY_OBJECT,
    KEY_IDS, /* requirement ids */
    KEY_OP,
    KEY_FAULT,
    KEY_ANY
};
struct verb_key {
    const char *name;
    enum key_type type;
    bool required;
    const char *const *words;
};
struct verb {
    const char *actor; /* first key of the step */
    const char *verb;  /* the key, or value of the first key, that tells verbs apart */
    bool by_value; /* the first key's value is the verb ("overstapsysteem":"fetches") */
    enum key_type subject; /* what the first key's value is, when not by_value */
    void (*begin)(struct lane *l, const json_t *step);
    const char *doc;
    const struct verb_key *keys; /* ends with name NULL */
};
/* All verbs; ends with actor NULL. */
extern const struct verb *const verb_tables[];
/* Checks a "fault"; *pointer gets the place within it. */
int fault_check(const json_t *fault, char *pointer, size_t n, struct err *e);
/* The verb of a step, or NULL with *e set (pointer relative to the step). */
const struct verb *verb_find(const json_t *step, struct err *e);

/* A source reports by this step, of this aanmelding: "SIS" or "CAMBO". */
void source_reports(struct lane *l, const json_t *step, const char *source,
                    struct application *a);
/* The keys of a "reports" step. */
extern const struct verb_key source_report_keys[];

extern const struct verb source_verbs[], digid_verbs[], raw_verbs[], reader_verbs[],
    client_verbs[], control_verbs[], school_verbs[], preflight_verbs[], parent_verbs[],
    load_verbs[], notify_verbs[];

/* Distortions of a melding (distort.c): a named way in which it is wrong. */
struct distortion {
    const char *name;
    const char *pointer; /* canonical, within the melding; "" when any place will do */
    const char *answer;  /* "invalid" or "forbidden" */
    const char *requirement;
    void (*apply)(struct trial *t, struct application *a, json_t *melding);
    const char *doc;
};
const struct distortion *distortion_find(const char *name);
extern const struct distortion distortions[];

/* A full reading of the feed for the judge; then next(). */
void audit_begin(struct trial *t, void (*next)(struct trial *t));

/* Journal helpers. */
void trial_event(struct trial *t, const char *kind, json_t *event);
/* The applicant is under 18 when what is reported now began (D7). */
bool trial_minor(const struct application *app);
/* What a source has now, for the judge; its begin is kept with the application. */
void trial_truth(struct trial *t, struct application *app, const char *source,
                 bool silent);
/* An instelling or opleiding of an entry has another name than in the provisioning
 * (CONTRACT.md 6): a sentence for the caller to free, or NULL. */
char *trial_names_wrong(const struct trial *t, const json_t *entry);
/* The aanmeldId is made of this number: a sentence for the caller to free, or NULL. */
char *trial_id_tells(const char *id, const char *number); /* personal.c */
char *step_sentence(const json_t *step); /* "sis a reports ENROLLED"; caller frees */

#endif
