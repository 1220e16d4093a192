# The first process of every sandbox. It starts one program under limits, forwards its output, kills its whole process tree
# and reports how it ended.
#
# Written in Perl, because Perl starts in 2 ms, is an essential package of Debian, and can make the system calls that a shell
# cannot: a raw wait status distinguishes exit code 139 from SIGSEGV, getrusage sums the process tree, and RLIMIT_NPROC
# counts per sandbox only if it is set inside the user namespace. `strict` and `warnings` would double the start-up time; a
# test compiles the file with both.
#
#   perl supervisor.pl ARCH MODE NICE FILTER [SCRATCH INPUT WRITABLE... -- SHOWN...]
#     ARCH      x64 or arm64, selects the numbers of the system calls
#     MODE      namespace (the supervisor is process 1 of its own pid namespace) or tree (it shares the host's)
#     NICE      nice value of the program
#     FILTER    a file with a seccomp(2) program in hexadecimal, or an empty string
#     SCRATCH   tmpfs(5) options for the one file system of all directories WRITABLE
#     INPUT     tmpfs(5) options for the file system of the program's standard input
#     WRITABLE  directories that the program may write to
#     SHOWN     subdirectories of WRITABLE that keep their content
#
#   fd 0  control messages: a type of one letter, a length of 4 bytes in network order, a payload of fields that each end
#         with a zero byte
#           a     join cgroups; nothing is started before. Two counts: of the descriptors from 5 on for this process, and of
#                 the ones after them for the program alone
#           p     preload an interpreter, which then stops in its preload hook. Fields: limits, directory, number of
#                 variables, NAME=value..., command...
#           g     run the program. Fields: the same, or, with a preloaded interpreter: limits, message for the preload hook
#         The end of the stream stops everything.
#   fd 1  frames: a type of one letter, a length of 4 bytes in network order, a payload
#           s     the sandbox is ready for a program
#           w     the interpreter has reached its preload hook
#           b     the program has started
#           o, e  output of the program on stdout, stderr
#           r     result: wait status, wall time in us, CPU time in us, largest resident size in KiB
#           x     the program could not be started; the reason
#   fd 3  the program's standard input, read when the program starts
#
# A preload hook has two more descriptors: it writes one byte to 4, reads a line from 3 (the message), writes another byte to
# 4 and closes both.
#
# The process title shows the state: `sandbox idle`, `sandbox busy`, `sandbox over`.
$0 = 'sandbox idle';
my ($arch, $mode, $nice, $filter, $scratch, $input, @paths) = @ARGV;
my %call =
  $arch eq 'arm64'
  ? (prlimit64 => 261, getrusage => 165, prctl => 167, setsid => 157, clock_gettime => 113, pidfd_open => 434, keyctl => 219,
     dup3 => 24, unshare => 97, mount => 40, umount2 => 39, capset => 91, exit_group => 94)
  : (prlimit64 => 302, getrusage => 98, prctl => 157, setsid => 112, clock_gettime => 228, pidfd_open => 434, keyctl => 250,
     dup3 => 292, unshare => 272, mount => 165, umount2 => 166, capset => 126, exit_group => 231);
my ($PR_SET_DUMPABLE, $PR_SET_SECCOMP, $PR_CAPBSET_DROP, $PR_SET_CHILD_SUBREAPER) = (4, 22, 24, 36);
my ($CAP_SETPCAP, $CAP_SYS_ADMIN, $CAPABILITY_VERSION_3) = (8, 21, 0x20080522);
my ($CLONE_NEWNS, $MS_RDONLY, $MS_NOSUID, $MS_NODEV, $MS_NOEXEC, $MS_REMOUNT, $MS_BIND) = (0x20000, 1, 2, 4, 8, 32, 4096);
my $MNT_DETACH = 2;
my $SECCOMP_MODE_FILTER = 2;
my ($RLIMIT_NPROC, $RUSAGE_CHILDREN, $CLOCK_MONOTONIC, $WNOHANG, $SIGKILL, $EINTR) = (6, -1, 1, 1, 9, 4);
# Files that describe the host: its boot options, devices and other users. No runtime reads them. Files that only root of the
# host can read are not listed.
my @HIDDEN_PROC_FILES = qw(
  cmdline config.gz diskstats interrupts key-users keys locks modules softirqs swaps
);
my $KEYCTL_JOIN_SESSION_KEYRING = 1;
my $MESSAGE_PRELOAD = 'p';
my ($FRAME_READY, $FRAME_PRELOADED, $FRAME_STARTED, $FRAME_RESULT, $FRAME_FAILURE) = qw(s w b r x);
my $READ_BYTES = 65536;
my $DRAIN_SECONDS = 1;
my ($FIRST_GROUP, $SPARE_FD, $O_CLOEXEC) = (5, 60, 0x80000);

