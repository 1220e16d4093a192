# The first process of every sandbox: starts one program under limits, passes on its output, ends its whole tree,
# and reports how it ended. Perl, because it starts in 2 ms, is an essential package of Debian, and can make the
# system calls that shells cannot: a raw wait status tells exit code 139 from SIGSEGV, getrusage sums the tree, and
# RLIMIT_NPROC counts per sandbox only when it is set inside the user namespace.
#
#   perl supervisor.pl ARCH MODE NICE LIMITS FILTER COMMAND...
#     ARCH    x64 or arm64, for the numbers of the system calls
#     MODE    namespace (it is process 1 of a pid namespace of its own) or tree (it shares the host's)
#     LIMITS  number=value,... as in setrlimit(2)
#     FILTER  a program of seccomp(2) in hexadecimal, or nothing
#
#   fd 0  control: one byte starts the program, another one or the end of the stream stops it
#   fd 1  frames: a letter, a length of 4 bytes in network order, a payload
#           o, e  output of the program on stdout, stderr
#           r     the result: wait status, wall time in us, CPU time in us, largest resident size in KiB
#           x     the program could not be started, and why
#   fd 3  the program's standard input
use strict;
use warnings;

my ($arch, $mode, $nice, $limits, $filter, @command) = @ARGV;
my %call =
  $arch eq 'arm64'
  ? (prlimit64 => 261, getrusage => 165, prctl => 167, setsid => 157, clock_gettime => 113, pidfd_open => 434, keyctl => 219)
  : (prlimit64 => 302, getrusage => 98, prctl => 157, setsid => 112, clock_gettime => 228, pidfd_open => 434, keyctl => 250);
my ($PR_SET_DUMPABLE, $PR_SET_SECCOMP, $PR_SET_CHILD_SUBREAPER) = (4, 22, 36);
my $SECCOMP_MODE_FILTER = 2;
my ($RLIMIT_NPROC, $RUSAGE_CHILDREN, $CLOCK_MONOTONIC, $WNOHANG, $SIGKILL, $EINTR) = (6, -1, 1, 1, 9, 4);
my $KEYCTL_JOIN_SESSION_KEYRING = 1;
my $READ_BYTES = 65536;
my $DRAIN_SECONDS = 1;

sub now_us {
    my $time = "\0" x 16;
    syscall($call{clock_gettime}, $CLOCK_MONOTONIC, $time);
    my ($seconds, $nanoseconds) = unpack 'q2', $time;
    return $seconds * 1_000_000 + int($nanoseconds / 1000);
}

sub frame {
    my ($type, $payload) = @_;
    my $bytes = pack('aN', $type, length $payload) . $payload;
    my $done = 0;
    while ($done < length $bytes) {
        my $written = syswrite STDOUT, $bytes, length($bytes) - $done, $done;
        exit 1 if !defined $written && $! != $EINTR;    # nobody listens any more
        $done += $written // 0;
    }
}

# Tasks that the user has already: outside a user namespace RLIMIT_NPROC counts all of them.
sub tasks_of_user {
    my $tasks = 0;
    for my $status (glob '/proc/[0-9]*/status') {
        open my $file, '<', $status or next;
        my $text = join '', <$file>;
        $tasks += $1 if $text =~ /^Uid:\t$<\t/m && $text =~ /^Threads:\t(\d+)/m;
    }
    return $tasks;
}

sub descendants {
    my @found;
    my @todo = ($$);
    while (defined(my $pid = shift @todo)) {
        for my $children (glob "/proc/$pid/task/*/children") {
            open my $file, '<', $children or next;
            my @pids = split ' ', <$file> // '';
            push @found, @pids;
            push @todo, @pids;
        }
    }
    return @found;
}

