// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.RequestFacts;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks a document before it is in force: {@code java -cp … io.fairlead.routes.DocumentCheck FILE [--against OLD] [--registry URI]
 * [--request 'GET /v1 X-User-Id: 7'] [--header 'X-Note: a b: c']}. In a request each word with a colon begins another header; what
 * {@code --header} says, as often as you like, is one header whole. Prints all that is wrong; of a document that is right what most likely is not meant, what
 * is different from the old one, how many instances each subset has, and where a request would go. Ends with 0 when it is right, 1
 * when it is wrong, 2 when that could not be found out. Sends no request and registers nothing.
 */
public final class DocumentCheck {
    private static final int RIGHT = 0;
    private static final int WRONG = 1;
    private static final int UNKNOWN = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final double MOST_TIMES = 3;
    private static final Pattern REQUEST = Pattern.compile("(\\S+)\\s+(/\\S*)(?:\\s+(.*))?", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern HEADER = Pattern.compile("(?:^|\\s)(" + NAME + "):\\s");
    private static final String USAGE =
            "usage: DocumentCheck FILE [--against OLD] [--registry URI] [--request 'GET /v1 X-User-Id: 7']"
                    + " [--header 'X-Note: a b: c']...";

    private final PrintStream out;
    private final Map<String, String> options;
    private final List<String> headers;
    private final Function<String, Registry> registries;

    private DocumentCheck(
            Map<String, String> options, List<String> headers, PrintStream out, Function<String, Registry> registries) {
        this.headers = headers;
        this.options = options;
        this.out = out;
        this.registries = registries;
    }

    /** Checks, and ends the process. */
    public static void main(String[] arguments) {
        System.exit(
                run(List.of(arguments), new PrintStream(System.out, true, StandardCharsets.UTF_8), Registry::connect));
    }

    /** Checks, with registries by their URI. */
    static int run(List<String> arguments, PrintStream out, Function<String, Registry> registries) {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> headers = new ArrayList<>();
        Set<String> known = Set.of("--against", "--registry", "--request", "--header");
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            boolean isOption = argument.startsWith("--");
            String name = isOption ? argument : "";
            boolean isUsable = !isOption || known.contains(argument) && i + 1 < arguments.size();
            String value = isUsable && isOption ? arguments.get(++i) : argument;
            boolean isHeader = name.equals("--header");
            if (isUsable && isHeader) {
                headers.add(value);
            } else if (!isUsable || options.putIfAbsent(name, value) != null) {
                out.println(argument + "?\n" + USAGE);
                return UNKNOWN;
            }
        }
        String file = options.get("");
        if (file == null || !headers.isEmpty() && !options.containsKey("--request")) {
            out.println(USAGE);
            return UNKNOWN;
        }
        try {
            return new DocumentCheck(options, headers, out, registries).check(file);
        } catch (IOException | IllegalArgumentException | RegistryException | NoInstanceException failure) {
            out.println(failure.getMessage());
            return UNKNOWN;
        } catch (LinkageError missing) {
            // A registry's own client is not on the class path.
            out.println(missing + " (expected: the registry's module with all it needs on the class path)");
            return UNKNOWN;
        }
    }

    private int check(String file) throws IOException {
        byte[] content = read(file);
        RouteDocument document;
        try {
            document = RouteDocument.read(content);
        } catch (RouteDocumentException refused) {
            String version = RouteDocument.versionOf(content);
            String where = "routes file " + file + (version.isEmpty() ? "" : ", version '" + version + "'") + ", ";
            refused.problems().forEach(problem -> out.println(where + problem));
            out.println(refused.total() == 1 ? "1 problem" : refused.total() + " problems");
            return WRONG;
        }
        out.println("right: " + document.services().size() + " services, version '" + document.version() + "', sha256 "
                + document.hash());
        document.lint().forEach(line -> out.println("most likely not meant: " + line));
        String old = options.get("--against");
        if (old != null) {
            List<String> changes = document.changesSince(before(old));
            changes.forEach(line -> out.println("changes: " + line));
            out.print(changes.isEmpty() ? "changes: none\n" : "");
        }
        String uri = options.get("--registry");
        try (Registry registry = uri == null ? new NoRegistry() : registries.apply(uri)) {
            if (uri != null) {
                document.routes().forEach((service, routes) -> instances(service, routes, registry.list(service)));
            }
            String request = options.get("--request");
            if (request != null) {
                explain(document, registry, Request.parse(request, headers));
            }
        }
        return RIGHT;
    }

    private static RouteDocument before(String file) throws IOException {
        try {
            return RouteDocument.read(read(file));
        } catch (RouteDocumentException refused) {
            throw new IOException("routes file " + file + ", to compare with: " + refused.getMessage(), refused);
        }
    }

