import { type Difference, type Probe, describeFidelity } from '../support/fidelity';

const MIB = 1024 * 1024;
const main = (body: string, rest = ''): string =>
  `import java.util.*;\npublic class Main {\n  public static void main(String[] args) throws Throwable {\n    ${body}\n  }\n  ${rest}\n}\n`;

const ENVIRONMENT: readonly Probe[] = [
  [
    'the main thread',
    main(
      'Thread t = Thread.currentThread(); System.out.println(args.length + t.getName() + t.isDaemon() + t.getPriority() + t.getThreadGroup() + t.getContextClassLoader().getClass() + Main.class.getClassLoader().getClass() + Main.class.getModule().isNamed() + t.isInterrupted());',
    ),
  ],
  ['the environment', main('System.out.println(new TreeMap<>(System.getenv()));')],
  [
    'properties',
    main(
      'for (var e : new TreeMap<>(System.getProperties()).entrySet()) if (!Set.of("sun.java.command", "jdk.module.main", "jdk.debug").contains(e.getKey())) System.out.println(e);',
    ),
  ],
  [
    'limits, descriptors and the process',
    main(
      'new ProcessBuilder("sh", "-c", "ulimit -a; umask; pwd; env | sort; nice; cat /proc/self/oom_score_adj; ls /proc/self/fd; cat /proc/$PPID/limits; grep -E \'^(Sig[BIP]|Shd|Cap|NoNew|Seccomp)\' /proc/$PPID/status; ls /app").inheritIO().start().waitFor();',
    ),
  ],
  [
    'stacks',
    main(
      'new Throwable("here").printStackTrace(); Runnable r = () -> Thread.dumpStack(); r.run(); long n = StackWalker.getInstance().walk(s -> s.count()); System.out.println(n);',
    ),
  ],
  ['the heap', main('System.out.println(Runtime.getRuntime().maxMemory());')],
];

const INPUT: readonly Probe[] = [
  [
    'no input',
    main('System.out.println(System.in.available() + " " + System.in.read() + System.console());'),
  ],
  [
    'short input',
    main('Scanner s = new Scanner(System.in); System.out.println(s.nextInt() + s.next());'),
    '7 ä\n',
  ],
  ['input of 1 MiB', main('System.out.println(Arrays.hashCode(System.in.readAllBytes()));'), 'z'.repeat(MIB)],
];

const TERMINATIONS: readonly Probe[] = [
  [
    'an exception in main',
    main('f();', 'static void f() { throw new IllegalStateException("ü", new RuntimeException("cause")); }'),
  ],
  ['an exception in a lambda', main('List.of(1).forEach(x -> { throw new IllegalStateException("l"); });')],
  [
    'an exception in a static initializer',
    main('System.out.println("never");', 'static int x = 1 / Integer.parseInt("0");'),
  ],
  [
    'an exception in a thread',
    main(
      'Thread t = new Thread(() -> { throw new Error("t"); }); t.start(); t.join(); System.out.println("on");',
    ),
  ],
  [
    'a handler of its own',
    main(
      'Thread.setDefaultUncaughtExceptionHandler((t, e) -> System.out.println(t.getName() + e)); throw new Error("x");',
    ),
  ],
  [
    'an exit',
    main(
      'Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook"))); System.exit(3);',
    ),
  ],
  ['an exit in a thread', main('new Thread(() -> System.exit(4)).start(); Thread.sleep(9000);')],
  ['a halt', main('Runtime.getRuntime().halt(5);')],
  [
    'a thread that outlives main',
    main(
      'Thread m = Thread.currentThread(); new Thread(() -> { try { m.join(); } catch (Exception e) {} System.out.println("late"); }).start();',
    ),
  ],
  [
    'a thread that outlives a main method that failed',
    main(
      'Thread m = Thread.currentThread(); new Thread(() -> { try { m.join(); } catch (Exception e) {} System.out.println("late"); }).start(); throw new Error("main");',
    ),
  ],
  ['a daemon', main('Thread t = new Thread(() -> { for (;;) ; }); t.setDaemon(true); t.start();')],
  [
    'endless recursion',
    main(
      'try { f(); } catch (StackOverflowError e) { System.out.println(e.getStackTrace().length); }',
      'static void f() { f(); }',
    ),
  ],
  ['a full heap', main('List<int[]> l = new ArrayList<>(); for (;;) l.add(new int[1 << 20]);')],
  [
    'killing itself',
    main('new ProcessBuilder("sh", "-c", "kill -9 $PPID").start().waitFor(); Thread.sleep(9000);'),
  ],
];

const SOURCES: readonly Probe[] = [
  ['no main', 'public class Main { }'],
  ['a main method that is not static', 'public class Main { public void main(String[] a) { } }'],
  [
    'a main method with a return value',
    'public class Main { public static int main(String[] a) { return 1; } }',
  ],
  [
    'a main method that is not public',
    'public class Main { static void main(String[] a) { System.out.println("m"); } }',
  ],
  [
    'a class that is not public',
    'class Other { public static void main(String[] a) { System.out.println("o"); } }',
  ],
  [
    'a class with another name',
    'public class Ünder { public static void main(String[] a) { System.out.println("ü"); } }',
  ],
  [
    'a package',
    'package a.b; public class P { public static void main(String[] a) { throw new Error("p"); } }',
  ],
  ['an interface', 'public interface I { static void main(String... a) { System.out.println("i"); } }'],
  ['an enumeration', 'enum E { A; public static void main(String[] a) { System.out.println(A); } }'],
  [
    'an inherited main method',
    'class A { public static void main(String[] a) { System.out.println("a"); } } public class B extends A { }',
  ],
  ['no class at all', '// nothing'],
  [
    'a class called Preload',
    'public class Preload { public static void main(String[] a) { System.out.println("mine"); } }',
  ],
  [
    'another class called Preload',
    main('new Preload().go();') + 'class Preload { void go() { System.out.println("mine"); } }',
  ],
];

const DIFFERENCES: readonly Difference[] = [
  [
    'the name of the main class',
    main('System.out.println(System.getProperty("sun.java.command"));'),
    'service_server.preload.Preload\n',
    'Main\n',
  ],
  [
    'a thread that waits for the main thread',
    main(
      'System.out.println(Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals("launcher")));',
    ),
    'true\n',
    'false\n',
  ],
];

describeFidelity('java', [...ENVIRONMENT, ...INPUT, ...TERMINATIONS, ...SOURCES], DIFFERENCES);
