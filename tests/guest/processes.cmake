# Plain guests whose subject is not there yet.  They are compiled, and their
# tests are added when the group is switched on (-DADIEMU_GUESTS_FORK=ON).
# When a subject is complete, delete its group: its guests are then run as
# all others are.

option(ADIEMU_GUESTS_FORK "test the guests that need fork and wait" OFF)
option(ADIEMU_GUESTS_SHARED_FILES
    "test the guests that write to a file through MAP_SHARED" OFF)
option(ADIEMU_GUESTS_SOCKETS "test the guests that need sockets" OFF)

set(fork_guests
    exit_child
    file_locks
    fork_cow
    fork_eintr
    fork_offset
    fork_pipes
    fork_shared
    fork_shm
    fork_signals
    fork_tree
    kill_pair
    orphans
    pipe_bulk
    poll_children
    process_groups
    producer_consumer
    sigchld
    sigpipe
    wait_options
    wait_status
    zombies)

# mmap_shared_file is one process, fork_mmap_file needs both.
set(shared_file_guests
    fork_mmap_file
    mmap_shared_file)

set(socket_guests
    socketpair_child)

set(guests_not_tested)
if(NOT ADIEMU_GUESTS_FORK)
    list(APPEND guests_not_tested ${fork_guests} fork_mmap_file
        socketpair_child)
endif()
if(NOT ADIEMU_GUESTS_SHARED_FILES)
    list(APPEND guests_not_tested ${shared_file_guests})
endif()
if(NOT ADIEMU_GUESTS_SOCKETS)
    list(APPEND guests_not_tested ${socket_guests})
endif()
