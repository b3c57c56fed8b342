/* What process.c and the hidden sub-command that it starts (process_exec.c) agree on. */
#ifndef WIRE_PROCESS_EXEC_H
#define WIRE_PROCESS_EXEC_H

/* Tells the child who its parent is; not passed on to the program. */
#define PROCESS_PARENT_ENV "KOPPELPROEF_PARENT"
/* The descriptor of the child's end of the leash; not passed on either. */
#define PROCESS_LEASH_FD 3

#endif