sub clock_us {
    my ($clock) = @_;
    my $time = "\0" x 16;
    return 0 if syscall($call{clock_gettime}, $clock, $time) != 0;
    my ($seconds, $nanoseconds) = unpack 'q2', $time;
    return $seconds * 1_000_000 + int($nanoseconds / 1000);
}

sub write_all {
    my ($to, $bytes) = @_;
    my $done = 0;
    while ($done < length $bytes) {
        my $written = syswrite $to, $bytes, length($bytes) - $done, $done;
        return 0 if !defined $written && $! != $EINTR;
        $done += $written // 0;
    }
    return 1;
}

sub read_exactly {
    my ($from, $length) = @_;
    my $bytes = '';
    while (length $bytes < $length) {
        my $read = sysread $from, $bytes, $length - length $bytes, length $bytes;
        return if defined $read ? $read == 0 : $! != $EINTR;
    }
    return $bytes;
}

sub send_frame {
    my ($type, $payload) = @_;
    write_all(\*STDOUT, pack('aN', $type, length $payload) . $payload) or exit_now(1);    # the engine does not read any more
}

sub exit_now {
    my ($code) = @_;
    syscall($call{exit_group}, $code);
}

sub fail {
    my ($reason) = @_;
    send_frame($FRAME_FAILURE, $reason);
    exit_now(1);
}

# Returns the type and the fields of a message; nothing at the end of the stream.
sub read_message {
    my ($from) = @_;
    my ($type, $length) = unpack 'aN', read_exactly($from, 5) // return;
    my @fields = split /\0/, read_exactly($from, $length) // return, -1;
    pop @fields;
    return ($type, @fields);
}

sub mount_at {
    my ($source, $target, $type, $flags, $options) = @_;
    syscall($call{mount}, $source, $target, $type, $flags, $options) == 0 or fail("mount $target: $!");
}

my ($input_read, $input_write);

# The program's user could reopen the original file of the standard input for writing through /proc/self/fd. So the program
# gets a copy, on a detached file system that has space for nothing else.
sub mount_input {
    my ($at) = @_;
    mount_at('tmpfs', $at, 'tmpfs', $MS_NOSUID | $MS_NODEV | $MS_NOEXEC, $input);
    open $input_write, '>', "$at/stdin" or fail("stdin: $!");
    open $input_read,  '<', "$at/stdin" or fail("stdin: $!");
    unlink "$at/stdin";
    syscall($call{umount2}, $at, $MNT_DETACH) == 0 or fail("umount $at: $!");
}

sub copy_input {
    return if !$input_write;
    open my $from, '<&3' or fail("input: $!");
    while (my $read = sysread $from, my $bytes, $READ_BYTES) { write_all($input_write, $bytes) or fail("input: $!") }
    close $input_write;
}

# Mounts one file system for all writable directories, so that a limit on bytes and files holds for all of them together.
# bubblewrap cannot do this. It is the last step that needs capabilities, which are dropped here.
sub mount_writable_directories {
    my @writable;
    while (@paths && (my $path = shift @paths) ne '--') { push @writable, $path }
    syscall($call{unshare}, $CLONE_NEWNS) == 0 or fail("unshare: $!");
    my %shown;
    for my $path (@paths) { opendir $shown{$path}, $path or fail("$path: $!") }
    my ($first) = @writable;
    mount_input($first);
    mount_at('tmpfs', $first, 'tmpfs', $MS_NOSUID | $MS_NODEV, $scratch);
    mkdir "$first/$_" for 0 .. $#writable;
    mount_at("$first/$_", $writable[$_], '', $MS_BIND, '') for reverse 0 .. $#writable;
    for my $path (@paths) {
        my $parent = '';
        for my $name (grep { $_ ne '' } split '/', $path) { mkdir $parent .= "/$name" }
        mount_at('/proc/self/fd/' . fileno $shown{$path}, $path, '', $MS_BIND, '');
    }
    mount_at('/proc/sys', '/proc/sys', '', $MS_BIND, '');
    my $read_only = $MS_REMOUNT | $MS_BIND | $MS_RDONLY | $MS_NOSUID | $MS_NODEV | $MS_NOEXEC;
    mount_at('', '/proc/sys', '', $read_only, '');
    for my $name (@HIDDEN_PROC_FILES) {
        mount_at('/dev/null', "/proc/$name", '', $MS_BIND, '') if -e "/proc/$name";
    }
    for my $capability ($CAP_SYS_ADMIN, $CAP_SETPCAP) {
        syscall($call{prctl}, $PR_CAPBSET_DROP, $capability, 0, 0, 0) == 0 or fail("capbset_drop: $!");
    }
    my ($header, $none) = (pack('Ll', $CAPABILITY_VERSION_3, 0), "\0" x 24);
    syscall($call{capset}, $header, $none) == 0 or fail("capset: $!");
}

