/* The binary. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/wire/process.h"

/* Whoever closed one of the three would find our journal where his terminal was: the next
 * file that is opened gets its number. */
static void fill_standard_files(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    fill_standard_files();
    mem_install();
    /* Hidden: what we start is started through ourselves (wire/process.h). */
    if (argc > 1 && !strcmp(argv[1], "__exec"))
        return process_exec_main(argc, argv);
    return cli_main(argc, argv);
}