# Whatever the engine inherited without knowing, and passed on: a program has its three descriptors and no other.
sub close_all_but {
    my ($kept) = @_;
    opendir my $directory, '/proc/self/fd' or die;
    for my $fd (grep { /^\d+$/ && $_ > 2 && $_ != $kept } readdir $directory) {
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

sub run_program {
    my ($out, $err, $failed) = @_;
    syscall($call{setsid});    # a signal to its own group must not reach the supervisor
    syscall($call{keyctl}, $KEYCTL_JOIN_SESSION_KEYRING, 0);    # the engine's keyring outlives the run
    volunteer_for_oom_killer();
    $SIG{PIPE} = 'DEFAULT';
    open STDIN, '<&3' or die;
    open STDOUT, '>&', $out or die;
    open STDERR, '>&', $err or die;
    close_all_but(fileno $failed);
    setpriority 0, 0, $nice;
    my $others = $mode eq 'tree' ? tasks_of_user() : 0;
    for my $limit (split /,/, $limits) {
        my ($resource, $value) = split /=/, $limit;
        $value += $others if $resource == $RLIMIT_NPROC;
        my $new = pack 'Q2', $value, $value;
        syscall($call{prlimit64}, 0, $resource + 0, $new, 0) == 0
          or do { syswrite $failed, "limit $resource: $!"; kill $SIGKILL, $$ };
    }
    if ($filter ne '') {
        my $instructions = pack 'H*', $filter;
        my $program = pack 'S x![P] P', length($instructions) / 8, $instructions;
        syscall($call{prctl}, $PR_SET_SECCOMP, $SECCOMP_MODE_FILTER, $program, 0, 0) == 0
          or do { syswrite $failed, "seccomp: $!"; kill $SIGKILL, $$ };
    }
    no warnings 'exec';
    exec { $command[0] } @command;
    syswrite $failed, "$command[0]: $!";
    kill $SIGKILL, $$;
}

$SIG{PIPE} = 'IGNORE';
# Not dumpable: the program, which has the same user, cannot reach the frames through /proc/1/fd or trace it.
syscall($call{prctl}, $PR_SET_DUMPABLE, 0, 0, 0, 0);
syscall($call{prctl}, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);    # orphans come here, to be ended and counted

sysread(STDIN, my $start, 1) or exit 0;
pipe(my $out_read, my $out_write) or die;
pipe(my $err_read, my $err_write) or die;
pipe(my $failed_read, my $failed_write) or die;
my $started = now_us();
my $program = fork;
if (!defined $program) { frame('x', "fork: $!"); exit 1 }
run_program($out_write, $err_write, $failed_write) if $program == 0;
close $_ for $out_write, $err_write, $failed_write;
my $failure = join '', <$failed_read>;    # ends as soon as the program is loaded
if ($failure ne '') { frame('x', $failure); exit 1 }
my $pidfd = syscall($call{pidfd_open}, $program, 0);
if ($pidfd < 0) { frame('x', "pidfd_open: $!"); exit 1 }

my ($status, $wall);

sub reaped {
    my ($pid) = @_;
    return if $pid != $program;
    ($status, $wall) = ($?, now_us() - $started);
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

# Orphans are reaped while the program runs: until then they count against its limit of processes. The signal only
# ends the wait; one that comes just before it is made up for by the next, and the program's own end has a descriptor.
$SIG{CHLD} = sub { };
my %open = (o => $out_read, e => $err_read);
while (!defined $status || %open) {
    if (!defined $status) {
        reap();
        if (defined $status) { end_tree(); next }
    }
    my $wanted = '';
    vec($wanted, fileno $_, 1) = 1 for values %open;
    if (!defined $status) { vec($wanted, $_, 1) = 1 for 0, $pidfd }
    my $ready = $wanted;
    my $count = select $ready, undef, undef, defined $status ? $DRAIN_SECONDS : undef;
    next if $count < 0;
    last if $count == 0;    # the tree is gone, so whoever still holds the pipe is none of ours
    for my $type ('o', 'e') {
        next if !$open{$type} || !vec($ready, fileno $open{$type}, 1);
        my $data;
        my $read = sysread $open{$type}, $data, $READ_BYTES;
        if    ($read)                         { frame($type, $data) }
        elsif (defined $read || $! != $EINTR) { close delete $open{$type} }
    }
    if (!defined $status && vec($ready, 0, 1)) { end_tree() }
}

my $usage = "\0" x 144;
syscall($call{getrusage}, $RUSAGE_CHILDREN, $usage);
my ($user_s, $user_us, $system_s, $system_us, $resident_kib) = unpack 'q5', $usage;
my $cpu = ($user_s + $system_s) * 1_000_000 + $user_us + $system_us;
frame('r', "$status $wall $cpu $resident_kib");
