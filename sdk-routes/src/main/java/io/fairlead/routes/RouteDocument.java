// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.route.Problem;
import io.fairlead.balancer.route.Routes;
import io.fairlead.routes.document.DocumentChanges;
import io.fairlead.routes.document.DocumentReader;
import io.fairlead.routes.document.DocumentReader.Said;
import io.fairlead.routes.document.DocumentReader.Whole;
import io.fairlead.routes.tree.DocumentProblems;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A document that was read whole: routes of services, and options that are tuned while running. YAML or JSON; what may stand in
 * it is in {@code docs/live-routes.md} and in the JSON Schema {@code fairlead-v1.schema.json}. It can name no address, credential or
 * class. An immutable value, safe for any thread.
 */
public final class RouteDocument {
    private final String hash;
    private final Whole whole;

    private RouteDocument(String hash, Whole whole) {
        this.hash = hash;
        this.whole = whole;
    }

    /**
     * Reads a document.
     *
     * @throws RouteDocumentException when anything is wrong with it; it names all that is
     */
    public static RouteDocument read(byte[] content) {
        DocumentProblems problems = new DocumentProblems();
        Whole whole = DocumentReader.read(content, problems);
        if (whole == null) {
            List<DocumentProblem> told = problems.list().stream()
                    .map(one ->
                            new DocumentProblem(one.place().line(), one.place().column(), one.path(), one.message()))
                    .toList();
            throw new RouteDocumentException(told, problems.total());
        }
        return new RouteDocument(hash(content), whole);
    }

    /** What the document calls itself; empty when it does not. */
    public String version() {
        return whole.version();
    }

    /** The SHA-256 of its bytes, in hexadecimal digits. */
    public String hash() {
        return hash;
    }

    /** The services it says something of, sorted. */
    public Set<String> services() {
        return Collections.unmodifiableSet(whole.services().keySet());
    }

    /** The routes of the services that have some. */
    public Map<String, Routes> routes() {
        Map<String, Routes> routes = new TreeMap<>();
        whole.services().forEach((service, said) -> {
            if (said.routes() != null) {
                routes.put(service, said.routes());
            }
        });
        return Collections.unmodifiableMap(routes);
    }

    /** What holds with this document over options that code has set: of what it does not say, those hold. */
    public FairleadOptions over(FairleadOptions code) {
        FairleadOptions[] options = {code.forEveryService(common -> apply(whole.defaults(), common))};
        whole.services()
                .forEach((service, said) -> options[0] = options[0].forService(service, own -> apply(said, own)));
        return options[0];
    }

    /** What is allowed and most likely not meant, as in {@code orders.rules[2]: 'late' is never reached: …}. */
    public List<String> lint() {
        List<String> lint = new ArrayList<>();
        rateLimit("defaults", whole.defaults(), lint);
        whole.services().forEach((service, said) -> rateLimit(service, said, lint));
        routes().forEach((service, routes) -> {
            for (Problem one : routes.lint()) {
                lint.add(service + "." + one.path() + ": " + one.message());
            }
        });
        return List.copyOf(lint);
    }

    private static void rateLimit(String path, Said said, List<String> lint) {
        String line =
                said.options().apply(ServiceOptions.defaults()).rateLimit().lint();
        if (!line.isEmpty()) {
            lint.add(path + ".rateLimit: " + line);
        }
    }

    /** What is different from another document, a line each, as in {@code checkout.release: v42 5 → 25 %}; from null, all of it. */
    public List<String> changesSince(@Nullable RouteDocument before) {
        return DocumentChanges.between(before == null ? null : before.whole.tree(), whole.tree());
    }

    /** The JSON Schema (draft 7) of documents, for editors and other tools. */
    public static String schema() {
        try (InputStream in = RouteDocument.class.getResourceAsStream("/fairlead-v1.schema.json")) {
            return new String(
                    Objects.requireNonNull(in, "the schema in the jar").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** What a document calls itself, right or wrong as it may be. */
    static String versionOf(byte[] content) {
        return DocumentReader.version(content);
    }

    private static ServiceOptions apply(Said said, ServiceOptions options) {
        ServiceOptions changed = said.options().apply(options);
        return said.routes() == null ? changed : changed.withRoutes(said.routes());
    }

    /** The SHA-256 of a document, in hexadecimal digits. */
    static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
