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

/* A request with its answer, side by side, and as a curl line. */
void finding_exchange(struct page *p, const struct finding_view *v,
                      const json_t *exchange);
/* What is to be filled in in those lines: once for a page. */
void curl_words(struct page *p);

/* The command that does a scenario of this run again, in its folder. */
void replay_add(struct buf *out, const char *scenario);
/* The exchange as lines for a shell: what is to be filled in stands first, in variables,
 * with made up numbers for the masked ones, and the token is fetched. False when its body
 * isn't whole in the journal. `token_target`: the request target of the token
 * endpoint, for an exchange that doesn't name it, or NULL. */
bool curl_add(struct buf *out, const json_t *exchange, const char *token_target);

#endif