# Lists the numeric entries of a directory. glob would load a module, which takes as long as the rest of this file.
sub numeric_entries {
    my ($path) = @_;
    opendir my $directory, $path or return;
    return grep { /^\d+$/ } readdir $directory;
}

# Counts the existing tasks of this user: outside a user namespace RLIMIT_NPROC includes them.
sub count_user_tasks {
    my $tasks = 0;
    for my $pid (numeric_entries('/proc')) {
        open my $file, '<', "/proc/$pid/status" or next;
        my $text = join '', <$file>;
        $tasks += $1 if $text =~ /^Uid:\t$<\t/m && $text =~ /^Threads:\t(\d+)/m;
    }
    return $tasks;
}

sub descendants {
    my @found;
    my @todo = ($$);
    while (defined(my $pid = shift @todo)) {
        for my $task (numeric_entries("/proc/$pid/task")) {
            open my $file, '<', "/proc/$pid/task/$task/children" or next;
            my @pids = split ' ', <$file> // '';
            push @found, @pids;
            push @todo, @pids;
        }
    }
    return @found;
}

# The engine may pass on descriptors that it has inherited itself. A program gets its three standard descriptors only.
sub close_fds_except {
    my %kept = map { $_ => 1 } @_;
    for my $fd (grep { $_ > 2 && !$kept{$_} } numeric_entries('/proc/self/fd')) {
        open my $file, '<&=', $fd or next;
        close $file;
    }
}

# When memory is short, the kernel should kill the program and not the supervisor, which has to report it.
sub prefer_for_oom_killer {
    syscall($call{prctl}, $PR_SET_DUMPABLE, 1, 0, 0, 0);    # otherwise the file belongs to root
    open my $file, '>', '/proc/self/oom_score_adj' or return;
    syswrite $file, '1000';
}

# Sets the resource limits of a process, 0 for this one. Returns an error message, or an empty string.
sub set_limits {
    my ($pid, $limits) = @_;
    my $others = $mode eq 'tree' ? count_user_tasks() : 0;
    for my $limit (split /,/, $limits) {
        my ($resource, $value) = split /=/, $limit;
        $value += $others if $resource == $RLIMIT_NPROC;
        my $new = pack 'Q2', $value, $value;
        syscall($call{prlimit64}, $pid, $resource + 0, $new, 0) == 0 or return "limit $resource: $!";
    }
    return '';
}

# Read before the program's process is created, because a failure is harder to report after that.
my $instructions = '';

sub read_filter {
    return if $filter eq '';
    open my $file, '<', $filter or fail("$filter: $!");
    $instructions = pack 'H*', <$file>;
}

# Each process joins its cgroups itself. Moving another process, or all threads of one, waits for a grace period of the
# kernel, which takes 15 ms and blocks the creation of other cgroups meanwhile. Returns an error message, or an empty string.
sub join_groups {
    my ($first, $count) = @_;
    for my $fd ($first .. $first + $count - 1) {
        open my $group, '>&=', $fd or return "cgroup: $!";
        defined syswrite $group, '0' or return "cgroup: $!";
        close $group;
    }
    return '';
}

