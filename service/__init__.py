"""Everything with a socket, a clock or a disk: HTTP, jobs, storage, command line."""
