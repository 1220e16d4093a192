import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

/** DynamoDB Local in memory on a free port of loopback, until the standard input ends. */
public class DynamoServer {
  public static void main(String[] args) throws Exception {
    var options = new String[] {"-inMemory", "-sharedDb", "-disableTelemetry", "-port", "8000"};
    var local = ServerRunner.createServerFromCommandLineArgs(options);
    // It has no option for the address, and refuses port 0.
    var field = local.getClass().getDeclaredField("server");
    field.setAccessible(true);
    var connector = (ServerConnector) ((Server) field.get(local)).getConnectors()[0];
    connector.setHost("127.0.0.1");
    connector.setPort(0);
    local.start();
    System.out.println("listens on http://127.0.0.1:" + connector.getLocalPort());
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}
