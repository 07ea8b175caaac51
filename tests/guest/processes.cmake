# Guests whose subject is not there yet.  They are compiled, and their
# tests are added when the group is switched on (-DADIEMU_GUESTS_FORK=ON).
# When a subject is complete, delete its group: its guests are then run as
# all others are.  native_guests stays.

option(ADIEMU_GUESTS_FORK "test the guests that need fork and wait" OFF)
option(ADIEMU_GUESTS_SOCKETS "test the guests that need sockets" OFF)

set(fork_guests
    brk_fork
    children_20
    children_200
    exec_self
    exec_state
    exit_child
    file_locks
    fork_cow
    fork_eintr
    fork_mmap_file
    fork_offset
    fork_pipes
    fork_server
    fork_shared
    fork_shm
    fork_signals
    fork_tree
    kill_pair
    malloc_fork
    mini_shell
    mremap_fork
    munmap_fork
    orphans
    pipe_bulk
    pipe_order
    poll_children
    process_groups
    producer_consumer
    recursion_fork
    rusage_children
    setjmp_fork
    sigaltstack_child
    sigchld
    sigpipe
    sigwait_child
    spawn_self
    timers_child
    truncate_sigbus
    vfork_exec
    wait_options
    wait_status
    zombies)

# adi/: the same group.
set(fork_adi_guests
    b10_clobber
    b2_fork
    exec_mcde
    exit_swapped
    fork_tags
    shared_fork)

set(socket_guests
    socketpair_child)

# Compared with the same program on this machine: user-mode QEMU leaves exec
# and vfork to the host, and attaches shared memory where it does not fit.
set(native_guests
    exec_self
    exec_state
    shm_attach
    spawn_self
    vfork_exec)

# shm_attach: its native run does not give the same output each time.
set(guests_not_tested shm_attach)
if(NOT ADIEMU_GUESTS_FORK)
    list(APPEND guests_not_tested ${fork_guests} ${fork_adi_guests}
        socketpair_child)
endif()
if(NOT ADIEMU_GUESTS_SOCKETS)
    list(APPEND guests_not_tested ${socket_guests})
endif()
