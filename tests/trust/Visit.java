import java.net.URI;
import java.net.URL;

/** Visits a page, and ends with 1 where its server is not trusted. */
public class Visit {
    public static void main(String[] arguments) throws Exception {
        URL page = URI.create(arguments[0]).toURL();
        page.openConnection().getInputStream().readAllBytes();
    }
}