# Runs in the program's process. It is forked early, because forking takes time, and then reads the message with the command.
sub run_program_process {
    my ($command, $out, $err, $failure, $hook_message, $hook_status, @groups) = @_;
    my $abort = sub { syswrite $failure, $_[0]; kill $SIGKILL, $$ };
    my $group_error = join_groups(@groups);
    $abort->($group_error) if $group_error ne '';
    syscall($call{setsid});    # a signal to its own group must not reach the supervisor
    syscall($call{keyctl}, $KEYCTL_JOIN_SESSION_KEYRING, 0);    # the engine's keyring would outlive the run
    prefer_for_oom_killer();
    $SIG{PIPE} = 'DEFAULT';
    open STDIN, '<&', $input_read // 3 or die;
    open STDOUT, '>&', $out or die;
    open STDERR, '>&', $err or die;
    setpriority 0, 0, $nice;
    my ($type, $limits, $directory, $variables, @rest) = read_message($command);
    exit_now(0) if !defined $type;
    %ENV = map { split /=/, $_, 2 } splice @rest, 0, $variables;
    chdir $directory or $abort->("$directory: $!");
    my @kept = (fileno $failure);
    if ($type eq $MESSAGE_PRELOAD) {
        # Moved to high numbers first, because any of them may be 3 or 4.
        my $at = $SPARE_FD;
        syscall($call{dup3}, fileno $_, $at++, $O_CLOEXEC) for $failure, $hook_message, $hook_status;
        open $failure, '>&=', $SPARE_FD or die;
        syscall($call{dup3}, $SPARE_FD + $_, 2 + $_, 0) for 1, 2;
        @kept = ($SPARE_FD, 3, 4);
    }
    close_fds_except(@kept);
    my $error = set_limits(0, $limits);
    $abort->($error) if $error ne '';
    if ($instructions ne '') {
        my $program = pack 'S x![P] P', length($instructions) / 8, $instructions;
        syscall($call{prctl}, $PR_SET_SECCOMP, $SECCOMP_MODE_FILTER, $program, 0, 0) == 0
          or $abort->("seccomp: $!");
    }
    exec { $rest[0] } @rest
      or $abort->("$rest[0]: $!");
}

$SIG{PIPE} = 'IGNORE';
read_filter();
mount_writable_directories() if @paths;
# Not dumpable: otherwise the program, which has the same user, could trace this process or write frames through /proc/1/fd.
syscall($call{prctl}, $PR_SET_DUMPABLE, 0, 0, 0, 0);
syscall($call{prctl}, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);    # orphans become children of this process

my ($type, $own_groups, $program_groups) = read_message(\*STDIN);
exit_now(0) if !defined $type;
my $group_error = join_groups($FIRST_GROUP, $own_groups);
fail($group_error) if $group_error ne '';
pipe(my $command_read, my $command_write) or die;
pipe(my $out_read, my $out_write) or die;
pipe(my $err_read, my $err_write) or die;
pipe(my $failure_read, my $failure_write) or die;
pipe(my $hook_message_read, my $hook_message_write) or die;
pipe(my $hook_status_read, my $hook_status_write) or die;
my $program = fork;
fail("fork: $!") if !defined $program;
if ($program == 0) {
    close $_ for $command_write, $out_read, $err_read, $failure_read, $hook_message_write, $hook_status_read;
    my @groups = ($FIRST_GROUP + $own_groups, $program_groups);
    my @pipes = ($command_read, $out_write, $err_write, $failure_write, $hook_message_read, $hook_status_write);
    run_program_process(@pipes, @groups);
}
close $_ for $command_read, $out_write, $err_write, $failure_write, $hook_message_read, $hook_status_write;
for my $fd ($FIRST_GROUP + $own_groups .. $FIRST_GROUP + $own_groups + $program_groups - 1) {
    open my $group, '>&=', $fd;
    close $group;
}
my $pidfd = syscall($call{pidfd_open}, $program, 0);
fail("pidfd_open: $!") if $pidfd < 0;
send_frame($FRAME_READY, '');

# CPU time of the program's process while it is in its preload hook; it has no children yet.
sub preload_cpu_us { return clock_us((~$program << 3) | 2) }

my ($started, $status);
my ($preload_cpu, $wall) = (0, 0);
my ($is_preloaded, $has_started, $hook_bytes) = (0, 0, 0);

sub record_exit {
    my ($pid) = @_;
    return if $pid != $program;
    $status = $?;
    $wall = clock_us($CLOCK_MONOTONIC) - $started if defined $started;
}

# Reaps the children that have exited. Returns false when there are no children at all.
sub reap_children {
    my $pid;
    while (($pid = waitpid -1, $WNOHANG) > 0) { record_exit($pid) }
    return $pid == 0;
}

