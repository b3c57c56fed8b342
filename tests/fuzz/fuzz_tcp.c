/* Counting the responses to a raw request. */
#include "tests/fuzz/fuzz.h"

#include "harness/wire/tcp_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int status = -1;
    char *exact = xmalloc(size); /* not terminated: reading on is an error that shows */
    memcpy(exact, data, size);
    int n = tcp_count_responses(exact, size, &status);
    must(n >= 0 && (size_t)n <= size / 12);
    must(n == 0 || (status >= 100 && status <= 999));
    free(exact);
    return 0;
}
