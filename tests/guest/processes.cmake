# SPDX-License-Identifier: GPL-2.0-or-later
# Plain guests that are not tested in the ordinary way.

# Compared with the same program on this machine: user-mode QEMU leaves exec
# and vfork to the host, attaches shared memory where it does not fit,
# refuses to share descriptors without memory, and knows one version of capget.
set(native_guests
    async_io
    clock_errors
    cpu_time
    descriptor_kinds
    eventfd_epoll
    exec_script
    exec_self
    exec_stack
    exec_state
    file_handles
    file_owner
    fresh_arguments
    fresh_buffers
    fresh_results
    fresh_sockets
    futex_pi
    futex_requeue_pi
    futex_shared
    ids_set
    inet_sockets
    lock_ranges
    map_access
    mqueues
    nofile_limit
    old_calls
    openat2
    pass_descriptors
    patched_code
    paths
    personality
    pidfd
    pipe_fault
    posix_timers
    priorities
    proc_mem
    process_control
    process_vm
    ptrace_events
    ptrace_stops
    ptrace_threads
    random_device
    recv_bad_pages
    rlimits
    rw_flags
    shared_files
    shm_attach
    signal_frames
    signalfd_read
    socket_options
    socket_threads
    socket_waits
    spawn_self
    splice_tee
    sysv_msg
    sysv_sem
    sysv_shm
    terminal
    threads
    threads_exit
    threads_parts
    threads_signals
    timerfd_ticks
    unix_messages
    unix_stream
    vfork_exec
    wait_shared_args
    xattrs)

# shm_attach: its native run does not give the same output each time.
# long_calls: tests/e2e/test_signals.py has it.
set(guests_not_tested shm_attach long_calls)

# mremap_fork: moves shared memory to where there is room, which must be of the
# same colour (SHMLBA) and is not where the libraries are in the way.
set(guests_only_static mremap_fork)
