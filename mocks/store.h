/*
 * The aanmeldingen of a koppelpunt: what follows from all meldingen and standen taken in,
 * in memory, compact (some 150 bytes for each aanmelding and its meldingId). Knows no
 * wire, no client and no file; the same calls in the same order give the same store with
 * the same volgnummers, which is how a restart rebuilds it.
 *
 * The current status of an aanmelding is the melding with the latest begindatum; at equal
 * times the highest rank, then the last arrival (KP-ORD-01, -02). A repeat of that status
 * changes nothing that is served, but does count for the order of what comes later.
 */
#ifndef MOCKS_STORE_H
#define MOCKS_STORE_H

#include "harness/base/domain.h"
#include "harness/base/when.h"
#include "mocks/siphash.h"

/* One statusmelding, or one entry of a stand (then without id and content). */
struct melding {
    uint8_t id[16], content[16]; /* content: a digest of all its values */
    uint8_t ca[16];              /* caketenid */
    when_t begin;
    uint32_t keten;  /* the number in the ketenid; its BRIN is the instelling's */
    uint32_t person; /* the nine digits as a number */
    uint16_t instelling, opleiding; /* indexes in the caller's tables */
    bool has_ca, is_bsn;
    enum status status;
};

struct store;
/* `shuffle`: not 0: overtaken statuses and repeats are told too, and the changes of one
 * read come in an order drawn by it. */
struct store *store_new(const struct sip_key *key, uint64_t shuffle);
void store_free(struct store *s);
/* Has a defect (enum kp_mutant) from now on; `start` tells one life of the process from
 * another, 0 is the first. */
void store_mutate(struct store *s, int mutant, when_t start);
/* For a mutant: everything served gets a new volgnummer. */
void store_renumber(struct store *s);

/* ---- taking in ---- */
enum known { MELDING_NEW, MELDING_SAME, MELDING_OTHER };
/* Was a melding of this id taken in before, and with the same content? */
enum known store_known(const struct store *s, const struct melding *m);
/* Takes in one melding whose id is new. */
void store_melding(struct store *s, const struct melding *m);

struct stand_counts {
    size_t gewijzigd, vervallen, gelijk;
};
/* Takes a full picture of one instelling in. No ketenid twice. */
void store_stand(struct store *s, uint16_t instelling, when_t peildatum,
                 const struct melding *v, size_t n, struct stand_counts *out);
/* True while there are volgnummers and rows left for that many meldingen. */
bool store_room(const struct store *s, size_t meldingen);

/* ---- serving ---- */
struct store_entry {
    uint32_t volgnummer;
    uint32_t aanmelding; /* for store_aanmeld_id */
    bool vervallen;      /* then nothing below is set, but by a mutant */
    uint32_t bsn;
    enum status status;
    when_t status_begin;
    uint16_t instelling, opleiding;
};
struct store_reader {
    uint32_t position; /* served up to here */
    uint32_t snapshot; /* in a run of the full state: the last volgnummer when it began */
};
/* The next entries, at most max, moving the reader on; *meer tells whether there are more
 * now. Lapses up to the snapshot are left out: the full state holds none. */
size_t store_read(struct store *s, struct store_reader *at, size_t max,
                  struct store_entry *out, bool *meer);
/* The current deliverable entries of a person. `seen` may not change the store. */
typedef void store_entry_cb(void *arg, const struct store_entry *e);
void store_search(const struct store *s, uint32_t bsn, store_entry_cb *seen, void *arg);
/* Opaque, the same for ever, made from nothing but the key and the order of arrival. */
void store_aanmeld_id(const struct store *s, uint32_t aanmelding, char out[37]);
uint32_t store_last(const struct store *s); /* volgnummer; 0: none yet */

/* With shuffle: changes since the last read that wait for their order, and giving it. */
bool store_undealt(const struct store *s);
void store_deal(struct store *s);

size_t store_count(const struct store *s); /* aanmeldingen known, lapsed ones too */
size_t store_bytes(const struct store *s);

#endif
