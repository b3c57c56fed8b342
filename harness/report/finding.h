/*
 * One finding for a reader: the sentence, who is to blame, the rule, expected and seen
 * side by side, the exchange, and how to do it again.
 */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include "harness/report/page.h"
#include "harness/report/tape.h"

/* The most bytes of each body; 0: no exchange at all. `heading`: 3 or 4. */
struct finding_view {
    const json_t *result;
    const struct tape *tape;
    size_t body_max;
    int heading;
    bool link; /* to the page of the scenario */
};
void finding_article(struct page *p, const struct finding_view *v,
                     const json_t *requirement, const json_t *finding);
/* A requirement that isn't met and has no finding of its own (nothing was seen). */
void finding_none(struct page *p, const struct finding_view *v,
                  const json_t *requirement);

/* The command that runs a scenario again. */
void replay_add(struct buf *out, const json_t *result, const char *scenario);
/* The exchange as lines for a shell: with new numbers for the masked ones, a token to be
 * fetched first. False when its body isn't whole in the journal. */
bool curl_add(struct buf *out, const json_t *exchange);

#endif
