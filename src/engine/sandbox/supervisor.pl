# The first process of every sandbox: starts one program under limits, passes on its output, ends its whole tree,
# and reports how it ended. Perl, because it starts in 2 ms, is an essential package of Debian, and can make the
# system calls that shells cannot: a raw wait status tells exit code 139 from SIGSEGV, getrusage sums the tree, and
# RLIMIT_NPROC counts per sandbox only when it is set inside the user namespace. `strict` and `warnings` would double
# the time that it takes to start; a test compiles it with both.
#
#   perl supervisor.pl ARCH MODE NICE FILTER [SCRATCH INPUT WRITABLE... -- SHOWN...]
#     ARCH    x64 or arm64, for the numbers of the system calls
#     MODE    namespace (it is process 1 of a pid namespace of its own) or tree (it shares the host's)
#     FILTER  a file with a program of seccomp(2) in hexadecimal, or nothing
#     SCRATCH options of tmpfs(5) for the one file system that holds all of the directories WRITABLE, of which SHOWN
#             are parts that stay as they are
#     INPUT   the same for a file system of the program's standard input
#
#   fd 0  control: a letter, a length of 4 bytes in network order, a payload of fields that end with a zero byte
#           a     two counts: descriptors from 5 on that enter this process into its control groups, and further ones
#                 that enter the program alone. Nothing is started before that
#           p     load an interpreter, which then waits: limits, directory, count of variables, NAME=value..., command...
#           g     begin: the same fields, or, when an interpreter waits: limits, a word for the interpreter
#         the end of the stream stops everything
#   fd 1  frames: a letter, a length of 4 bytes in network order, a payload
#           s     the sandbox is ready for a program
#           w     the interpreter is loaded and waits
#           b     the program has begun
#           o, e  output of the program on stdout, stderr
#           r     the result: wait status, wall time in us, CPU time in us, largest resident size in KiB
#           x     the program could not be started, and why
#   fd 3  the program's standard input, to be read when it begins
#
# An interpreter that waits has two more descriptors: it writes a byte to 4, reads a line from 3, writes one more byte to
# 4, and closes both.
# The title says to whom it may concern what goes on: `sandbox idle`, `sandbox busy`, `sandbox over`.
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
# Of the host: how it was started and what its devices and other users do. No runtime reads them; what only the root of
# the host may read needs no cover.
my @HIDDEN_OF_PROC = qw(
  cmdline config.gz diskstats interrupts key-users keys locks modules softirqs swaps
);
my $KEYCTL_JOIN_SESSION_KEYRING = 1;
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

sub frame {
    my ($type, $payload) = @_;
    write_all(\*STDOUT, pack('aN', $type, length $payload) . $payload) or leave(1);    # nobody listens any more
}

sub leave {
    my ($code) = @_;
    syscall($call{exit_group}, $code);
}

sub fail {
    my ($reason) = @_;
    frame('x', $reason);
    leave(1);
}