    private static byte[] read(String file) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return in.readNBytes(DocumentSource.MOST_BYTES + 1);
        } catch (IOException | InvalidPathException unreadable) {
            throw new IOException(file + " can not be read: " + unreadable, unreadable);
        }
    }

    private void instances(String service, Routes routes, ServiceSnapshot list) {
        Map<String, Long> counts = new LinkedHashMap<>();
        routes.subsets()
                .forEach((name, subset) -> counts.put(
                        name, list.instances().stream().filter(subset::matches).count()));
        List<String> shown = new ArrayList<>();
        counts.forEach((name, count) -> shown.add(name + " " + count));
        out.println(service + ": " + list.instances().size() + " instances; " + String.join(", ", shown));
        counts.forEach((name, count) -> {
            if (count == 0) {
                out.println("most likely not meant: " + service + ".subsets." + name + ": no instance now");
            }
        });
        List<Rule> rules = new ArrayList<>(routes.rules());
        rules.add(routes.otherwise());
        rules.forEach(rule -> crowded(service, rule, counts, list.instances().size()));
    }

    /** A subset's weight is its share of calls, not of instances. */
    private void crowded(String service, Rule rule, Map<String, Long> counts, int all) {
        double sum =
                rule.to().stream().mapToDouble(to -> to.weight().doubleValue()).sum();
        for (Destination to : rule.to()) {
            long count = counts.getOrDefault(to.subset(), 0L);
            double share = to.weight().doubleValue() / sum;
            double times = count == 0 ? 0 : share * all / count;
            if (rule.to().size() > 1 && times > MOST_TIMES) {
                out.println(String.format(
                        Locale.ROOT,
                        "most likely not meant: %s.%s: %s has %.4g %% of the calls on %d of %d instances, %.3g times the mean",
                        service,
                        rule.name(),
                        to.subset(),
                        100 * share,
                        count,
                        all,
                        times));
            }
        }
    }

    private void explain(RouteDocument document, Registry registry, Request request) {
        try (Fairlead fairlead = Fairlead.builder(registry)
                .options(document.over(FairleadOptions.defaults()))
                .build()) {
            for (String service : document.routes().keySet()) {
                fairlead.awaitReady(PATIENCE, service);
                Explanation explanation = fairlead.explain(service, PickContext.of(request, null));
                out.println(explanation);
            }
        }
    }

    /** A request as somebody wrote it in one line. */
    private record Request(String method, String path, Map<String, String> headers) implements RequestFacts {
        static Request parse(String text, List<String> more) {
            Matcher matcher = REQUEST.matcher(text.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("request: '" + text + "' (expected: as in 'GET /v1 X-User-Id: 7')");
            }
            String path = matcher.group(2);
            int query = path.indexOf('?');
            Map<String, String> headers = headers(matcher.group(3) == null ? "" : matcher.group(3));
            more.forEach(line -> addWhole(headers, line));
            return new Request(
                    matcher.group(1).toUpperCase(Locale.ROOT), query < 0 ? path : path.substring(0, query), headers);
        }

        /** All behind the first colon is the value. */
        private static void addWhole(Map<String, String> headers, String line) {
            int colon = line.indexOf(':');
            if (colon < 1 || !NAME.matcher(line.substring(0, colon)).matches()) {
                throw new IllegalArgumentException("header: '" + line + "' (expected: as in 'X-Note: a b: c')");
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }

        /** Each name with a colon begins another header. */
        private static Map<String, String> headers(String text) {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            List<MatchResult> names = HEADER.matcher(text).results().toList();
            for (int i = 0; i < names.size(); i++) {
                int end = i + 1 < names.size() ? names.get(i + 1).start() : text.length();
                headers.put(
                        names.get(i).group(1),
                        text.substring(names.get(i).end(), end).strip());
            }
            int begin = names.isEmpty() ? text.length() : names.get(0).start();
            if (!text.substring(0, begin).isBlank()) {
                throw new IllegalArgumentException("headers: '" + text + "' (expected: as in 'X-User-Id: 7')");
            }
            return headers;
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }

    /** Lists nobody: enough to say which rule takes a request. */
    private static final class NoRegistry implements Registry {
        @Override
        public String description() {
            return "no registry";
        }

        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            listener.onSnapshot(ServiceSnapshot.empty(service, 1));
            return () -> {};
        }

        @Override
        public ServiceSnapshot list(String service) {
            return ServiceSnapshot.empty(service, 1);
        }

        @Override
        public Set<String> services() {
            return Set.of();
        }

        @Override
        public Registration register(ServiceInstance instance, HealthCheck check) {
            throw new RegistryException(RegistryException.Reason.REJECTED, "no registry");
        }

        @Override
        public void close() {}
    }
}
