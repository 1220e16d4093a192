package service_server.preload;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jdk.internal.access.SharedSecrets;
import sun.launcher.LauncherHelper;

/**
 * The JVM starts this instead of a program's main class: here it waits for the engine's word, which is the name of that
 * class. Stack traces show nothing of it, as the thread that runs the program begins in a hidden class (JEP 371).
 */
public final class Preload {
  private static final int CLASS = 1; // LM_CLASS of sun.launcher.LauncherHelper
  static volatile boolean failed;

  /** Defined anew, as a hidden class. */
  static final class Program extends Thread {
    private final Class<?> program;
    private final MethodHandle main;

    Program(Class<?> program, MethodHandle main) {
      super("main");
      this.program = program;
      this.main = main;
    }

    @Override
    public void run() {
      try {
        initialize(program);
        main.invokeExact(new String[0]);
      } catch (Throwable thrown) {
        failed = true;
        Preload.<RuntimeException>rethrow(thrown);
      }
    }
  }

  public static void main(String[] none) throws Throwable {
    MethodHandle constructor = hidden();
    loadWhatMostProgramsUse();
    Class<?> program = LauncherHelper.checkAndLoadMain(true, CLASS, word());
    MethodHandle main =
        MethodHandles.publicLookup()
            .unreflect(accessible(program.getMethod("main", String[].class)))
            .asType(MethodType.methodType(void.class, String[].class));
    Thread launcher = Thread.currentThread();
    launcher.setName("launcher");
    Thread thread = (Thread) constructor.invoke(program, main);
    thread.start();
    thread.join();
    if (!failed) return;
    // The launcher's exit code is 1 when its own thread fails; what there is to say was said by the other.
    launcher.setUncaughtExceptionHandler((silent, error) -> {});
    throw new IllegalStateException();
  }

  /** Apart from the call, and what it throws without the calls that led here: the JVM's own launcher has none of them. */
  static void initialize(Class<?> program) throws ClassNotFoundException {
    try {
      Class.forName(program.getName(), true, program.getClassLoader());
    } catch (Throwable thrown) {
      for (Throwable each = thrown; each != null; each = each.getCause()) {
        StackTraceElement[] trace = each.getStackTrace();
        int length = trace.length;
        while (length > 0 && !isInitializer(trace[length - 1], program)) length--;
        each.setStackTrace(Arrays.copyOf(trace, length));
      }
      Preload.<RuntimeException>rethrow(thrown);
    }
  }

  private static boolean isInitializer(StackTraceElement frame, Class<?> program) {
    return frame.getMethodName().equals("<clinit>") && frame.getClassName().equals(program.getName());
  }

  private static java.lang.reflect.Method accessible(java.lang.reflect.Method method) {
    method.setAccessible(true);
    return method;
  }

  private static MethodHandle hidden() throws Exception {
    try (var code = Preload.class.getResourceAsStream("Preload$Program.class")) {
      MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(code.readAllBytes(), true);
      return lookup.findConstructor(
          lookup.lookupClass(), MethodType.methodType(void.class, Class.class, MethodHandle.class));
    }
  }

  private static String word() throws Exception {
    var word = new StringBuilder();
    try (var told = new FileOutputStream(descriptor(4));
        var from = new FileInputStream(descriptor(3))) {
      told.write('w');
      for (int unit = from.read(); unit > '\n'; unit = from.read()) word.append((char) unit);
      told.write('b');
    }
    return new String(word.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Of a number, so that closing it closes that very one. */
  private static FileDescriptor descriptor(int number) {
    FileDescriptor descriptor = new FileDescriptor();
    SharedSecrets.getJavaIOFileDescriptorAccess().set(descriptor, number);
    return descriptor;
  }

  /** Joining strings and lambdas set up machinery on first use, which takes longer than a small program. */
  private static void loadWhatMostProgramsUse() {
    Runnable runnable = () -> String.format("%d %s %.1f", failed ? 1 : 0, "x" + failed + 1, 1.0);
    runnable.run();
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> void rethrow(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
