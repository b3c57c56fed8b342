/* The pages of the HTML report. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "harness/report/page.h"
#include "harness/report/tape.h"

/* What a page is made from. */
struct html {
    const json_t *result, *known;
    const struct tape *tape;
    const char *dir; /* where the pages go */
};

/* The first page: the outcome, what blocks, the pictures, requirements, findings. */
void html_front(struct page *p, const struct html *h);
/* Its first screen. */
void html_outcome(struct page *p, const struct html *h);
/* Waivers and baseline; nothing when there are none. */
void html_exceptions(struct page *p, const struct html *h);
bool html_has_exceptions(const struct html *h);
/* What was measured; nothing when nothing was. */
void html_reliability(struct page *p, const struct html *h);
bool html_has_reliability(const struct html *h);
/* Does a requirement keep the system from being conform? */
bool html_in_the_way(const json_t *requirement);
/* The first requirement that is in the way, when one reason is behind all that are. */
const json_t *html_one_cause(const struct html *h);
/* The page of a scenario of the result: findings and the conversation. */
void html_scenario(struct page *p, const struct html *h, const json_t *scenario,
                   const struct scene *s);

#endif
