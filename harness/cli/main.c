/* The binary. */
#include <string.h>

#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/wire/process.h"

int main(int argc, char **argv)
{
    mem_install();
    /* Hidden: what we start is started through ourselves (wire/process.h). */
    if (argc > 1 && !strcmp(argv[1], "__exec"))
        return process_exec_main(argc, argv);
    return cli_main(argc, argv);
}