# Kills and reaps all processes of the program. As process 1, one kill reaches all of them at once, so none can escape by
# forking. Otherwise each round kills the existing processes, and their orphans become children of this process.
sub kill_tree {
    if ($mode eq 'namespace') {
        kill $SIGKILL, -1;
        while ((my $pid = waitpid -1, 0) > 0) { record_exit($pid) }
        return;
    }
    while (1) {
        kill $SIGKILL, $_ for descendants();
        return if !reap_children();
        select undef, undef, undef, 0.002;
    }
}

# Sends the command to the program's process. Returns when it is executed.
sub start_program {
    my ($type, @fields) = @_;
    my $payload = join '', map { "$_\0" } @fields;
    write_all($command_write, pack('aN', $type, length $payload) . $payload);
    close $command_write;
    my $failure = join '', <$failure_read>;    # the stream ends when exec succeeds
    fail($failure) if $failure ne '';
}

# Descriptors to read from: output by the type of its frames, and the status of the preload hook.
my %open = (o => $out_read, e => $err_read);

sub report_started {
    $has_started = 1;
    send_frame($FRAME_STARTED, '');
}

# Reads the bytes that the preload hook writes: one when the interpreter is loaded, one when the program starts. If the
# interpreter is killed before the second one, no client's program has run in it.
sub read_hook_status {
    my $bytes = sysread $hook_status_read, my $status_bytes, 2;
    $hook_bytes += $bytes // 0;
    send_frame($FRAME_PRELOADED, '') if $bytes && !defined $started;
    close delete $open{hook} if !$bytes || $hook_bytes == 2;
    report_started() if $hook_bytes == 2;
}

# Reads and handles one message of the engine. Returns false at the end of the stream, when the program has to be killed.
sub handle_message {
    my ($type, @fields) = read_message(\*STDIN);
    return 0 if !defined $type;
    if ($type eq $MESSAGE_PRELOAD) {
        start_program($type, @fields);
        ($is_preloaded, $open{hook}) = (1, $hook_status_read);
        return 1;
    }
    $0 = 'sandbox busy';
    copy_input();
    $started = clock_us($CLOCK_MONOTONIC);
    if ($is_preloaded) {
        my ($limits, $hook_message) = @fields;
        my $error = set_limits($program, $limits);
        fail($error) if $error ne '';
        $preload_cpu = preload_cpu_us();
        write_all($hook_message_write, ($hook_message // '') . "\n");
    }
    else {
        start_program($type, @fields);
        report_started();
    }
    close $hook_message_write;
    return 1;
}

# Orphans are reaped while the program runs, because they count against its process limit until then. The signal only
# interrupts select. If it arrives just before select, the next signal makes up for it; the program's exit has a descriptor.
$SIG{CHLD} = sub { };
while (!defined $status || $open{o} || $open{e}) {
    if (!defined $status) {
        reap_children();
        if (defined $status) {
            kill_tree();
            read_hook_status() while $open{hook};    # all writers have exited, so this ends
            next;
        }
    }
    my $wanted = '';
    vec($wanted, fileno $_, 1) = 1 for values %open;
    if (!defined $status) { vec($wanted, $_, 1) = 1 for 0, $pidfd }
    my $ready = $wanted;
    my $count = select $ready, undef, undef, defined $status ? $DRAIN_SECONDS : undef;
    next if $count < 0;
    last if $count == 0;    # all processes have exited, so whatever still holds the pipe is not part of the program
    read_hook_status() if $open{hook} && vec($ready, fileno $open{hook}, 1);
    for my $type ('o', 'e') {
        next if !$open{$type} || !vec($ready, fileno $open{$type}, 1);
        my $data;
        my $read = sysread $open{$type}, $data, $READ_BYTES;
        if    ($read)                         { send_frame($type, $data) }
        elsif (defined $read || $! != $EINTR) { close delete $open{$type} }
    }
    if (!defined $status && vec($ready, 0, 1) && !handle_message()) { kill_tree() }
}

if (!$has_started) {
    my $reason = join '', <$failure_read>;
    fail($reason eq '' ? 'it exited before it started the program' : $reason);
}
my $usage = "\0" x 144;
syscall($call{getrusage}, $RUSAGE_CHILDREN, $usage);
my ($user_s, $user_us, $system_s, $system_us, $resident_kib) = unpack 'q5', $usage;
my $cpu = ($user_s + $system_s) * 1_000_000 + $user_us + $system_us - $preload_cpu;
$0 = 'sandbox over';
send_frame($FRAME_RESULT, "$status $wall $cpu $resident_kib");
exit_now(0);