# Letter and fields of a message; nothing at the end of the stream.
sub message {
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

# A program that could open its input once more, through /proc/self/fd, would open it for writing if it is its user's:
# so it gets a copy, in a file system that has room for nothing else and no other name.
sub make_input {
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

# One file system, so that a limit on bytes and files holds for all directories together; and, as bubblewrap cannot make
# it, the last thing for which this process has capabilities.
sub make_writable {
    my @writable;
    while (@paths && (my $path = shift @paths) ne '--') { push @writable, $path }
    syscall($call{unshare}, $CLONE_NEWNS) == 0 or fail("unshare: $!");
    my %shown;
    for my $path (@paths) { opendir $shown{$path}, $path or fail("$path: $!") }
    my ($first) = @writable;
    make_input($first);
    mount_at('tmpfs', $first, 'tmpfs', $MS_NOSUID | $MS_NODEV, $scratch);
    mkdir "$first/$_" for 0 .. $#writable;
    mount_at("$first/$_", $writable[$_], '', $MS_BIND, '') for reverse 0 .. $#writable;
    for my $path (@paths) {
        my $made = '';
        for my $name (grep { $_ ne '' } split '/', $path) { mkdir $made .= "/$name" }
        mount_at('/proc/self/fd/' . fileno $shown{$path}, $path, '', $MS_BIND, '');
    }
    mount_at('/proc/sys', '/proc/sys', '', $MS_BIND, '');
    my $is_read_only = $MS_REMOUNT | $MS_BIND | $MS_RDONLY | $MS_NOSUID | $MS_NODEV | $MS_NOEXEC;
    mount_at('', '/proc/sys', '', $is_read_only, '');
    for my $name (@HIDDEN_OF_PROC) {
        mount_at('/dev/null', "/proc/$name", '', $MS_BIND, '') if -e "/proc/$name";
    }
    for my $capability ($CAP_SYS_ADMIN, $CAP_SETPCAP) {
        syscall($call{prctl}, $PR_CAPBSET_DROP, $capability, 0, 0, 0) == 0 or fail("capbset_drop: $!");
    }
    my ($header, $none) = (pack('Ll', $CAPABILITY_VERSION_3, 0), "\0" x 24);
    syscall($call{capset}, $header, $none) == 0 or fail("capset: $!");
}

# Not glob, which loads a module: that alone would take as long as all the rest of this file.
sub entries {
    my ($path) = @_;
    opendir my $directory, $path or return;
    return grep { /^\d+$/ } readdir $directory;
}

# Tasks that the user has already: outside a user namespace RLIMIT_NPROC counts all of them.
sub tasks_of_user {
    my $tasks = 0;
    for my $pid (entries('/proc')) {
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
        for my $task (entries("/proc/$pid/task")) {
            open my $file, '<', "/proc/$pid/task/$task/children" or next;
            my @pids = split ' ', <$file> // '';
            push @found, @pids;
            push @todo, @pids;
        }
    }
    return @found;
}

# Whatever the engine inherited without knowing, and passed on: a program has its three descriptors and no other.
sub close_all_but {
    my %kept = map { $_ => 1 } @_;
    for my $fd (grep { $_ > 2 && !$kept{$_} } entries('/proc/self/fd')) {
        open my $file, '<&=', $fd or next;
        close $file;
    }
}

# When memory is short, the kernel is to choose the program and not the supervisor, which has to tell of it.
sub volunteer_for_oom_killer {
    syscall($call{prctl}, $PR_SET_DUMPABLE, 1, 0, 0, 0);    # else the file is root's
    open my $file, '>', '/proc/self/oom_score_adj' or return;
    syswrite $file, '1000';
}

# Sets the limits of a process, or of this one for 0.
sub limit {
    my ($pid, $limits) = @_;
    my $others = $mode eq 'tree' ? tasks_of_user() : 0;
    for my $limit (split /,/, $limits) {
        my ($resource, $value) = split /=/, $limit;
        $value += $others if $resource == $RLIMIT_NPROC;
        my $new = pack 'Q2', $value, $value;
        syscall($call{prlimit64}, $pid, $resource + 0, $new, 0) == 0 or return "limit $resource: $!";
    }
    return '';
}

# Read before the program's process is made, which is late for a failure.
my $instructions = '';

sub read_filter {
    return if $filter eq '';
    open my $file, '<', $filter or fail("$filter: $!");
    $instructions = pack 'H*', <$file>;
}

# Each process enters by itself: moving another one, or all threads of one, waits for a grace period of the kernel's,
# which takes 15 ms and blocks whoever makes a group meanwhile.
sub enter_groups {
    my ($first, $count) = @_;
    for my $fd ($first .. $first + $count - 1) {
        open my $group, '>&=', $fd or return "group: $!";
        defined syswrite $group, '0' or return "group: $!";
        close $group;
    }
    return '';
}

# The program's process: made early, as it takes its time, and then told what to be.
sub be_program {
    my ($command, $out, $err, $failed, $word, $ready, @groups) = @_;
    my $give_up = sub { syswrite $failed, $_[0]; kill $SIGKILL, $$ };
    my $outside = enter_groups(@groups);
    $give_up->($outside) if $outside ne '';
    syscall($call{setsid});    # a signal to its own group must not reach the supervisor
    syscall($call{keyctl}, $KEYCTL_JOIN_SESSION_KEYRING, 0);    # the engine's keyring outlives the run
    volunteer_for_oom_killer();
    $SIG{PIPE} = 'DEFAULT';
    open STDIN, '<&', $input_read // 3 or die;
    open STDOUT, '>&', $out or die;
    open STDERR, '>&', $err or die;
    setpriority 0, 0, $nice;
    my ($type, $limits, $directory, $variables, @rest) = message($command);
    leave(0) if !defined $type;
    %ENV = map { split /=/, $_, 2 } splice @rest, 0, $variables;
    chdir $directory or $give_up->("$directory: $!");
    my @kept = (fileno $failed);
    if ($type eq 'p') {
        # Out of the way first: any of them may be 3 or 4.
        my $at = $SPARE_FD;
        syscall($call{dup3}, fileno $_, $at++, $O_CLOEXEC) for $failed, $word, $ready;
        open $failed, '>&=', $SPARE_FD or die;
        syscall($call{dup3}, $SPARE_FD + $_, 2 + $_, 0) for 1, 2;
        @kept = ($SPARE_FD, 3, 4);
    }
    close_all_but(@kept);
    my $refused = limit(0, $limits);
    $give_up->($refused) if $refused ne '';
    if ($instructions ne '') {
        my $program = pack 'S x![P] P', length($instructions) / 8, $instructions;
        syscall($call{prctl}, $PR_SET_SECCOMP, $SECCOMP_MODE_FILTER, $program, 0, 0) == 0
          or $give_up->("seccomp: $!");
    }
    exec { $rest[0] } @rest
      or $give_up->("$rest[0]: $!");
}

$SIG{PIPE} = 'IGNORE';
read_filter();
make_writable() if @paths;
# Not dumpable: the program, which has the same user, cannot reach the frames through /proc/1/fd or trace it.
syscall($call{prctl}, $PR_SET_DUMPABLE, 0, 0, 0, 0);
syscall($call{prctl}, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);    # orphans come here, to be ended and counted

my ($account, $own_groups, $program_groups) = message(\*STDIN);
leave(0) if !defined $account;
my $outside = enter_groups($FIRST_GROUP, $own_groups);
fail($outside) if $outside ne '';
pipe(my $command_read, my $command_write) or die;
pipe(my $out_read, my $out_write) or die;
pipe(my $err_read, my $err_write) or die;
pipe(my $failed_read, my $failed_write) or die;
pipe(my $word_read, my $word_write) or die;
pipe(my $ready_read, my $ready_write) or die;
my $program = fork;
fail("fork: $!") if !defined $program;
if ($program == 0) {
    close $_ for $command_write, $out_read, $err_read, $failed_read, $word_write, $ready_read;
    my @groups = ($FIRST_GROUP + $own_groups, $program_groups);
    be_program($command_read, $out_write, $err_write, $failed_write, $word_read, $ready_write, @groups);
}
close $_ for $command_read, $out_write, $err_write, $failed_write, $word_read, $ready_write;
for my $fd ($FIRST_GROUP + $own_groups .. $FIRST_GROUP + $own_groups + $program_groups - 1) {
    open my $group, '>&=', $fd;
    close $group;
}
my $pidfd = syscall($call{pidfd_open}, $program, 0);
fail("pidfd_open: $!") if $pidfd < 0;
frame('s', '');

# CPU time of the program's own process, which waits and has no children yet.
sub cpu_us { return clock_us((~$program << 3) | 2) }

my ($started, $status);
my ($spent, $wall) = (0, 0);
my ($is_loaded, $has_begun, $said) = (0, 0, 0);

sub reaped {
    my ($pid) = @_;
    return if $pid != $program;
    $status = $?;
    $wall = clock_us($CLOCK_MONOTONIC) - $started if defined $started;
}

# Takes away what has ended; gives false when there are no children at all.
sub reap {
    my $pid;
    while (($pid = waitpid -1, $WNOHANG) > 0) { reaped($pid) }
    return $pid == 0;
}

# Kills and reaps everything that the program started. As process 1, kill reaches all at once and none escapes by
# forking; elsewhere each round ends those that there are, and what they leave behind becomes a child of ours.
sub end_tree {
    if ($mode eq 'namespace') {
        kill $SIGKILL, -1;
        while ((my $pid = waitpid -1, 0) > 0) { reaped($pid) }
        return;
    }
    while (1) {
        kill $SIGKILL, $_ for descendants();
        return if !reap();
        select undef, undef, undef, 0.002;
    }
}

# Tells the program's process what to be, and sees that it could.
sub become {
    my ($type, @fields) = @_;
    my $payload = join '', map { "$_\0" } @fields;
    write_all($command_write, pack('aN', $type, length $payload) . $payload);
    close $command_write;
    my $failure = join '', <$failed_read>;    # ends as soon as the program is loaded
    fail($failure) if $failure ne '';
}

my %open = (o => $out_read, e => $err_read);

sub has_begun {
    $has_begun = 1;
    frame('b', '');
}

# What an interpreter that waits says: that it is loaded, and that it has begun. One that is killed before says nothing, and
# no program of a client has been in it.
sub hear {
    my $bytes = sysread $ready_read, my $said_now, 2;
    $said += $bytes // 0;
    frame('w', '') if $bytes && !defined $started;
    close delete $open{w} if !$bytes || $said == 2;
    has_begun() if $said == 2;
}

# What the engine says; false when the program is to end.
sub obey {
    my ($type, @fields) = message(\*STDIN);
    return 0 if !defined $type;
    if ($type eq 'p') {
        become($type, @fields);
        ($is_loaded, $open{w}) = (1, $ready_read);
        return 1;
    }
    $0 = 'sandbox busy';
    copy_input();
    $started = clock_us($CLOCK_MONOTONIC);
    if ($is_loaded) {
        my ($limits, $word) = @fields;
        my $refused = limit($program, $limits);
        fail($refused) if $refused ne '';
        $spent = cpu_us();
        write_all($word_write, ($word // '') . "\n");
    }
    else {
        become($type, @fields);
        has_begun();
    }
    close $word_write;
    return 1;
}

# Orphans are reaped while the program runs: until then they count against its limit of processes. The signal only
# ends the wait; one that comes just before it is made up for by the next, and the program's own end has a descriptor.
$SIG{CHLD} = sub { };
while (!defined $status || $open{o} || $open{e}) {
    if (!defined $status) {
        reap();
        if (defined $status) {
            end_tree();
            hear() while $open{w};    # nobody is left who could write to it
            next;
        }
    }
    my $wanted = '';
    vec($wanted, fileno $_, 1) = 1 for values %open;
    if (!defined $status) { vec($wanted, $_, 1) = 1 for 0, $pidfd }
    my $ready = $wanted;
    my $count = select $ready, undef, undef, defined $status ? $DRAIN_SECONDS : undef;
    next if $count < 0;
    last if $count == 0;    # the tree is gone, so whoever still holds the pipe is none of ours
    hear() if $open{w} && vec($ready, fileno $open{w}, 1);
    for my $type ('o', 'e') {
        next if !$open{$type} || !vec($ready, fileno $open{$type}, 1);
        my $data;
        my $read = sysread $open{$type}, $data, $READ_BYTES;
        if    ($read)                         { frame($type, $data) }
        elsif (defined $read || $! != $EINTR) { close delete $open{$type} }
    }
    if (!defined $status && vec($ready, 0, 1) && !obey()) { end_tree() }
}

if (!$has_begun) {
    my $why = join '', <$failed_read>;
    fail($why eq '' ? 'it ended before it began' : $why);
}
my $usage = "\0" x 144;
syscall($call{getrusage}, $RUSAGE_CHILDREN, $usage);
my ($user_s, $user_us, $system_s, $system_us, $resident_kib) = unpack 'q5', $usage;
my $cpu = ($user_s + $system_s) * 1_000_000 + $user_us + $system_us - $spent;
$0 = 'sandbox over';
frame('r', "$status $wall $cpu $resident_kib");
leave(0);
