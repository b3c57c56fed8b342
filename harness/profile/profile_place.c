/*
 * Where fixtures and scenarios live: said by the environment, beside the binary (in a
 * build folder or installed), or in the source tree it was built in.
 */
#include "harness/profile/profile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mem.h"

#ifndef SOURCE_DIR
#define SOURCE_DIR "."
#endif

/* Puts the first that exists into out, else the last candidate. */
static const char *place(const char *variable, const char *folder, char out[PATH_MAX])
{
    static const char *const beside[] = {"../", "../share/koppelproef/"};
    char exe[PATH_MAX / 2];
    const char *told = getenv(variable);
    if (told && *told) {
        (void)snprintf(out, PATH_MAX, "%s", told);
        return out;
    }
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(exe, '/');
    for (size_t i = 0; slash && i < ARRAY_LEN(beside); i++) {
        (void)snprintf(out, PATH_MAX, "%.*s/%s%s", (int)(slash - exe), exe, beside[i],
                       folder);
        if (access(out, R_OK | X_OK) == 0)
            return out;
    }
    (void)snprintf(out, PATH_MAX, "%s/%s", SOURCE_DIR, folder);
    return out;
}

const char *profile_dir(void)
{
    static char dir[PATH_MAX];
    return place("KOPPELPROEF_FIXTURES", "fixtures", dir);
}

const char *profile_scenarios_dir(void)
{
    static char dir[PATH_MAX];
    return place("KOPPELPROEF_SCENARIOS", "scenarios", dir);
}
