/** The smallest program of each measured language. */
export const HELLO = [
  ['python', 'print("hello")\n'],
  ['javascript', 'console.log("hello")\n'],
  ['java', 'public class Main { public static void main(String[] args) { System.out.println("hello"); } }\n'],
  ['c', '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'],
];
