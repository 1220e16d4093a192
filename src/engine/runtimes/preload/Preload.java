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
 * Preload hook of Java. The JVM starts this class instead of the program's main class. The hook waits for the engine's
 * message, which is the name of the main class. Stack traces of the program do not show the hook, because the program's
 * thread starts in a hidden class (JEP 371).
 */
public final class Preload {
  private static final int LM_CLASS = 1; // as in sun.launcher.LauncherHelper
  static volatile boolean failed;

  /** Runs the program. Its class is loaded a second time, as a hidden class. */
  static final class ProgramThread extends Thread {
    private final Class<?> program;
    private final MethodHandle main;

    ProgramThread(Class<?> program, MethodHandle main) {
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

  public static void main(String[] unused) throws Throwable {
    MethodHandle constructor = hiddenThreadConstructor();
    loadCommonMachinery();
    Class<?> program = LauncherHelper.checkAndLoadMain(true, LM_CLASS, readMessage());
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
    // The exit code is 1 only if this thread fails. The program's thread has already printed the stack trace.
    launcher.setUncaughtExceptionHandler((failedThread, error) -> {});
    throw new IllegalStateException();
  }

  /**
   * Runs the static initializers of the program, as the JVM's launcher does before it calls `main`. The stack traces of
   * what they throw are cut below the initializer.
   */
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

  private static MethodHandle hiddenThreadConstructor() throws Exception {
    try (var code = Preload.class.getResourceAsStream("Preload$ProgramThread.class")) {
      MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(code.readAllBytes(), true);
      return lookup.findConstructor(
          lookup.lookupClass(), MethodType.methodType(void.class, Class.class, MethodHandle.class));
    }
  }

  private static String readMessage() throws Exception {
    var message = new StringBuilder();
    try (var status = new FileOutputStream(descriptor(4));
        var messages = new FileInputStream(descriptor(3))) {
      status.write('w'); // the interpreter is loaded
      for (int unit = messages.read(); unit > '\n'; unit = messages.read()) message.append((char) unit);
      status.write('b'); // the program starts
    }
    return new String(message.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Has the given number, so that closing it closes that file descriptor. */
  private static FileDescriptor descriptor(int number) {
    FileDescriptor descriptor = new FileDescriptor();
    SharedSecrets.getJavaIOFileDescriptorAccess().set(descriptor, number);
    return descriptor;
  }

  /** The first use of string concatenation, lambdas and formats takes longer than a small program. */
  private static void loadCommonMachinery() {
    Runnable runnable = () -> String.format("%d %s %.1f", failed ? 1 : 0, "x" + failed + 1, 1.0);
    runnable.run();
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> void rethrow(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
